"""Which episodes rang under v1 and under v2, at the same share of cries found: the guideline's own doing.

v2 rings by the normal sensitivity of cry-3. A v1 net has no such setting, so it is given the kindest one there is:
net by net the highest threshold at which it finds, in the very same episodes, at least as many cries as its twin. That
leaves it with the fewest other alerts it can have at that price. Beside it stands even odds, as one would have shipped.
Intervals resample seeds and episodes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.detection.decision_settings import Thresholds
from edge.records import FloatArray
from training.experiments.label_noise.analysis import RESAMPLES, Estimate, Figures, interval
from training.experiments.label_noise.guideline_comparison import STORIES, as_scores
from training.model.operating_points import rings

NORMAL = Thresholds(0.4, 0.3)
"""cry-3's."""
CANDIDATES = tuple(percent / 100 for percent in range(1, 100))
CURVE = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
NEEDED, UNNEEDED = ("cry", "cry_tv"), ("soothed", "fuss")

Rang = npt.NDArray[np.bool_]
"""[seeds, stories, episodes]."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of episode: how many of a hundred rang."""

    question: str
    v1: Estimate
    """At v1's matched threshold."""
    v1_even: Estimate
    """At even odds."""
    v2: Estimate
    removed: Estimate
    """v1 less v2, points."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the guideline alone changed."""

    rows: Sequence[Row]
    removed_share: Estimate
    """Of v1's unneeded alerts (soothed or fussing), those that v2 does not give, percent."""
    thresholds: Sequence[float]
    """v1's, a net each."""
    curves: Mapping[int, Sequence[tuple[float, float]]]
    """Guideline version -> (cries found, unneeded alerts), percent, over thresholds; means over seeds."""


def compare_at_matched_alerts(heard: Mapping[int, FloatArray]) -> Comparison:
    """From :func:`training.experiments.label_noise.guideline_comparison.hear`."""
    v2 = _rang(heard[2], [NORMAL] * len(heard[2]))
    thresholds = [_matched(net, _found(told)) for net, told in zip(heard[1], v2, strict=True)]
    v1 = _rang(heard[1], [Thresholds(threshold, NORMAL.soothing) for threshold in thresholds])
    even = _rang(heard[1], [Thresholds(0.5, NORMAL.soothing)] * len(heard[1]))
    asked = {
        "crying that rang": ("cry",),
        "crying that rang, television on": ("cry_tv",),
        "soothed crying that rang": ("soothed",),
        "fussing that rang": ("fuss",),
        "soothed or fussing: unneeded alerts": UNNEEDED,
        "other sounds that rang": ("confuser",),
    }
    rows = [
        Row(question, *_estimates([_of(told, kinds) for told in (v1, even, v2)])) for question, kinds in asked.items()
    ]
    curves = {version: [_point(nets, threshold) for threshold in CURVE] for version, nets in heard.items()}
    return Comparison(rows, _share_removed(_of(v1, UNNEEDED), _of(v2, UNNEEDED)), thresholds, curves)


def _rang(heard: FloatArray, thresholds: Sequence[Thresholds]) -> Rang:
    """A threshold a net; ``heard`` [seeds, stories, episodes, windows, labels]."""
    return np.array([_of_net(net, threshold) for net, threshold in zip(heard, thresholds, strict=True)])


def _of_net(heard: FloatArray, thresholds: Thresholds) -> npt.NDArray[np.bool_]:
    return np.array([[rings(as_scores(episode), thresholds) for episode in story] for story in heard])


def _found(rang_of_net: npt.NDArray[np.bool_]) -> int:
    return int(rang_of_net[[STORIES.index(kind) for kind in NEEDED]].sum())


def _matched(net: FloatArray, found: int) -> float:
    """The highest threshold that finds at least so many; fewer alerts at a higher one, so halving finds it."""
    needed = net[[STORIES.index(kind) for kind in NEEDED]]
    low, high = 0, len(CANDIDATES)
    while high - low > 1:
        middle = (low + high) // 2
        enough = _of_net(needed, Thresholds(CANDIDATES[middle], NORMAL.soothing)).sum() >= found
        low, high = (middle, high) if enough else (low, middle)
    return CANDIDATES[low]


def _of(told: Rang, kinds: Sequence[str]) -> FloatArray:
    """Percent, [seeds, episodes of these kinds]."""
    chosen = told[:, [STORIES.index(kind) for kind in kinds]]
    return 100.0 * chosen.reshape(len(told), -1).astype(np.float32)


def _point(nets: FloatArray, threshold: float) -> tuple[float, float]:
    told = _rang(nets, [Thresholds(threshold, NORMAL.soothing)] * len(nets))
    return float(_of(told, NEEDED).mean()), float(_of(told, UNNEEDED).mean())


def _estimates(values: Sequence[FloatArray]) -> tuple[Estimate, Estimate, Estimate, Estimate]:
    """v1, v1 at even odds, v2, and v1 less v2."""
    v1, even, v2 = (interval(float(each.mean()), _resample(each)) for each in values)
    return v1, even, v2, interval(v1.value - v2.value, _resample(values[0] - values[2]))


def _share_removed(v1: FloatArray, v2: FloatArray) -> Estimate:
    before, after = _resample(v1), _resample(v2)
    kept = np.divide(after, before, out=np.ones_like(after), where=before > 0)
    value = 100 * (1 - float(v2.mean() / v1.mean())) if v1.any() else 0.0
    return interval(value, 100 * (1 - kept))


def _resample(values: FloatArray) -> Figures:
    """Means [resamples] of seeds and episodes drawn anew; the same draws for arrays of one shape."""
    rng = np.random.default_rng(0)
    seeds, episodes = values.shape
    means = [
        values[np.ix_(rng.integers(seeds, size=seeds), rng.integers(episodes, size=episodes))].mean()
        for _ in range(RESAMPLES)
    ]
    return np.array(means, np.float64)
