"""The manifest of the data folder: its clips, validated.

The folder holds ``manifest.csv`` (file, source, group, kind, source_label, licence, duration_s, split), the audio under
``clips/`` and the taggers' scores in ``teacher_scores.npz``. It is never part of this repository.
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
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
    """The infant, speaker or recording: the clips of one group are in the same split."""
    kind: str
    """One of ``KINDS``."""
    source_label: str
    licence: str
    duration_s: float
    split: str
    """One of ``SPLITS``."""
    annotations: ClipAnnotations | None = None
    """Labels by people or programs; None without any. Not part of the manifest."""

    def __post_init__(self) -> None:
        for what, value, known in (("kind", self.kind, KINDS), ("split", self.split, SPLITS)):
            if value not in known:
                raise ValueError(f"{what} {value!r} is not one of {', '.join(known)}")


MANIFEST_COLUMNS = tuple(field.name for field in fields(Clip) if field.name != "annotations")
"""Columns of ``manifest.csv``."""


def read_manifest(data: Path) -> list[Clip]:
    """Read every clip of the manifest; DataError names the line of a wrong row."""
    clips = []
    splits: dict[str, str] = {}
    with (data / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                clip = Clip(annotations=None, duration_s=float(row.pop("duration_s")), **row)
            except (TypeError, ValueError, KeyError) as error:
                raise DataError(f"{data / 'manifest.csv'}:{line}: not a clip row ({error})") from error
            if splits.setdefault(clip.group, clip.split) != clip.split:
                raise DataError(f"{data / 'manifest.csv'}:{line}: group {clip.group} is in two splits: split by group")
            clips.append(clip)
    return clips


def clips_digest(clips: Sequence[Clip]) -> str:
    """Return the SHA-256 over the clips and their annotations; their order does not count."""
    rows = sorted(
        f"{clip.file},{clip.group},{clip.kind},{clip.split}"
        + ("" if clip.annotations is None else f",{clip.annotations}")
        for clip in clips
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
