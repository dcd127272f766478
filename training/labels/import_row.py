"""A row that an importer reads, before its validation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from training.labels.records import LabelError


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One clip, with the source's label and attributes."""

    where: str
    """The file, or the file and line, for error messages."""
    path: Path | None
    """The audio file; None if the clip is in the store and ``clip`` names it."""
    source: str
    clip: str | None = None
    group: str | None = None
    """None if unknown: each clip is then its own group."""
    word: str | None = None
    """The label in the source's own word; None without a label."""
    skipped: bool = False
    labeller: str | None = None
    """None for the source itself."""
    guideline: int | None = None
    at: datetime | None = None
    """None for the time of the import."""
    seconds: float | None = None
    round: int | None = None
    note: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def unreadable(table: Path, error: Exception) -> LabelError:
    """Build the error for a table that cannot be read: its path once, the reason and the remedy."""
    match error:
        case OSError():
            return LabelError(f"{table} cannot be read: {error.strerror}; name a readable file")
        case UnicodeDecodeError():
            return LabelError(f"{table} cannot be read: it is not UTF-8 text; save it as UTF-8")
        case _:
            return LabelError(f"{table} cannot be read: {error}; export it again")


def raise_problems(problems: list[str], shown: int = 3) -> None:
    """Raise LabelError with the first ``shown`` problems in one line, if there are any."""
    if problems:
        more = f" (and {len(problems) - shown} more)" if len(problems) > shown else ""
        raise LabelError("nothing was imported: " + "; ".join(problems[:shown]) + more)
