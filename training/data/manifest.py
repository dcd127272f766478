"""The clips there are to learn from: the data folder's manifest, checked.

The folder holds ``manifest.csv`` (file, source, group, kind, source_label, licence, duration_s, split), the audio under
``clips/`` and the teachers' scores in ``teacher_scores.npz``. It is never part of this repository.
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.data.annotations import ClipAnnotations
from training.storage.paths import DataError

KINDS = (
    "infant",
    "adult_speech",
    "singing",
    "child_speech",
    "human",
    "animal",
    "household",
    "ambience",
    "music",
    "rir",
)
SPLITS = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Clip:
    """One row of the manifest."""

    file: str
    source: str
    group: str
    """The infant, speaker or recording: clips of one group never stand in two splits."""
    kind: str
    """One of ``KINDS``."""
    source_label: str
    licence: str
    duration_s: float
    split: str
    """One of ``SPLITS``."""
    annotations: ClipAnnotations | None = None
    """What people who listened call it, see ``labeled``; None: nobody listened. Not in the manifest."""

    def __post_init__(self) -> None:
        for what, value, known in (("kind", self.kind, KINDS), ("split", self.split, SPLITS)):
            if value not in known:
                raise ValueError(f"{what} {value!r} is none of {', '.join(known)}")


def read_manifest(data: Path) -> list[Clip]:
    """Every clip of the manifest; DataError names the row that is wrong."""
    clips = []
    splits: dict[str, str] = {}
    with (data / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                clip = Clip(annotations=None, duration_s=float(row.pop("duration_s")), **row)
            except (TypeError, ValueError, KeyError) as error:
                raise DataError(f"{data / 'manifest.csv'}:{line}: not a clip row ({error})") from error
            if splits.setdefault(clip.group, clip.split) != clip.split:
                raise DataError(
                    f"{data / 'manifest.csv'}:{line}: group {clip.group} stands in two splits: split by group"
                )
            clips.append(clip)
    return clips


def clips_digest(clips: Sequence[Clip]) -> str:
    """SHA-256 over what was learned from, people's labels included, in any order."""
    rows = sorted(
        f"{clip.file},{clip.group},{clip.kind},{clip.split}"
        + ("" if clip.annotations is None else f",{clip.annotations}")
        for clip in clips
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
