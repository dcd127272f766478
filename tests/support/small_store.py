"""A small labeling desk: clips of hiss in a store, and people who label them."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile

import label_schema
from training.labels.records import Label, StoredClip

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def clip(number: int, **attributes: str) -> StoredClip:
    """A row without a file."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return StoredClip(digest, ".wav", 100 + number, 5.0, "desk", f"infant:{number}", attributes)


def label(
    of: StoredClip, labeller: str, said: str | None, version: int = 2, round_: int = 1, seconds: float | None = None
) -> Label:
    """One answer."""
    digest = label_schema.load(version).digest
    return Label(of.clip, labeller, said, version, digest, START, seconds, round_)


def labels(clips: Sequence[StoredClip], said: Mapping[str, str], version: int = 2, names: str = "cfs.") -> list[Label]:
    """Answers as strings, a letter a clip: crying, fussing, soothed-crying, `.` none, space not heard."""
    meaning = dict(zip(names, label_schema.load(version).names, strict=False))
    return [
        label(each, labeller, meaning[letter], version)
        for labeller, letters in said.items()
        for each, letter in zip(clips, letters, strict=True)
        if letter != " "
    ]


def sound(path: Path, seed: int, seconds: float = 0.25) -> Path:
    """A short recording, another one for each seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(seed).normal(0, 0.1, round(16_000 * seconds)).clip(-1, 1)
    soundfile.write(path, samples.astype(np.float32), 16_000)
    return path
