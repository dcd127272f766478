"""Reliability statistics equal published worked examples and their definitions."""

import math
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.metrics import cohen_kappa_score

from training.labels import reliability
from training.labels.reliability import bootstrap, coincidences, cross_tables

CLASSES = 3


def values_of(*rows: str) -> tuple[npt.NDArray[np.int8], int]:
    """Return [units, observers] from one row an observer, one letter a unit; a dot is missing."""
    letters = sorted(set("".join(rows)) - {"."})
    return np.array([[letters.index(x) if x != "." else -1 for x in row] for row in rows], np.int8).T, len(letters)


@pytest.mark.parametrize(
    ("rows", "alpha"),
    [
        pytest.param(("0100000010", "1110010000"), 0.095, id="Krippendorff 2011, A: binary, two observers"),
        pytest.param(("aabbdcccedda", "babbbccceddd"), 0.692, id="Krippendorff 2011, B: nominal, two observers"),
        pytest.param(
            ("123321412...", "1233224125.3", ".3332342251.", "12332441251."),
            0.743,
            id="Krippendorff 2011, C: nominal, four observers, missing data",
        ),
        pytest.param(
            (".....34121133.3", "1.213343.......", "..21344.21133.4"), 0.691, id="three observers, missing data"
        ),
    ],
)
def test_alpha_of_the_worked_examples(rows: tuple[str, ...], alpha: float) -> None:
    values, classes = values_of(*rows)
    assert bootstrap(coincidences(values, classes), reliability.alpha).value == pytest.approx(alpha, abs=5e-4)


def test_kappa_of_cohens_example() -> None:
    """Cohen 1960: 200 cases, 70 % agreement where chance gives 41 %."""
    table = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]], float)
    assert float(reliability.percent(table)) == pytest.approx(0.70)
    assert float(reliability.kappa(table)) == pytest.approx(0.492, abs=5e-4)


answers = npst.arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(2, 4)), elements=st.integers(-1, CLASSES - 1))


@given(answers)
@settings(max_examples=100, deadline=None)
def test_alpha_equals_its_definition(values: npt.NDArray[np.int8]) -> None:
    """Disagreement within units over disagreement between all pairable values, counted pair by pair."""
    units = [[value for value in row if value >= 0] for row in values]
    pairable = [unit for unit in units if len(unit) >= 2]
    together = [value for unit in pairable for value in unit]
    within = sum(sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in pairable)
    between = sum(a != b for a, b in permutations(together, 2))
    found = bootstrap(coincidences(values, CLASSES), reliability.alpha)
    if not between:
        assert math.isnan(found.value)
    else:
        expected = 1 - (within / len(together)) / (between / (len(together) * (len(together) - 1)))
        assert found.value == pytest.approx(expected)
        assert math.isnan(found.low) or found.low <= found.high <= 1


@given(npst.arrays(np.int8, st.tuples(st.integers(2, 20), st.just(2)), elements=st.integers(0, CLASSES - 1)))
@settings(max_examples=50, deadline=None)
def test_kappa_equals_scikit_learn(values: npt.NDArray[np.int8]) -> None:
    table = cross_tables(values[:, 0], values[:, 1], CLASSES).sum(axis=0)
    if (values == values[0, 0]).all():
        assert math.isnan(float(reliability.kappa(table)))
    else:
        assert float(reliability.kappa(table)) == pytest.approx(cohen_kappa_score(values[:, 0], values[:, 1]))


def test_one_class_against_the_rest() -> None:
    values, classes = values_of("aabbdcccedda", "babbbccceddd")
    merged = np.where(values == 1, 1, 0).astype(np.int8)
    whole = coincidences(values, classes).sum(axis=0)
    directly = reliability.alpha(coincidences(merged, 2).sum(axis=0))
    assert float(reliability.alpha(reliability.one_against_rest(1)(whole))) == pytest.approx(float(directly))
    assert float(reliability.specific(whole, 2)) == 1.0  # every label c is confirmed by the other labeler


def test_the_interval_covers_the_true_value_as_often_as_claimed() -> None:
    """Two labelers that are right for 90 % of two equal classes agree on 82 %."""
    rng = np.random.default_rng(1)
    held = []
    for _ in range(100):
        truth = rng.integers(0, 2, (200, 1))
        values = np.where(rng.random((200, 2)) < 0.9, truth, 1 - truth).astype(np.int8)
        found = bootstrap(coincidences(values, 2), reliability.percent)
        held.append(found.low <= 0.82 <= found.high)
    assert 0.88 <= np.mean(held) <= 1.0
