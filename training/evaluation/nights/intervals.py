"""Shares, percentiles and rates with 95 % intervals.

An interval is a bootstrap over night events, or an exact bound if all values are equal, where a bootstrap cannot vary.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from training.statistics import NO_ESTIMATE, TAIL, Estimate, Figures, bootstrap, interval, mean, resample


def share(answers: Sequence[float]) -> Estimate:
    """Return the percentage of answers that are yes, each 1 or 0, with its 95 % interval.

    If all answers are equal, the interval's other end is exact (Clopper and Pearson 1934).
    """
    found = bootstrap(100 * np.asarray(answers, float), mean)
    furthest = 100 * TAIL ** (1 / max(1, found.n))
    if found.value == 100:
        return replace(found, low=furthest)
    return replace(found, high=100 - furthest) if found.value == 0 else found


def percentile(values: Sequence[float], percent: float) -> Estimate:
    """Estimate a percentile of values; a value may be infinite, for "never"."""

    # "higher", since interpolation between a number and infinity is undefined.
    def statistic(rows: Figures) -> Figures:
        return np.asarray(np.percentile(rows, percent, axis=-1, method="higher"))

    return bootstrap(np.asarray(values, float), statistic, method="nearest")


def rate(counts: Sequence[int], exposures: Sequence[float]) -> Estimate:
    """Estimate counts by exposure. If all counts are 0, the upper bound is exact (Poisson)."""
    if not counts:
        return NO_ESTIMATE
    count, exposure = np.asarray(counts, float), np.asarray(exposures, float)
    if not count.any():
        return Estimate(0.0, 0.0, float(-np.log(TAIL) / exposure.sum()), len(count))
    chosen = resample(len(count))
    low, high = interval(count[chosen].sum(axis=1) / exposure[chosen].sum(axis=1))
    return Estimate(float(count.sum() / exposure.sum()), low, high, len(count))
