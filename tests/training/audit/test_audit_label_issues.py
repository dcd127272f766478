"""Label issues: the published rule by hand, and planted errors found by sound alone."""

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
    found = label_issues.label_issues(PROBABILITIES, LABELS)
    assert [(each.index, each.likely) for each in found] == [(2, 1), (5, 0)]
    assert [each.margin for each in found] == pytest.approx([0.5, 0.5])


def test_only_a_clip_that_surely_sounds_like_another_label_is_an_issue() -> None:
    """The line is what clips of label 1 sound like on average: (0.8 + 0.6 + 0.2) / 3."""
    labels = np.append(LABELS, 0)
    for probability, expected in ((0.52, {2, 5}), (0.54, {2, 5, 6})):
        last = [0.98 - probability, probability, 0.02]
        found = label_issues.label_issues(np.vstack([PROBABILITIES, last]), labels)
        assert {each.index for each in found} == expected


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
    probabilities = label_issues.out_of_fold_probabilities(described, labels, GROUPS, 4, jobs=1)
    assert not probabilities[:, 3].any()  # a label nobody bears
    found = label_issues.label_issues(probabilities, labels)
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
    probabilities = label_issues.out_of_fold_probabilities(described, labels, GROUPS, 3, jobs=1)
    assert (probabilities[members].argmax(axis=1) == 0).all()


def test_planted_noise_is_counted_as_swapped(described: np.ndarray) -> None:
    check = label_issues.check_with_planted_noise(described, TRUTH, GROUPS, 3, jobs=1)
    assert check.swapped >= check.found >= check.on_top > 0
    assert check == label_issues.check_with_planted_noise(described, TRUTH, GROUPS, 3, jobs=1)
