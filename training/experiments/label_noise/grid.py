"""The size of the experiment and its grid over examples, label noise and seeds; each grid point is one network."""

from dataclasses import dataclass

import numpy as np

from training.experiments.label_noise.examples import Labels
from training.experiments.label_noise.noise import NOISES, Noise


@dataclass(frozen=True, slots=True)
class GridSize:
    """Numbers of examples, seeds, steps, shards and episodes."""

    reference: int = 500
    """Examples that are cleaned or doubled; the curves reach from a quarter of this number to four times."""
    seeds: int = 5
    steps: int = 600
    shards: int = 120
    """Shards of training scenes, shared with ``train``."""
    test_shards: int = 12
    comparison_examples: int = 6_000
    comparison_steps: int = 1_000
    episodes: int = 40
    """Composed episodes of each kind."""


REHEARSAL = GridSize(
    8, seeds=2, steps=3, shards=1, test_shards=1, comparison_examples=30, comparison_steps=3, episodes=1
)
"""The smallest size: it shows that every step runs, and its figures mean nothing."""


@dataclass(frozen=True, slots=True)
class GridPoint:
    """The training set of one network."""

    examples: int
    noise: Noise
    seed: int
    """Seed of the chosen clips, the wrong labels, the first weights and the order."""


@dataclass(frozen=True, slots=True)
class Result:
    """The network's metrics on correctly labeled clips of groups that are in no training set."""

    cell: GridPoint
    wrong: float
    """Fraction of wrong labels in the training set."""
    macro_f1: float
    auc: float
    """Of crying or soothed-crying against none."""
    cpu_s: float
    """Processor time of training and measuring, seconds."""


def sizes(reference: int) -> list[int]:
    """Return a quarter, half, all, twice and four times the reference."""
    return [reference // 4, reference // 2, reference, 2 * reference, 4 * reference]


def grid(reference: int, seeds: int) -> list[GridPoint]:
    """Return every point, seed by seed, so that an unfinished experiment has all sizes of a few seeds."""
    return [GridPoint(size, noise, seed) for seed in range(seeds) for noise in NOISES for size in sizes(reference)]


def draw(pool: int, count: int, seed: int) -> Labels:
    """Draw the places of ``count`` clips in the pool; a larger count of the same seed contains the smaller one."""
    return np.random.default_rng([seed, 0]).permutation(pool)[:count]
