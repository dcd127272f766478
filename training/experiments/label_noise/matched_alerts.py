"""Episodes that rang under v1 and under v2 at the same share of cries found.

v2 rings at the normal sensitivity of cry-3. A v1 network has no such setting, so it gets the most favorable one: its
highest threshold that finds, in the same episodes, at least as many cries as the v2 network of its seed. That threshold
gives the fewest other alerts at this share. A threshold of even odds is shown beside it, as a product would have
shipped. Intervals resample seeds and episodes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge.detection.decision_settings import Thresholds
from edge.records import FloatArray
from training.experiments.label_noise.analysis import estimate_from
from training.experiments.label_noise.guideline_comparison import COMPARED_KINDS, as_scores
from training.model.operating_points import rings
from training.statistics import RESAMPLES, Estimate, Figures

NORMAL = Thresholds(0.4, 0.3)
"""The normal sensitivity of cry-3."""
EVEN_ODDS = 0.5
CANDIDATES = tuple(percent / 100 for percent in range(1, 100))
CURVE = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
NEEDED, UNNEEDED = ("cry", "cry_tv"), ("soothed", "fuss")

Rings = npt.NDArray[np.bool_]
"""Whether each episode rang, [seeds, kinds, episodes]."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of episode: the percentage that rang."""

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
    """The effect of the guideline alone."""

    rows: Sequence[Row]
    removed_share: Estimate
    """Share of v1's unneeded alerts (soothed or fussing) that v2 does not give, per cent."""
    thresholds: Sequence[float]
    """v1's threshold for each network."""
    curves: Mapping[int, Sequence[tuple[float, float]]]
    """Guideline version -> (cries found, unneeded alerts), per cent, over thresholds; means over seeds."""


def compare_at_matched_alerts(probabilities: Mapping[int, FloatArray]) -> Comparison:
    """Compare the probabilities of :func:`guideline_comparison.run_comparison`."""
    nets = probabilities[1]
    v2 = _rings(probabilities[2], [NORMAL] * len(probabilities[2]))
    thresholds = [_matched(net, _count_found(mine)) for net, mine in zip(nets, v2, strict=True)]
    v1 = _rings(nets, [Thresholds(threshold, NORMAL.soothing) for threshold in thresholds])
    even = _rings(nets, [Thresholds(EVEN_ODDS, NORMAL.soothing)] * len(nets))
    asked = {
        "crying that rang": ("cry",),
        "crying that rang, television on": ("cry_tv",),
        "soothed crying that rang": ("soothed",),
        "fussing that rang": ("fuss",),
        "soothed or fussing: unneeded alerts": UNNEEDED,
        "other sounds that rang": ("confuser",),
    }
    rows = [
        Row(question, *_estimates([_percent(each, kinds) for each in (v1, even, v2)]))
        for question, kinds in asked.items()
    ]
    curves = {version: [_point(mine, threshold) for threshold in CURVE] for version, mine in probabilities.items()}
    return Comparison(rows, _share_removed(_percent(v1, UNNEEDED), _percent(v2, UNNEEDED)), thresholds, curves)


def _rings(probabilities: FloatArray, thresholds: Sequence[Thresholds]) -> Rings:
    """Decide every episode [seeds, kinds, episodes, windows, labels], with a threshold for each network."""
    return np.array([_rings_of_net(net, each) for net, each in zip(probabilities, thresholds, strict=True)])


def _rings_of_net(probabilities: FloatArray, thresholds: Thresholds) -> npt.NDArray[np.bool_]:
    return np.array([[rings(as_scores(episode), thresholds) for episode in kind] for kind in probabilities])


def _places(kinds: Sequence[str]) -> list[int]:
    return [COMPARED_KINDS.index(kind) for kind in kinds]


def _count_found(rings_of_net: npt.NDArray[np.bool_]) -> int:
    return int(rings_of_net[_places(NEEDED)].sum())


def _matched(net: FloatArray, found: int) -> float:
    """Return the highest threshold that finds at least ``found`` cries, by bisection: a higher one finds fewer."""
    needed = net[_places(NEEDED)]
    low, high = 0, len(CANDIDATES)
    while high - low > 1:
        middle = (low + high) // 2
        enough = _rings_of_net(needed, Thresholds(CANDIDATES[middle], NORMAL.soothing)).sum() >= found
        low, high = (middle, high) if enough else (low, middle)
    return CANDIDATES[low]


def _percent(rang: Rings, kinds: Sequence[str]) -> FloatArray:
    """Return 100 for an episode of these kinds that rang, otherwise 0: [seeds, episodes]."""
    return 100.0 * rang[:, _places(kinds)].reshape(len(rang), -1).astype(np.float32)


def _point(nets: FloatArray, threshold: float) -> tuple[float, float]:
    rang = _rings(nets, [Thresholds(threshold, NORMAL.soothing)] * len(nets))
    return float(_percent(rang, NEEDED).mean()), float(_percent(rang, UNNEEDED).mean())


def _estimates(values: Sequence[FloatArray]) -> tuple[Estimate, Estimate, Estimate, Estimate]:
    """Estimate v1, v1 at even odds, v2, and v1 less v2."""
    seeds = len(values[0])
    v1, even, v2 = (estimate_from(float(each.mean()), _resampled_means(each), seeds) for each in values)
    removed = _resampled_means(values[0] - values[2])
    return v1, even, v2, estimate_from(v1.value - v2.value, removed, seeds)


def _share_removed(v1: FloatArray, v2: FloatArray) -> Estimate:
    before, after = _resampled_means(v1), _resampled_means(v2)
    kept = np.divide(after, before, out=np.ones_like(after), where=before > 0)
    value = 100 * (1 - float(v2.mean() / v1.mean())) if v1.any() else 0.0
    return estimate_from(value, 100 * (1 - kept), len(v1))


def _resampled_means(values: FloatArray) -> Figures:
    """Return means [resamples] of resampled seeds and episodes; arrays of one shape get the same draws."""
    rng = np.random.default_rng(0)
    seeds, episodes = values.shape
    means = [
        values[np.ix_(rng.integers(seeds, size=seeds), rng.integers(episodes, size=episodes))].mean()
        for _ in range(RESAMPLES)
    ]
    return np.array(means, np.float64)
