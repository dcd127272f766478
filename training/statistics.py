"""Estimates with 95 % intervals, by a percentile bootstrap (Efron 1979, https://doi.org/10.1214/aos/1176344552).

Every interval is drawn from the same seed, so that the same values give the same figures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

RESAMPLES = 2_000
TAIL = 0.025
"""Probability beyond each end of an interval."""
CONFIDENCE = 1 - 2 * TAIL

Figures = npt.NDArray[np.float64]
Method = Literal["linear", "nearest"]


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """A figure and its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate(IntervalEstimate):
    """An interval estimate with the number of its observations."""

    n: int
    """Observations that it rests on."""

    def as_record(self, counted: str) -> dict[str, Any]:
        """Return the fields for a JSON file, with the number of observations under the name ``counted``."""
        return {"value": self.value, "low": self.low, "high": self.high, counted: self.n}


NO_ESTIMATE = Estimate(float("nan"), float("nan"), float("nan"), 0)
"""The estimate from no observation."""


def resample(count: int, resamples: int = RESAMPLES) -> npt.NDArray[np.int64]:
    """Draw ``count`` of ``count`` places with replacement, again and again: int64 [resamples, count]."""
    return np.random.default_rng(0).integers(count, size=(resamples, count))


def interval(resampled: Figures, method: Method = "linear") -> tuple[float, float]:
    """Return both ends of the 95 % interval of a figure's resampled values.

    Use ``nearest`` where values may be infinite: interpolation with infinity is undefined.
    """
    low, high = np.percentile(resampled, [100 * TAIL, 100 * (1 - TAIL)], method=method)
    return float(low), float(high)


def bootstrap(
    values: Figures,
    statistic: Callable[[Figures], Figures],
    *,
    resamples: int = RESAMPLES,
    method: Method = "linear",
) -> Estimate:
    """Estimate a statistic of ``values`` [n], resampled with replacement; NO_ESTIMATE without any.

    ``statistic`` maps [..., n] to [...].
    """
    if not len(values):
        return NO_ESTIMATE
    low, high = interval(statistic(values[resample(len(values), resamples)]), method)
    return Estimate(float(statistic(values)), low, high, len(values))


def mean(values: Figures) -> Figures:
    """Return the mean over the last axis, for :func:`bootstrap`."""
    means: Figures = values.mean(axis=-1)
    return means
