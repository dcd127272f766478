"""Labeled five-second clips: one window of each composed scene whose label is certain under the guideline.

They are kept as two ``.npy`` files that every process maps into memory. The frames are averaged to 16 a second, which
suffices for the small network at a quarter of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from edge.detection import features
from edge.detection.classifier import WINDOW_FRAMES, WINDOW_STEPS
from label_schema import Guideline
from training.storage.atomic import write_array
from training.storage.cache import make_once
from training.synthesis.clip_labels import CONFIDENT
from training.synthesis.feature_shards import load_shard
from training.synthesis.targets import window_labels

AVERAGED_FRAMES = 4
CLIP_FRAMES = WINDOW_FRAMES // AVERAGED_FRAMES
FRAMES_PER_SECOND = features.FRAMES_PER_SECOND // AVERAGED_FRAMES
FROM_S = 5
"""The window is 5 s to 10 s of the scene's 16 s, so that a person comes or goes outside it as often as inside."""

Frames = npt.NDArray[np.float16]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Clips with their labels by construction."""

    frames: Frames
    """Log-mel [clips, 80, 64]."""
    labels: Labels
    """[clips], places in the guideline's order."""

    @classmethod
    @cache
    def load(cls, stem: Path) -> Self:
        """Open the files of :func:`collect`, once in a process."""
        frames, labels = _paths(stem)
        return cls(np.load(frames, mmap_mode="r"), np.load(labels))

    def __len__(self) -> int:
        return len(self.labels)


def coarse(frames: npt.NDArray[np.floating]) -> Frames:
    """Average log-mel [..., frames, 64] over each four frames."""
    split = (*frames.shape[:-2], -1, AVERAGED_FRAMES, frames.shape[-1])
    averaged: Frames = frames.astype(np.float32).reshape(split).mean(axis=-2).astype(np.float16)
    return averaged


def collect(shards: Sequence[Path], guideline: Guideline, stem: Path) -> Path:
    """Write the examples of the scenes at ``stem`` unless they exist; return the stem."""
    frames_path, labels_path = _paths(stem)

    def make() -> None:
        made = [_of_shard(shard, guideline) for shard in tqdm(shards, f"{stem.name} examples", unit="shard")]
        write_array(frames_path, np.concatenate([frames for frames, _ in made]))
        write_array(labels_path, np.concatenate([labels for _, labels in made]))

    make_once(labels_path, make)
    return stem


def _of_shard(shard: Path, guideline: Guideline) -> tuple[Frames, Labels]:
    frames, tracks, _ = load_shard(shard)
    odds = window_labels(torch.from_numpy(tracks), guideline, WINDOW_STEPS)[:, FROM_S].numpy()
    sure = odds.max(axis=1) >= CONFIDENT
    first = FROM_S * features.FRAMES_PER_SECOND
    return coarse(frames[sure, first : first + WINDOW_FRAMES]), odds[sure].argmax(axis=1)


def _paths(stem: Path) -> tuple[Path, Path]:
    return stem.with_name(f"{stem.name}-frames.npy"), stem.with_name(f"{stem.name}-labels.npy")
