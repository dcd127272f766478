"""What an importer finds, before anything is believed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from training.labels.records import LabelError


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One clip, and what its source says of it."""

    where: str
    """The file, or file and line, to name in an error."""
    path: Path | None
    """The audio; None: the clip is in the store, and ``clip`` names it."""
    source: str
    clip: str | None = None
    group: str | None = None
    """None: nobody knows, so each clip is a group of its own."""
    word: str | None = None
    """The label in the source's own words; None: it has none."""
    skipped: bool = False
    labeller: str | None = None
    """None: the source itself."""
    guideline: int | None = None
    at: datetime | None = None
    """None: now."""
    seconds: float | None = None
    round: int | None = None
    note: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def refuse(problems: list[str], shown: int = 3) -> None:
    """LabelError of one line naming the first problems, if there are any."""
    if problems:
        more = f" (and {len(problems) - shown} more)" if len(problems) > shown else ""
        raise LabelError("nothing was imported: " + "; ".join(problems[:shown]) + more)
