"""Curves over the grid, the worth of noisy examples, and the choice between cleaning and collecting.

Every figure is a mean over seeds with a percentile bootstrap over seeds. Two grid points of one seed share their clips
and first weights, so differences are taken seed by seed before they are averaged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.experiments.label_noise.grid import Result
from training.experiments.label_noise.noise import CLEAN, Noise
from training.statistics import Estimate, Figures, bootstrap, interval, mean, resample

Table = Mapping[Noise, Figures]
"""A figure of every grid point by noise, [sizes, seeds]."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of wrong labels, and whether to clean them or to collect more."""

    noise: Noise
    worth: Estimate
    """Number of such examples that equal the reference with clean labels; infinite where more are needed than tried."""
    gain: Estimate
    """The figure after cleaning the reference's labels, less the figure after doubling the reference uncleaned."""

    @property
    def verdict(self) -> str:
        """The better choice, if the whole interval agrees."""
        if self.gain.low > 0:
            return "clean"
        return "collect" if self.gain.high < 0 else "cannot tell"


def table(outcomes: Sequence[Result], figure: str) -> dict[Noise, Figures]:
    """Arrange one figure (``macro_f1``, ``auc`` or ``wrong``) of every grid point by noise, size and seed."""
    values = {outcome.cell: getattr(outcome, figure) for outcome in outcomes}
    counts = sorted({cell.examples for cell in values})
    seeds = sorted({cell.seed for cell in values})
    found: dict[Noise, list[list[float]]] = {}
    for noise in dict.fromkeys(cell.noise for cell in values):
        mine = {(cell.examples, cell.seed): value for cell, value in values.items() if cell.noise == noise}
        found[noise] = [[mine[count, seed] for seed in seeds] for count in counts]
    return {noise: np.array(rows) for noise, rows in found.items()}


def estimate(seeds: Figures) -> Estimate:
    """Estimate the mean of one value a seed."""
    return bootstrap(seeds, mean, method="nearest")


def estimate_from(value: float, resampled: Figures, n: int) -> Estimate:
    """Build the estimate of a value with its resampled values, some of which may be infinite."""
    return Estimate(value, *interval(resampled, "nearest"), n)


def choices(figures: Table, counts: Sequence[int], reference: int) -> list[Choice]:
    """Return the worth of examples and the gain of cleaning for each noise."""
    at, twice = counts.index(reference), counts.index(2 * reference)
    clean = figures[CLEAN]
    return [
        Choice(noise, _worth(clean[at], rows, counts), estimate(clean[at] - rows[twice]))
        for noise, rows in figures.items()
        if noise != CLEAN
    ]


def _worth(clean: Figures, noisy: Figures, counts: Sequence[int]) -> Estimate:
    """Estimate the number of noisy examples [sizes, seeds] that equal ``clean`` [seeds] at the reference."""
    resampled = [_examples_for(clean[seeds].mean(), noisy[:, seeds], counts) for seeds in resample(len(clean))]
    return estimate_from(_examples_for(clean.mean(), noisy, counts), np.array(resampled), len(clean))


def _examples_for(target: float, noisy: Figures, counts: Sequence[int]) -> float:
    """Return where the mean curve, made non-decreasing, reaches the target; log-linear between sizes."""
    curve = np.maximum.accumulate(noisy.mean(axis=1))
    if curve[-1] < target:
        return float("inf")
    above = int(np.argmax(curve >= target))
    if above == 0:
        return float(counts[0])
    part = (target - curve[above - 1]) / (curve[above] - curve[above - 1])
    return float(counts[above - 1] * (counts[above] / counts[above - 1]) ** part)
