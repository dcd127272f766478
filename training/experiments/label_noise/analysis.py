"""What the outcomes say: curves, what noisy examples are worth, and whether to clean or to collect.

Every figure is a mean over seeds; its interval is a percentile bootstrap over them. Two cells of one seed share their
clips and first weights, so differences are taken seed by seed before anything is averaged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.experiments.label_noise.grid import Result
from training.experiments.label_noise.noise import CLEAN, Noise

RESAMPLES = 2_000
_BOUNDS = (2.5, 97.5)

Figures = npt.NDArray[np.float64]
Table = Mapping[Noise, Figures]
"""For each noise a figure of every cell, [sizes, seeds]."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of wrong labels, and what to do about them."""

    noise: Noise
    worth: Estimate
    """How many of such examples do as well as the reference with clean labels; infinite: more than were tried."""
    gain: Estimate
    """Cleaning the reference's labels, less doubling the reference with labels as wrong, in the figure's unit."""

    @property
    def verdict(self) -> str:
        """Only what the interval bears."""
        if self.gain.low > 0:
            return "clean"
        return "collect" if self.gain.high < 0 else "cannot tell"


def table(outcomes: Sequence[Result], figure: str) -> dict[Noise, Figures]:
    """One figure (``macro_f1``, ``auc`` or ``wrong``) of every cell by noise, size and seed."""
    values = {outcome.cell: getattr(outcome, figure) for outcome in outcomes}
    counts = sorted({cell.examples for cell in values})
    seeds = sorted({cell.seed for cell in values})
    found: dict[Noise, list[list[float]]] = {}
    for noise in dict.fromkeys(cell.noise for cell in values):
        mine = {(cell.examples, cell.seed): value for cell, value in values.items() if cell.noise == noise}
        found[noise] = [[mine[count, seed] for seed in seeds] for count in counts]
    return {noise: np.array(rows) for noise, rows in found.items()}


def estimate(seeds: Figures) -> Estimate:
    """The mean of one value a seed."""
    return interval(float(seeds.mean()), seeds[_resampled(len(seeds))].mean(axis=1))


def interval(value: float, resampled: Figures) -> Estimate:
    """From resampled values; where some are infinite, one of them and not between two."""
    low, high = np.percentile(resampled, _BOUNDS, method="nearest")
    return Estimate(value, float(low), float(high))


def choices(figures: Table, counts: Sequence[int], reference: int) -> list[Choice]:
    """For each noise: what its examples are worth, and cleaning against doubling."""
    at, twice = counts.index(reference), counts.index(2 * reference)
    clean = figures[CLEAN]
    return [
        Choice(noise, _worth(clean[at], rows, counts), estimate(clean[at] - rows[twice]))
        for noise, rows in figures.items()
        if noise != CLEAN
    ]


def _worth(clean: Figures, noisy: Figures, counts: Sequence[int]) -> Estimate:
    """``clean`` [seeds] at the reference; ``noisy`` [sizes, seeds]."""
    resampled = [_examples_for(clean[seeds].mean(), noisy[:, seeds], counts) for seeds in _resampled(len(clean))]
    return interval(_examples_for(clean.mean(), noisy, counts), np.array(resampled))


def _examples_for(target: float, noisy: Figures, counts: Sequence[int]) -> float:
    """Where the mean curve, which more examples are taken not to lower, reaches the target; log-linear in between."""
    curve = np.maximum.accumulate(noisy.mean(axis=1))
    if curve[-1] < target:
        return float("inf")
    above = int(np.argmax(curve >= target))
    if above == 0:
        return float(counts[0])
    part = (target - curve[above - 1]) / (curve[above] - curve[above - 1])
    return float(counts[above - 1] * (counts[above] / counts[above - 1]) ** part)


def _resampled(seeds: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(0).integers(seeds, size=(RESAMPLES, seeds))
