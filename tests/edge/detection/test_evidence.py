"""Evidence of crying: its limit and its onset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detection.evidence import DOUBT, Evidence

ENOUGH_S = 3.0
THRESHOLD = 0.5


def add_all(probabilities: list[float], hop_s: float = 1.0) -> Evidence:
    evidence = Evidence(ENOUGH_S, hop_s)
    for number, probability in enumerate(probabilities):
        evidence.add(probability, THRESHOLD, number * hop_s)
    return evidence


@pytest.mark.parametrize(
    ("heard", "since_s"),
    [
        ([0.0, 0.0, 1.0, 1.0, 1.0], 2),
        ([1.0, 1.0, 1.0], 0),
        ([0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0], 4),  # earlier evidence that fell to zero does not count
        ([0.75, 0.75, 0.5, 0.75, 0.75, 0.75, 0.75], 0),  # windows at the threshold do
        ([1.0, 1.0, *[0.75, 0.25] * 50, 1.0, 1.0], 102),
    ],
)
def test_the_onset_is_where_the_evidence_rose(heard: list[float], since_s: float) -> None:
    evidence = add_all(heard)
    assert evidence.is_enough
    assert evidence.rising_since_s == since_s


HEARD = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.45, 0.55, 1.0]), min_size=1, max_size=120)


@given(HEARD, st.sampled_from([0.25, 0.5, 1.0, 2.0, 5.0]))
def test_the_onset_is_after_the_last_zero_and_within_the_limit(heard: list[float], hop_s: float) -> None:
    seconds, last_none_s = 0.0, 0.0
    evidence = Evidence(ENOUGH_S, hop_s)
    for number, probability in enumerate(heard):
        now_s = number * hop_s
        if seconds == 0:
            last_none_s = now_s
        evidence.add(probability, THRESHOLD, now_s)
        seconds = min(max(0.0, seconds + hop_s * (probability - THRESHOLD) / (1 - THRESHOLD)), ENOUGH_S + 1.5)
        assert max(last_none_s, now_s - DOUBT * ENOUGH_S) <= evidence.rising_since_s <= now_s
        assert evidence.is_enough == (seconds >= ENOUGH_S)


@given(HEARD)
def test_after_a_reset_earlier_evidence_has_no_effect(heard: list[float]) -> None:
    evidence = add_all(heard)
    evidence.reset()
    assert not evidence.is_enough
    for second in range(3):
        evidence.add(1.0, THRESHOLD, 1_000.0 + second)
    assert evidence.is_enough
    assert evidence.rising_since_s == 1_000.0
