"""Differences of two models on the same night events, with 95 % intervals.

An interval is the wider of two. One is a bootstrap over the night events' subjects, because the night events of one
infant or of one cat are alike. The other is a bound from the number of changed night events with one added in each
direction, because a bootstrap of few changes is too narrow: Bonett and Price's for shares (2012, doi
10.1177/0962280211403597), its Poisson counterpart for rates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from training.data.manifest import Clip
from training.evaluation.error_analysis.slice_keys import subject
from training.evaluation.nights.metrics import PARENTS_NIGHT_H, EventAnswer
from training.statistics import Figures, interval, resample

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Pair:
    """One night event's figure under the old and under the new model."""

    group: str
    """The subject; pairs of one group are resampled together."""
    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure under two models; NaN without night events."""

    old: float
    new: float
    low: float
    """Lower end of the 95 % interval of ``new - old``."""
    high: float
    acts: int
    """Number of night events; the key in ``release.json``."""
    changed: int
    """Number of night events whose answer changed."""

    @property
    def change(self) -> float:
        """``new - old``."""
        return self.new - self.old


NO_DIFFERENCE = Difference(float("nan"), float("nan"), float("nan"), float("nan"), 0, 0)


def pairs(
    old: Sequence[EventAnswer],
    new: Sequence[EventAnswer],
    ask: Callable[[EventAnswer], float | None],
    clips: Mapping[str, Clip],
) -> list[tuple[EventAnswer, Pair]]:
    """Pair the answers of both models to the night events that a question concerns; both lists have the same order."""
    found = []
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        first, second = ask(before), ask(after)
        if first is not None and second is not None:
            found.append((before, Pair(subject(before.night_event, clips) or str(index), float(first), float(second))))
    return found


def share_difference(answers: Sequence[Pair]) -> Difference:
    """Compare the share of yes, per cent."""
    if not answers:
        return NO_DIFFERENCE
    changes = np.array([pair.new - pair.old for pair in answers])
    more, fewer, count = int((changes > 0).sum()), int((changes < 0).sum()), len(answers)
    gained, lost = (more + 1) / (count + 2), (fewer + 1) / (count + 2)
    center, spread = gained - lost, sqrt((gained + lost - (gained - lost) ** 2) / (count + 2))
    bound = (100 * (center - _Z * spread), 100 * (center + _Z * spread))
    old, new = (100 * float(np.mean(values)) for values in _columns(answers))
    low, high = _wider(bound, _resampled(answers, lambda rows: 100 * (rows[2] - rows[1]) / rows[0]))
    return Difference(old, new, low, high, count, more + fewer)


def rate_difference(answers: Sequence[Pair], hours: float) -> Difference:
    """Compare two counts within ``hours``, as rates in 8 hours."""
    if not answers:
        return NO_DIFFERENCE
    nights = hours / PARENTS_NIGHT_H
    more = sum(max(0.0, pair.new - pair.old) for pair in answers)
    fewer = sum(max(0.0, pair.old - pair.new) for pair in answers)
    center, spread = (more - fewer) / nights, sqrt(more + fewer + 2) / nights
    old, new = (float(np.sum(values)) / nights for values in _columns(answers))
    bootstrap = _resampled(answers, lambda rows: (rows[2] - rows[1]) / rows[0] * len(answers) / nights)
    low, high = _wider((center - _Z * spread, center + _Z * spread), bootstrap)
    return Difference(old, new, low, high, len(answers), sum(pair.old != pair.new for pair in answers))


def median_difference(answers: Sequence[Pair]) -> Difference:
    """Compare the medians of seconds."""
    if not answers:
        return NO_DIFFERENCE
    old, new = _columns(answers)
    groups = _groups(answers)
    rows = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    drawn = (np.concatenate([rows[group] for group in draw]) for draw in resample(len(rows)))
    low, high = interval(np.array([np.median(new[chosen]) - np.median(old[chosen]) for chosen in drawn]))
    changed = sum(pair.old != pair.new for pair in answers)
    return Difference(float(np.median(old)), float(np.median(new)), low, high, len(answers), changed)


def _columns(answers: Sequence[Pair]) -> tuple[Figures, Figures]:
    return np.array([pair.old for pair in answers]), np.array([pair.new for pair in answers])


def _resampled(answers: Sequence[Pair], statistic: Callable[[Figures], Figures]) -> tuple[float, float]:
    """Return the interval of a statistic of the sums of (1, old, new) over resampled groups."""
    groups = _groups(answers)
    sums = np.stack([np.bincount(groups, weights) for weights in (np.ones(len(answers)), *_columns(answers))])
    return interval(statistic(sums[:, resample(sums.shape[1])].sum(axis=2)))


def _groups(answers: Sequence[Pair]) -> npt.NDArray[np.int64]:
    """Return each pair's group, numbered from 0."""
    numbers = {group: number for number, group in enumerate(dict.fromkeys(pair.group for pair in answers))}
    return np.array([numbers[pair.group] for pair in answers])


def _wider(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])
