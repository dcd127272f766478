"""Backoff: the limit doubles up to its maximum, jitter stays within its half, and success resets it."""

from itertools import pairwise

import pytest

from edge.process.backoff import Backoff


@pytest.mark.parametrize(("attempt", "limit_s"), [(0, 1.0), (1, 2.0), (2, 4.0), (3, 8.0), (4, 15.0), (9, 15.0)])
def test_the_limit_doubles_up_to_the_maximum(attempt: int, limit_s: float) -> None:
    backoff = Backoff(1.0, 15.0)
    waits_s = [backoff.next_s() for _ in range(attempt + 1)]
    assert limit_s / 2 <= waits_s[attempt] <= limit_s


def test_a_reset_begins_at_the_minimum() -> None:
    backoff = Backoff(1.0, 15.0)
    for _ in range(9):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() <= 1.0


def test_the_waits_differ() -> None:
    backoff = Backoff(1.0, 1.0)
    assert any(first != second for first, second in pairwise([backoff.next_s() for _ in range(20)]))
