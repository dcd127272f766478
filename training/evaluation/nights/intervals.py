"""Figures with 95 % intervals: a bootstrap over acts, and exact bounds where a bootstrap has nothing to vary."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2_000
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure, where it may lie, and how many acts it rests on; NaN without any."""

    value: float
    low: float
    high: float
    acts: int


_UNKNOWN = Interval(float("nan"), float("nan"), float("nan"), 0)


def share(answers: Sequence[float]) -> Interval:
    """Percentage of yes. If all answers are the same, the bound is exact (Clopper and Pearson)."""
    if not answers:
        return _UNKNOWN
    values = 100 * np.asarray(answers, float)
    value = float(values.mean())
    low, high = _bounds(values[_resampled(len(values))].mean(axis=1))
    furthest = 100 * _TAIL ** (1 / len(values))
    if value == 100:
        low = furthest
    elif value == 0:
        high = 100 - furthest
    return Interval(value, low, high, len(values))


def percentile(values: Sequence[float], percent: float) -> Interval:
    """A percentile of values, of which some may be infinite: never."""
    if not values:
        return _UNKNOWN
    array = np.asarray(values, float)
    # The nearest value at or above, not an interpolation: between a number and never lies nothing.
    resampled = np.percentile(array[_resampled(len(array))], percent, axis=1, method="higher")
    low, high = np.percentile(resampled, [100 * _TAIL, 100 * (1 - _TAIL)], method="nearest")
    return Interval(float(np.percentile(array, percent, method="higher")), float(low), float(high), len(array))


def rate(counts: Sequence[int], exposures: Sequence[float]) -> Interval:
    """Counts by exposure. If nothing was counted, the upper bound is exact (Poisson)."""
    if not counts:
        return _UNKNOWN
    count, exposure = np.asarray(counts, float), np.asarray(exposures, float)
    if not count.any():
        return Interval(0.0, 0.0, float(-np.log(_TAIL) / exposure.sum()), len(count))
    chosen = _resampled(len(count))
    low, high = _bounds(count[chosen].sum(axis=1) / exposure[chosen].sum(axis=1))
    return Interval(float(count.sum() / exposure.sum()), low, high, len(count))


def _resampled(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(0).integers(count, size=(RESAMPLES, count))


def _bounds(resampled: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    low, high = np.percentile(resampled, [100 * _TAIL, 100 * (1 - _TAIL)])
    return float(low), float(high)
