"""Guideline v1 against v2: one network is trained under each, and both are heard through the device's decision.

Version 1 knows cry and not cry, so its network has two outputs and its device rings on cry. Both networks learn from
the same clips, in the same order, for the same number of steps. Episodes are composed from clips of groups that are in
no training set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import label_schema
from edge.detection import features
from edge.records import FloatArray, Scores
from training.data.workspace import Workspace
from training.experiments.label_noise.examples import CLIP_FRAMES, FRAMES_PER_SECOND, Examples, Frames, coarse
from training.experiments.label_noise.grid import draw
from training.experiments.label_noise.trainer import TrainSettings, probabilities, train
from training.storage.atomic import write_array
from training.storage.cache import make_missing
from training.synthesis.episodes import compose_episode
from training.synthesis.feature_shards import open_library

COMPARED_KINDS = ("cry", "cry_tv", "soothed", "fuss", "confuser")
"""The kinds of episodes for which one ring, or no ring, is right; those with a change halfway are left out."""
FIRST_END_S = CLIP_FRAMES // FRAMES_PER_SECOND
_PIECE = 20
"""Episodes in a file."""


@dataclass(frozen=True, slots=True)
class GuidelineComparison:
    """All that the networks of the comparison share."""

    workspace: Workspace
    train: Path
    """Stem of the examples to learn from."""
    examples: int
    settings: TrainSettings
    split: str
    each: int
    """Composed episodes of each kind."""
    episode_seed: int
    folder: Path
    """Folder of the episodes and of the networks' probabilities."""


def compose(comparison: GuidelineComparison) -> None:
    """Compose the episodes that are missing."""
    make_missing(
        _starts(comparison),
        partial(_piece_paths, comparison),
        partial(_compose_pieces, comparison),
        jobs=comparison.workspace.jobs,
        label=f"compose {comparison.split} episodes",
        unit="episode",
        amount=lambda start: len(_piece(comparison, start)),
    )


def load_episodes(comparison: GuidelineComparison) -> Frames:
    """Return the coarse log-mel of every composed episode, float16 [kinds, each, frames, 64]."""
    pieces = [np.load(path) for start in _starts(comparison) for path in _piece_paths(comparison, start)]
    episodes: Frames = np.concatenate(pieces).reshape(len(COMPARED_KINDS), comparison.each, -1, features.MELS)
    return episodes


def run_comparison(comparison: GuidelineComparison, seeds: int) -> dict[int, FloatArray]:
    """Return probabilities [seeds, kinds, each, windows, labels] by guideline version, made where missing."""
    compose(comparison)
    make_missing(
        [(version, seed) for seed in range(seeds) for version in (1, 2)],
        partial(_probability_paths, comparison),
        partial(_train_and_score, comparison),
        jobs=comparison.workspace.jobs,
        label="v1 and v2 nets",
        unit="net",
    )
    return {
        version: np.stack([np.load(*_probability_paths(comparison, (version, seed))) for seed in range(seeds)])
        for version in (1, 2)
    }


def as_scores(rows: FloatArray) -> list[Scores]:
    """Convert one episode's probabilities [windows, labels] to scores; cry of a v1 network becomes crying."""
    names = label_schema.load().names
    table = rows
    if rows.shape[1] == len(label_schema.load(1).names):
        table = np.zeros((len(rows), len(names)), np.float32)
        table[:, names.index("crying")], table[:, names.index("none")] = rows.T
    return [
        Scores(dict(zip(names, map(float, row), strict=True)), end_s=float(FIRST_END_S + number), level_dbfs=-30.0)
        for number, row in enumerate(table)
    ]


def _compose_pieces(comparison: GuidelineComparison, starts: Sequence[int]) -> None:
    library = open_library(comparison.workspace, comparison.split)
    for start in starts:
        made = []
        for kind, number in _piece(comparison, start):
            rng = np.random.default_rng([comparison.episode_seed, COMPARED_KINDS.index(kind), number])
            made.append(coarse(features.log_mel(compose_episode(kind, library, rng).samples)))
        write_array(*_piece_paths(comparison, start), np.stack(made))


def _train_and_score(comparison: GuidelineComparison, networks: Sequence[tuple[int, int]]) -> None:
    """Train a network for each guideline version and seed, and write its probabilities of every window."""
    pool = Examples.load(comparison.train)
    windows = np.lib.stride_tricks.sliding_window_view(load_episodes(comparison), CLIP_FRAMES, axis=2)
    windows = windows[:, :, ::FRAMES_PER_SECOND].swapaxes(-1, -2)  # [kinds, each, windows, frames, mels]
    for version, seed in networks:
        guideline = label_schema.load(version)
        chosen = draw(len(pool), comparison.examples, seed)
        labels = pool.labels[chosen]
        if version == 1:  # both draw the line of distress at 0.3 s: not cry is exactly what v2 calls none
            none = label_schema.load().names.index("none")
            labels = np.where(labels == none, guideline.names.index("not cry"), guideline.names.index("cry"))
        net = train(pool.frames[chosen], labels, len(guideline.names), comparison.settings, seed)
        scored = [[probabilities(net, episode) for episode in kind] for kind in windows]
        write_array(*_probability_paths(comparison, (version, seed)), np.array(scored))


def _starts(comparison: GuidelineComparison) -> range:
    return range(0, len(COMPARED_KINDS) * comparison.each, _PIECE)


def _piece(comparison: GuidelineComparison, start: int) -> list[tuple[str, int]]:
    """Return kind and number of the episodes in one file."""
    return [(kind, number) for kind in COMPARED_KINDS for number in range(comparison.each)][start : start + _PIECE]


def _piece_paths(comparison: GuidelineComparison, start: int) -> tuple[Path]:
    return (comparison.folder / f"episodes-{start:05d}.npy",)


def _probability_paths(comparison: GuidelineComparison, network: tuple[int, int]) -> tuple[Path]:
    version, seed = network
    return (comparison.folder / f"v{version}-{seed}.npy",)
