"""Labels that the sound contradicts, by confident learning (Northcutt, Jiang, Chuang 2021, doi 10.1613/jair.1.12125).

A simple classifier says what each clip sounds like, having learned from clips of other groups only. A clip is suspected
where it sounds more like another label than clips that bear that label do on average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold

from edge.records import FloatArray

Probabilities = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int_]

FOLDS = 5
FEWEST = 2 * FOLDS
"""Clips that a label needs, to be learned and looked for at once."""
_TREES = 300
_SWAPPED = 0.05


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One label that may be wrong."""

    index: int
    """Which clip."""
    likely: int
    """The label it sounds like."""
    margin: float
    """Probability of that label less that of the given one; ranks best of what the paper compares."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How well swapped labels are found in these very clips: what the ranking is worth here."""

    swapped: int
    found: int
    """Of those, how many are suspected."""
    on_top: int
    """Of those, how many stand among the first ``swapped`` of the ranking."""


def unheard(described: FloatArray, labels: Labels, groups: Sequence[str], classes: int, jobs: int) -> Probabilities:
    """[clips, classes], each row from a classifier that heard nothing of the clip's group."""
    probabilities = np.zeros((len(labels), classes))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for learned, asked in folds.split(described, labels, groups):
        trees = ExtraTreesClassifier(
            _TREES, min_samples_leaf=2, class_weight="balanced_subsample", n_jobs=jobs, random_state=0
        )
        trees.fit(described[learned], labels[learned])
        probabilities[asked[:, None], trees.classes_] = trees.predict_proba(described[asked])
    return probabilities


def thresholds(probabilities: Probabilities, labels: Labels) -> npt.NDArray[np.float64]:
    """[classes]: how much clips that bear a label sound like it, on average; above 1 where none bears it."""
    classes = range(probabilities.shape[1])
    return np.array([probabilities[labels == each, each].mean() if (labels == each).any() else 2.0 for each in classes])


def confident(probabilities: Probabilities, labels: Labels) -> Labels:
    """[clips]: the label each clip surely sounds like, -1 where none."""
    sure = probabilities >= thresholds(probabilities, labels)
    best = np.where(sure, probabilities, -1.0).argmax(axis=1)
    return np.where(sure.any(axis=1), best, -1)


def suspicions(probabilities: Probabilities, labels: Labels) -> list[Suspicion]:
    """The labels that are confidently another, most suspicious first."""
    sounds = confident(probabilities, labels)
    clips = np.flatnonzero((sounds >= 0) & (sounds != labels))
    margins = probabilities[clips, sounds[clips]] - probabilities[clips, labels[clips]]
    order = np.argsort(-margins, kind="stable")
    return [Suspicion(int(clips[at]), int(sounds[clips[at]]), float(margins[at])) for at in order if margins[at] > 0]


def rehearse(described: FloatArray, labels: Labels, groups: Sequence[str], classes: int, jobs: int) -> Rehearsal:
    """Swap one label in twenty on purpose and look for them."""
    rng = np.random.default_rng(0)
    present = np.unique(labels)
    swapped = rng.random(len(labels)) < _SWAPPED
    others = [present[present != label] for label in labels]
    wrong = np.array([rng.choice(other) for other in others])
    noisy = np.where(swapped, wrong, labels)
    found = [each.index for each in suspicions(unheard(described, noisy, groups, classes, jobs), noisy)]
    count = int(swapped.sum())
    return Rehearsal(count, int(swapped[found].sum()), int(swapped[found[:count]].sum()))
