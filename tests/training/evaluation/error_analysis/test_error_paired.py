"""Two models on the same night events: differences and their intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.handmade_answers import catalog, cry, infant
from training.evaluation.error_analysis.paired import Pair, median_difference, pairs, rate_difference, share_difference
from training.evaluation.nights.metrics import is_found


def changed(lost: int, gained: int, same: int, infants: int | None = None) -> list[Pair]:
    """Answers that went from yes to no, from no to yes, or stayed yes."""
    answers = [(1.0, 0.0)] * lost + [(0.0, 1.0)] * gained + [(1.0, 1.0)] * same
    return [Pair(str(index % (infants or len(answers))), *each) for index, each in enumerate(answers)]


def test_shares_and_what_changed() -> None:
    told = share_difference(changed(lost=1, gained=3, same=6))
    assert (told.old, told.new, told.acts, told.changed) == (70.0, 90.0, 10, 4)
    assert told.change == pytest.approx(20)
    assert told.low < 20 < told.high


@pytest.mark.parametrize(("lost", "sure"), [(0, False), (3, False), (5, False), (6, True), (12, True)])
def test_a_few_changes_are_not_a_fall(lost: int, sure: bool) -> None:
    """By the exact test, six changes that are all worse have a probability of 3 %, five of 6 %."""
    assert (share_difference(changed(lost, 0, 150 - lost)).high < 0) == sure
    assert (rate_difference(changed(lost, 0, 150 - lost), hours=24).high < 0) == sure


def test_bonett_and_price() -> None:
    """Their formula by hand: with 5 and 15 changed of 100, (16 - 6) / 102 and its spread."""
    spread = math.sqrt((22 / 102 - (10 / 102) ** 2) / 102)
    told = share_difference(changed(lost=5, gained=15, same=80))
    assert told.low <= 100 * (10 / 102 - 1.96 * spread)
    assert told.high >= 100 * (10 / 102 + 1.96 * spread) - 1e-9


def test_few_infants_widen_the_interval() -> None:
    alone = share_difference(changed(0, 40, 40))
    alike = share_difference([Pair(str(index // 16), 1.0 if index >= 40 else 0.0, 1.0) for index in range(80)])
    assert alike.change == alone.change
    assert alike.high - alike.low > alone.high - alone.low


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 5)), min_size=1, max_size=30))
def test_swapped_models_change_the_sign(answers: list[tuple[bool, bool, int]]) -> None:
    one = share_difference([Pair(str(group), float(old), float(new)) for old, new, group in answers])
    other = share_difference([Pair(str(group), float(new), float(old)) for old, new, group in answers])
    assert other.change == pytest.approx(-one.change)
    assert other.low == pytest.approx(-one.high, abs=1e-9)
    assert other.high == pytest.approx(-one.low, abs=1e-9)
    assert one.low <= one.change <= one.high


def test_rates_are_by_eight_hours() -> None:
    told = rate_difference([Pair("0", 2.0, 0.0), Pair("1", 1.0, 0.0), Pair("2", 0.0, 0.0)], hours=4)
    assert (told.old, told.new, told.changed) == (6.0, 0.0, 2)
    assert told.low < -6 < 0 < told.high


def test_seconds() -> None:
    delays = np.linspace(5, 15, 60)
    told = median_difference([Pair(str(index), float(each), float(each) - 1) for index, each in enumerate(delays)])
    assert told.change == pytest.approx(-1)
    assert (told.low, told.high) == pytest.approx((-1, -1))


def test_only_acts_of_both_models_count() -> None:
    answers = [cry(1, True), cry(2, False)]
    told = pairs(answers, list(reversed(answers)), is_found, catalog([infant(number) for number in range(20)]))
    assert [(pair.group, pair.old, pair.new) for _, pair in told] == [("app:1", 1.0, 0.0), ("app:2", 0.0, 1.0)]


@pytest.mark.parametrize("difference", [share_difference([]), rate_difference([], 8.0), median_difference([])])
def test_without_acts_the_difference_is_unknown(difference: object) -> None:
    assert "acts=0" in repr(difference)
    assert "old=nan" in repr(difference)
