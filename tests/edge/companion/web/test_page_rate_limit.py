"""Rate limits of each client and of all clients together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.companion.web.rate_limit import Limiter, Rate
from tests.support.fakes import HandClock

ROOMY = Rate(1000, 1.0)


def test_a_burst_is_allowed_and_then_one_request_per_refill() -> None:
    clock = HandClock()
    limiter = Limiter(Rate(3, 10.0), ROOMY, clock.steady_s)
    assert [limiter.acquire("192.0.2.1") for _ in range(4)] == [0, 0, 0, 10]
    assert limiter.acquire("192.0.2.2") == 0
    clock.now_s = 9.0
    assert limiter.acquire("192.0.2.1") == pytest.approx(1)
    clock.now_s = 10.0
    assert [limiter.acquire("192.0.2.1") for _ in range(2)] == [0, 10]


def test_all_ipv6_addresses_of_one_network_share_a_limit() -> None:
    limiter = Limiter(Rate(1, 10.0), ROOMY, lambda: 0.0)
    assert limiter.acquire("2001:db8:1:2::1") == 0
    assert limiter.acquire("2001:db8:1:2:ffff::2") == 10
    assert limiter.acquire("2001:db8:1:3::1") == 0
    assert limiter.acquire("fe80::1%eth0") == 0
    assert limiter.acquire("fe80::2%eth1") == 10
    assert limiter.acquire("::ffff:192.0.2.1") == 0
    assert limiter.acquire("192.0.2.1") == 10


def test_many_addresses_meet_the_common_limit_in_bounded_memory() -> None:
    limiter = Limiter(Rate(2, 10.0), Rate(5, 10.0), lambda: 0.0)
    tried = [limiter.acquire(f"10.0.{number // 250}.{number % 250}") for number in range(5000)]
    assert tried.count(0) == 5
    assert len(limiter._buckets) <= 1024


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from("abc")), max_size=60))
def test_no_pattern_of_attempts_exceeds_the_rates(tries: list[tuple[float, str]]) -> None:
    clock = HandClock()
    limiter = Limiter(Rate(3, 5.0), Rate(6, 2.0), clock.steady_s)
    let_in: list[tuple[float, str]] = []
    for pause_s, who in tries:
        clock.now_s += pause_s
        if limiter.acquire(who) == 0:
            let_in.append((clock.now_s, who))
    assert len(let_in) <= 6 + clock.now_s / 2.0 + 1e-6
    for who in "abc":
        assert sum(name == who for _, name in let_in) <= 3 + clock.now_s / 5.0 + 1e-6
