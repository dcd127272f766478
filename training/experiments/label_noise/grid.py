"""How far a study goes, and its grid: so many examples, with such labels, from such a seed; each cell is one net."""

from dataclasses import dataclass

import numpy as np

from training.experiments.label_noise.examples import Labels
from training.experiments.label_noise.noise import NOISES, Noise


@dataclass(frozen=True, slots=True)
class GridSize:
    """How much is composed, learned and listened to."""

    reference: int = 500
    """Examples that are cleaned or doubled; the curves run from a quarter of it to four times."""
    seeds: int = 5
    steps: int = 600
    shards: int = 120
    """Of the scenes that ``train`` composes: whichever comes first makes them for both."""
    test_shards: int = 12
    story_examples: int = 6_000
    story_steps: int = 1_000
    episodes: int = 40
    """Composed episodes of each kind."""


REHEARSAL = GridSize(8, seeds=2, steps=3, shards=1, test_shards=1, story_examples=30, story_steps=3, episodes=1)
"""Shows that every step runs; the figures are worth nothing."""


@dataclass(frozen=True, slots=True)
class GridPoint:
    """What one net learns from."""

    examples: int
    noise: Noise
    seed: int
    """Chooses the clips, which labels are wrong, the first weights and the order."""


@dataclass(frozen=True, slots=True)
class Result:
    """How that net does on clips of groups it never saw, labeled right."""

    cell: GridPoint
    wrong: float
    """Fraction of the labels it learned from that were wrong."""
    macro_f1: float
    auc: float
    """Of crying or soothed-crying against none."""
    cpu_s: float
    """Processor time it took."""


def sizes(reference: int) -> list[int]:
    """A quarter, half, all, twice and four times the reference."""
    return [reference // 4, reference // 2, reference, 2 * reference, 4 * reference]


def grid(reference: int, seeds: int) -> list[GridPoint]:
    """Every cell, seed by seed: an unfinished study has a few seeds rather than a few sizes."""
    return [GridPoint(size, noise, seed) for seed in range(seeds) for noise in NOISES for size in sizes(reference)]


def draw(pool: int, count: int, seed: int) -> Labels:
    """Places of ``count`` clips in the pool; more of the same seed are the same ones and others."""
    return np.random.default_rng([seed, 0]).permutation(pool)[:count]
