"""Reliability statistics: percent agreement, Cohen's kappa, Krippendorff's alpha, bootstrap intervals over clips.

Each statistic is a function of a table of pairs [K, K] that is a sum over clips. So a bootstrap resample is a weighted
sum of the few distinct tables, whatever the number of clips.
Cohen 1960, https://doi.org/10.1177/001316446002000104; Krippendorff 2011,
https://repository.upenn.edu/handle/20.500.14332/2089.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from training.statistics import RESAMPLES, IntervalEstimate, interval

FloatTable = npt.NDArray[np.float64]
Statistic = Callable[[FloatTable], FloatTable]
"""Function from tables [..., K, K] to figures [...]; NaN if the figure is undefined."""


def coincidences(values: npt.NDArray[np.int8], classes: int) -> FloatTable:
    """Return Krippendorff's coincidences of each clip, [clips, K, K], symmetric.

    A clip with m labels counts each ordered pair 1 / (m - 1) times, so its weight is m. A clip with one label has the
    weight 0.
    """
    counts = np.stack([(values == one).sum(axis=1) for one in range(classes)], axis=1).astype(float)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(classes)
    given = counts.sum(axis=1)
    tables: FloatTable = np.where(given >= 2, 1 / np.maximum(given - 1, 1), 0)[:, None, None] * pairs
    return tables


def cross_tables(first: npt.NDArray[np.int8], second: npt.NDArray[np.int8], classes: int) -> FloatTable:
    """Return the first labeler's label (row) and the second's (column), [clips, K, K]; zeros if one is missing."""
    row, column = (each[:, None] == np.arange(classes) for each in (first, second))
    tables: FloatTable = (row[:, :, None] & column[:, None, :]).astype(float)
    return tables


def percent(table: FloatTable) -> FloatTable:
    """Return the share of pairs that agree."""
    return _ratio(_agreeing(table), _total(table))


def kappa(table: FloatTable) -> FloatTable:
    """Return Cohen's kappa of cross tables: agreement beyond chance, given each labeler's shares of labels."""
    total = _total(table)
    chance = _ratio((table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1), total**2)
    return _ratio(percent(table) - chance, 1 - chance)


def alpha(table: FloatTable) -> FloatTable:
    """Return Krippendorff's nominal alpha of coincidences: 1 - observed / expected disagreement."""
    total = _total(table)
    expected = _ratio(total**2 - (table.sum(axis=-1) ** 2).sum(axis=-1), total - 1)
    return 1 - _ratio(total - _agreeing(table), expected)


def specific(table: FloatTable, one: int) -> FloatTable:
    """Return the specific agreement: the share of a labeler's labels of this class that another confirms."""
    return _ratio(table[..., one, one], table[..., one, :].sum(axis=-1))


def one_against_rest(one: int) -> Callable[[FloatTable], FloatTable]:
    """Return a function that collapses tables to this class and the rest, [..., 2, 2]."""

    def collapse(table: FloatTable) -> FloatTable:
        both = table[..., one, one]
        only_row, only_column = table[..., one, :].sum(-1) - both, table[..., :, one].sum(-1) - both
        neither = _total(table) - both - only_row - only_column
        pairs: FloatTable = np.stack([both, only_row, only_column, neither], axis=-1)
        return pairs.reshape(*both.shape, 2, 2)

    return collapse


def bootstrap(tables: FloatTable, statistic: Statistic) -> IntervalEstimate:
    """Return the statistic of the clips' summed tables, with its percentile interval over resampled clips.

    It draws counts of distinct tables, not clips as ``training.statistics.bootstrap`` does, so that its cost does not
    grow with the number of clips.
    """
    paired = tables[tables.any(axis=(1, 2))]
    if not len(paired):
        return IntervalEstimate(np.nan, np.nan, np.nan)
    kinds, counts = np.unique(paired.reshape(len(paired), -1), axis=0, return_counts=True)
    drawn = np.random.default_rng(0).multinomial(len(paired), counts / len(paired), size=RESAMPLES)
    resampled = statistic((drawn @ kinds).reshape(RESAMPLES, *tables.shape[1:]))
    value = float(statistic(paired.sum(axis=0)))
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not len(defined):
        return IntervalEstimate(value, np.nan, np.nan)
    return IntervalEstimate(value, *interval(defined))


def _agreeing(table: FloatTable) -> FloatTable:
    agreeing: FloatTable = np.trace(table, axis1=-2, axis2=-1)
    return agreeing


def _total(table: FloatTable) -> FloatTable:
    total: FloatTable = table.sum(axis=(-2, -1))
    return total


def _ratio(part: FloatTable, whole: FloatTable) -> FloatTable:
    """Return the ratio; NaN for a zero denominator, as with a single label, where chance agreement is undefined."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    nonzero = np.abs(whole) > 1e-12
    ratio: FloatTable = np.where(nonzero, part / np.where(nonzero, whole, 1), np.nan)
    return ratio
