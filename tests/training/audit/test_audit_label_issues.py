"""Confident learning: the published rule by hand, and planted errors found by ear alone."""

import numpy as np
import pytest

from tests.support import audit_sounds as sounds
from training.audit import label_issues
from training.audit.descriptors import describe

PROBABILITIES = np.array(
    [[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.4, 0.6, 0.0], [0.7, 0.2, 0.1]]
)
LABELS = np.array([0, 0, 0, 1, 1, 1])
"""Of the third a clip of label 1 makes, of the last one of label 0; nobody bears label 2."""


def test_the_rule_by_hand() -> None:
    thresholds = label_issues.thresholds(PROBABILITIES, LABELS)
    assert thresholds[:2] == pytest.approx([(0.9 + 0.8 + 0.2) / 3, (0.8 + 0.6 + 0.2) / 3])
    assert thresholds[2] > 1
    assert label_issues.confident(PROBABILITIES, LABELS).tolist() == [0, 0, 1, 1, 1, 0]
    found = label_issues.suspicions(PROBABILITIES, LABELS)
    assert [(each.index, each.likely) for each in found] in ([(2, 1), (5, 0)], [(5, 0), (2, 1)])
    assert [each.margin for each in found] == pytest.approx([0.5, 0.5])


def test_a_clip_that_sounds_like_nothing_surely_is_not_suspected() -> None:
    unsure = np.vstack([PROBABILITIES, [0.45, 0.5, 0.05]])
    assert label_issues.confident(unsure, np.append(LABELS, 0))[-1] == -1
    assert {each.index for each in label_issues.suspicions(unsure, np.append(LABELS, 0))} == {2, 5}


@pytest.fixture(scope="module")
def described() -> np.ndarray:
    """Ninety sounds of three kinds, five of a group."""
    return np.array([describe(sounds.voice(number, seed=1)) for number in range(90)])


TRUTH = np.arange(90) % 3
GROUPS = [str(number // 15 * 3 + number % 3) for number in range(90)]


def test_planted_errors_are_found(described: np.ndarray) -> None:
    planted = np.array([3, 10, 26, 41, 55, 68, 82])
    labels = TRUTH.copy()
    labels[planted] = (labels[planted] + 1) % 3
    probabilities = label_issues.unheard(described, labels, GROUPS, 4, jobs=1)
    assert not probabilities[:, 3].any()  # a label nobody bears
    found = label_issues.suspicions(probabilities, labels)
    right = {each.index for each in found} & {*planted}
    assert len(right) >= 6  # recall
    assert len(right) >= 0.8 * len(found)  # precision
    assert all(each.likely == TRUTH[each.index] for each in found if each.index in planted)
    assert [each.margin for each in found] == sorted((each.margin for each in found), reverse=True)


def test_a_clip_is_judged_by_those_who_never_heard_its_group(described: np.ndarray) -> None:
    """A group whose clips are all mislabeled alike would else vouch for itself."""
    group = "0"
    members = np.array([index for index, mine in enumerate(GROUPS) if mine == group])
    labels = TRUTH.copy()
    labels[members] = 1
    probabilities = label_issues.unheard(described, labels, GROUPS, 3, jobs=1)
    assert (probabilities[members].argmax(axis=1) == 0).all()


def test_the_rehearsal_counts_what_it_swapped(described: np.ndarray) -> None:
    rehearsal = label_issues.rehearse(described, TRUTH, GROUPS, 3, jobs=1)
    assert rehearsal.swapped >= rehearsal.found >= rehearsal.on_top > 0
    assert rehearsal == label_issues.rehearse(described, TRUTH, GROUPS, 3, jobs=1)
