"""Label issues: the published rule computed by hand, and planted errors found from the sound."""

import numpy as np
import pytest

from tests.support import audit_sounds as sounds
from training.audit import label_issues
from training.audit.descriptors import describe

pytestmark = pytest.mark.slow

PROBABILITIES = np.array(
    [[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.4, 0.6, 0.0], [0.7, 0.2, 0.1]]
)
LABELS = np.array([0, 0, 0, 1, 1, 1])
"""The third clip sounds like label 1, the last one like label 0; no clip has label 2."""


def test_the_rule_by_hand() -> None:
    found = label_issues.label_issues(PROBABILITIES, LABELS)
    assert [(each.index, each.likely) for each in found] == [(2, 1), (5, 0)]
    assert [each.margin for each in found] == pytest.approx([0.5, 0.5])


def test_an_issue_reaches_the_average_score_of_the_other_label() -> None:
    """The average score of the clips of label 1 is (0.8 + 0.6 + 0.2) / 3."""
    labels = np.append(LABELS, 0)
    for probability, expected in ((0.52, {2, 5}), (0.54, {2, 5, 6})):
        last = [0.98 - probability, probability, 0.02]
        found = label_issues.label_issues(np.vstack([PROBABILITIES, last]), labels)
        assert {each.index for each in found} == expected


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    """Descriptors of ninety sounds of three kinds, five in a group."""
    return np.array([describe(sounds.voice(number, seed=1)) for number in range(90)])


TRUTH = np.arange(90) % 3
GROUPS = [str(number // 15 * 3 + number % 3) for number in range(90)]


def test_planted_errors_are_found(vectors: np.ndarray) -> None:
    planted = np.array([3, 10, 26, 41, 55, 68, 82])
    labels = TRUTH.copy()
    labels[planted] = (labels[planted] + 1) % 3
    probabilities = label_issues.out_of_fold_probabilities(vectors, labels, GROUPS, 4, jobs=1)
    assert not probabilities[:, 3].any()  # no clip has this label
    found = label_issues.label_issues(probabilities, labels)
    correct = {each.index for each in found} & {*planted}
    assert len(correct) >= 6  # recall
    assert len(correct) >= 0.8 * len(found)  # precision
    assert all(each.likely == TRUTH[each.index] for each in found if each.index in planted)
    assert [each.margin for each in found] == sorted((each.margin for each in found), reverse=True)


def test_a_clip_is_scored_without_its_own_group(vectors: np.ndarray) -> None:
    """Otherwise a group with the same wrong label on every clip would confirm itself."""
    group = "0"
    members = np.array([index for index, mine in enumerate(GROUPS) if mine == group])
    labels = TRUTH.copy()
    labels[members] = 1
    probabilities = label_issues.out_of_fold_probabilities(vectors, labels, GROUPS, 3, jobs=1)
    assert (probabilities[members].argmax(axis=1) == 0).all()


def test_planted_noise_is_counted_as_swapped(vectors: np.ndarray) -> None:
    check = label_issues.check_with_planted_noise(vectors, TRUTH, GROUPS, 3, jobs=1)
    assert check.swapped >= check.found >= check.on_top > 0
    assert check == label_issues.check_with_planted_noise(vectors, TRUTH, GROUPS, 3, jobs=1)
