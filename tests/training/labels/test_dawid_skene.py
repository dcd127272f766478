"""The estimates equal those that Dawid and Skene published for five anesthetists."""

import numpy as np
import pytest

from training.labels.dawid_skene import dawid_skene

# Dawid and Skene 1979, table 1: labels of 45 patients by five observers, three of them by the first.
PATIENTS = """
111 1 1 1 1, 333 4 3 3 4, 112 2 1 2 2, 222 3 1 2 1, 222 3 2 2 2, 222 3 3 2 2, 122 2 1 1 1, 333 3 4 3 3, 222 2 2 2 3,
232 2 2 2 3, 444 4 4 4 4, 222 3 3 4 3, 111 1 1 1 1, 222 3 2 1 2, 121 1 1 1 1, 111 2 1 1 1, 111 1 1 1 1, 111 1 1 1 1,
222 2 2 2 1, 222 1 3 2 2, 222 2 2 2 2, 222 2 2 2 1, 222 3 2 2 2, 221 2 2 2 2, 111 1 1 1 1, 111 1 1 1 1, 232 2 2 2 2,
111 1 1 1 1, 111 1 1 1 1, 112 1 1 2 1, 111 1 1 1 1, 333 3 2 3 3, 111 1 1 1 1, 222 2 2 2 2, 222 3 2 3 2, 433 4 3 4 3,
221 2 2 3 2, 232 3 2 3 3, 333 3 4 3 2, 111 1 1 1 1, 111 1 1 1 1, 121 2 1 1 1, 232 2 2 2 2, 121 1 1 1 1, 222 2 2 2 2
"""


def test_the_published_example() -> None:
    answers = np.array(
        [
            (patient, observer, int(grade) - 1)
            for patient, row in enumerate(PATIENTS.split(","))
            for observer, grades in enumerate(row.split())
            for grade in grades
        ]
    )
    patient, observer, grade = answers.T
    found = dawid_skene(patient, observer, grade, classes=4, labellers=5)
    assert found.probabilities.shape == (45, 4)
    np.testing.assert_allclose(found.shares, [0.40, 0.42, 0.11, 0.07], atol=0.006)
    np.testing.assert_allclose(
        found.confusion[0][:3],  # the first observer's
        [[0.89, 0.11, 0.00, 0.00], [0.07, 0.88, 0.05, 0.00], [0.00, 0.34, 0.66, 0.00]],
        atol=0.006,
    )


def test_a_careless_labeler_gets_less_weight() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 4, 400)
    right = [0.95, 0.9, 0.4, 0.4, 0.4]
    answers = [
        (number, who, true if rng.random() < share else int(rng.integers(0, 4)))
        for number, true in enumerate(truth)
        for who, share in enumerate(right)
    ]
    clip, labeller, label = np.array(answers).T
    found = dawid_skene(clip, labeller, label, classes=4, labellers=5)
    votes = np.zeros((400, 4))
    for number, _, said in answers:
        votes[number, said] += 1
    assert (found.probabilities.argmax(1) == truth).mean() > (votes.argmax(1) == truth).mean()
    careful, careless = found.confusion[0].trace() / 4, found.confusion[4].trace() / 4
    assert careful == pytest.approx(0.9625, abs=0.04)
    assert careless == pytest.approx(0.55, abs=0.08)
