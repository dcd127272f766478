"""Likely wrong labels, found by cleanlab's confident learning.

A simple classifier scores each clip after training on clips of other groups only. A clip counts for another label if
its score reaches the average score of that label's own clips. These counts estimate the number of wrong labels of each
pair of labels. That many are returned, the largest margins first.
Northcutt, Jiang, Chuang 2021, https://doi.org/10.1613/jair.1.12125.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from cleanlab.filter import find_label_issues
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold

from edge.records import FloatArray

Probabilities = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int_]

FOLDS = 5
FEWEST = 2 * FOLDS
"""Fewest clips of a label, so that every training and test fold has some."""
_TREES = 300
_SWAPPED = 0.05
"""Share of labels swapped in the check."""


@dataclass(frozen=True, slots=True)
class LabelIssue:
    """One label that may be wrong."""

    index: int
    """Index of the clip."""
    likely: int
    """The most probable label."""
    margin: float
    """Probability of that label minus that of the given one; the best ranking in the paper's comparison."""


@dataclass(frozen=True, slots=True)
class PlantedNoiseCheck:
    """Counts of labels swapped on purpose in the same clips, and of those found, as a measure of the ranking."""

    swapped: int
    found: int
    """Swapped labels among all issues."""
    on_top: int
    """Swapped labels among the first ``swapped`` issues of the ranking."""


def out_of_fold_probabilities(
    vectors: FloatArray, labels: Labels, groups: Sequence[str], classes: int, jobs: int
) -> Probabilities:
    """Return [clips, classes], each row from a classifier that was trained without the clip's group."""
    probabilities = np.zeros((len(labels), classes))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(vectors, labels, groups):
        trees = ExtraTreesClassifier(
            _TREES, min_samples_leaf=2, class_weight="balanced_subsample", n_jobs=jobs, random_state=0
        )
        trees.fit(vectors[train], labels[train])
        probabilities[test[:, None], trees.classes_] = trees.predict_proba(vectors[test])
    return probabilities


def label_issues(probabilities: Probabilities, labels: Labels) -> list[LabelIssue]:
    """Return the labels that are probably wrong, most suspicious first."""
    present, dense = np.unique(labels, return_inverse=True)  # cleanlab warns about a label without clips
    issues = find_label_issues(dense, probabilities[:, present], filter_by="prune_by_noise_rate", n_jobs=1)
    clips = np.flatnonzero(issues)
    likely = probabilities[clips].argmax(axis=1)
    margins = probabilities[clips, likely] - probabilities[clips, labels[clips]]
    order = np.argsort(-margins, kind="stable")  # cleanlab's own ranking does not define the order of equal margins
    return [LabelIssue(int(clips[at]), int(likely[at]), float(margins[at])) for at in order]


def check_with_planted_noise(
    vectors: FloatArray, labels: Labels, groups: Sequence[str], classes: int, jobs: int
) -> PlantedNoiseCheck:
    """Swap one label in twenty on purpose, and count the swapped labels among the issues."""
    rng = np.random.default_rng(0)
    present = np.unique(labels)
    swapped = rng.random(len(labels)) < _SWAPPED
    others = [present[present != label] for label in labels]
    wrong = np.array([rng.choice(other) for other in others])
    noisy = np.where(swapped, wrong, labels)
    probabilities = out_of_fold_probabilities(vectors, noisy, groups, classes, jobs)
    found = [issue.index for issue in label_issues(probabilities, noisy)]
    count = int(swapped.sum())
    return PlantedNoiseCheck(count, int(swapped[found].sum()), int(swapped[found[:count]].sum()))
