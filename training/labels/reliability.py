"""How far labellers agree: percent, Cohen's kappa, Krippendorff's alpha, and bootstrap intervals over clips.

Everything is a function of a table of pairs [K, K] that is a sum over clips, so a bootstrap resample is a weighted sum
of the few distinct tables there are, whatever the number of clips.
Cohen 1960, https://doi.org/10.1177/001316446002000104; Krippendorff 2011,
https://repository.upenn.edu/handle/20.500.14332/2089.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatTable = npt.NDArray[np.float64]
Statistic = Callable[[FloatTable], FloatTable]
"""Tables [..., K, K] to figures [...]; NaN where the figure is not defined."""

RESAMPLES = 2_000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class ReliabilityInterval:
    """A figure and its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def coincidences(values: npt.NDArray[np.int8], classes: int) -> FloatTable:
    """Krippendorff's coincidences of each clip, [clips, K, K], symmetric.

    A clip with m labels counts each ordered pair of them 1 / (m - 1) times, so m labels weigh m; one label alone
    weighs nothing.
    """
    counts = np.stack([(values == one).sum(axis=1) for one in range(classes)], axis=1).astype(float)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(classes)
    given = counts.sum(axis=1)
    tables: FloatTable = np.where(given >= 2, 1 / np.maximum(given - 1, 1), 0)[:, None, None] * pairs
    return tables


def cross_tables(first: npt.NDArray[np.int8], second: npt.NDArray[np.int8], classes: int) -> FloatTable:
    """Which label the first gave (row) and the second gave (column), [clips, K, K]; zero where one is missing."""
    row, column = (each[:, None] == np.arange(classes) for each in (first, second))
    tables: FloatTable = (row[:, :, None] & column[:, None, :]).astype(float)
    return tables


def percent(table: FloatTable) -> FloatTable:
    """The share of pairs that agree."""
    return _ratio(_agreeing(table), _total(table))


def kappa(table: FloatTable) -> FloatTable:
    """Cohen's kappa of cross tables: agreement beyond what each one's own habits would give by chance."""
    total = _total(table)
    chance = _ratio((table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1), total**2)
    return _ratio(percent(table) - chance, 1 - chance)


def alpha(table: FloatTable) -> FloatTable:
    """Krippendorff's alpha (nominal) of coincidences: 1 - disagreement observed / expected by chance."""
    total = _total(table)
    expected = _ratio(total**2 - (table.sum(axis=-1) ** 2).sum(axis=-1), total - 1)
    return 1 - _ratio(total - _agreeing(table), expected)


def specific(table: FloatTable, one: int) -> FloatTable:
    """Where one labeller says this class, how often another one does too."""
    return _ratio(table[..., one, one], table[..., one, :].sum(axis=-1))


def one_against_rest(one: int) -> Callable[[FloatTable], FloatTable]:
    """Tables of one class or not, [..., 2, 2]."""

    def collapse(table: FloatTable) -> FloatTable:
        both = table[..., one, one]
        only_row, only_column = table[..., one, :].sum(-1) - both, table[..., :, one].sum(-1) - both
        neither = _total(table) - both - only_row - only_column
        pairs: FloatTable = np.stack([both, only_row, only_column, neither], axis=-1)
        return pairs.reshape(*both.shape, 2, 2)

    return collapse


def bootstrap(tables: FloatTable, statistic: Statistic, seed: int = 0) -> ReliabilityInterval:
    """The statistic of the sum of the clips' tables, with its percentile interval over resampled clips."""
    paired = tables[tables.any(axis=(1, 2))]
    if not len(paired):
        return ReliabilityInterval(np.nan, np.nan, np.nan)
    kinds, counts = np.unique(paired.reshape(len(paired), -1), axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(paired), counts / len(paired), size=RESAMPLES)
    resampled = statistic((drawn @ kinds).reshape(RESAMPLES, *tables.shape[1:]))
    value = float(statistic(paired.sum(axis=0)))
    defined = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not len(defined):
        return ReliabilityInterval(value, np.nan, np.nan)
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return ReliabilityInterval(value, float(low), float(high))


def _agreeing(table: FloatTable) -> FloatTable:
    agreeing: FloatTable = np.trace(table, axis1=-2, axis2=-1)
    return agreeing


def _total(table: FloatTable) -> FloatTable:
    total: FloatTable = table.sum(axis=(-2, -1))
    return total


def _ratio(part: FloatTable, whole: FloatTable) -> FloatTable:
    """NaN for 0 / 0: where only one label was ever given, there is no chance to measure agreement against."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    nonzero = np.abs(whole) > 1e-12
    ratio: FloatTable = np.where(nonzero, part / np.where(nonzero, whole, 1), np.nan)
    return ratio
