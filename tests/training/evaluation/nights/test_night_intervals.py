"""Intervals of known shares, percentiles and rates."""

import math

import pytest

from training.evaluation.nights.intervals import percentile, rate, share


def test_share() -> None:
    found = share([True] * 90 + [False] * 10)
    assert found.value == 90
    assert found.n == 100
    assert found.low == pytest.approx(84, abs=1.5)  # 90 -+ 1.96 * 3
    assert found.high == pytest.approx(96, abs=1.5)


def test_a_share_of_all_or_none_is_not_certain() -> None:
    """Clopper and Pearson: 1 - 0.025 ** (1 / n)."""
    assert share([True] * 50).low == pytest.approx(92.89, abs=0.01)
    assert share([False] * 50).high == pytest.approx(7.11, abs=0.01)
    assert share([True] * 50).high == 100
    assert share([False] * 50).low == 0


def test_percentile() -> None:
    values = [float(value) for value in range(1, 101)]
    found = percentile(values, 50)
    assert found.value == 51
    assert found.low < 45
    assert found.high > 57
    assert percentile([1.0, 2.0, math.inf, math.inf], 95).value == math.inf


def test_rate() -> None:
    found = rate([1] * 8 + [0] * 92, [0.01] * 100)
    assert found.value == pytest.approx(8)
    assert 2 <= found.low <= 4
    assert 13 <= found.high <= 15


def test_no_count_still_has_an_upper_bound() -> None:
    """The Poisson bound is -ln 0.025 by exposure."""
    found = rate([0, 0], [1.0, 2.0])
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(3.689 / 3, abs=0.001)


@pytest.mark.parametrize("found", [share([]), percentile([], 50), rate([], [])])
def test_without_values_the_estimate_is_unknown(found: object) -> None:
    assert "nan" in repr(found)
    assert repr(found).endswith("n=0)")
