"""Bootstrap estimates: known answers, and the same draws every time."""

import math

import numpy as np
import pytest

from training.statistics import NO_ESTIMATE, bootstrap, interval, mean, resample


def test_a_mean_has_its_standard_error() -> None:
    values = np.random.default_rng(1).normal(10, 2, size=400)
    found = bootstrap(values, mean)
    assert found.value == values.mean()
    assert found.n == 400
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / math.sqrt(400), rel=0.1)
    assert bootstrap(values, mean) == found


def test_draws_are_those_of_one_value_after_another() -> None:
    """Figures of earlier reports, which drew one resample at a time, stay the same."""
    rng = np.random.default_rng(0)
    one_by_one = np.array([rng.choice(37, 37) for _ in range(50)])
    np.testing.assert_array_equal(resample(37, 50), one_by_one)


def test_the_nearest_method_does_not_interpolate_with_infinity() -> None:
    low, high = interval(np.array([1.0] * 90 + [math.inf] * 10), "nearest")
    assert (low, high) == (1, math.inf)


def test_no_values_give_no_estimate() -> None:
    assert bootstrap(np.array([]), mean) is NO_ESTIMATE
    assert math.isnan(NO_ESTIMATE.value)
    record = NO_ESTIMATE.as_record("clips")
    assert list(record) == ["value", "low", "high", "clips"]
