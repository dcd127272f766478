"""How often somebody may try: so many at once, then one every few seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_MOST_REMEMBERED = 1024
"""Addresses kept in mind; a thousand more that try at once run into the ceiling for all."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What is allowed."""

    at_once: int
    refill_s: float
    """Seconds until one more is allowed."""


class TokenBucket:
    """Counts one pace."""

    def __init__(self, pace: Rate, now_s: float) -> None:
        self._pace = pace
        self._left = float(pace.at_once)
        self._at_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Seconds until the next is allowed; 0: now."""
        self._left = min(self._pace.at_once, self._left + (now_s - self._at_s) / self._pace.refill_s)
        self._at_s = now_s
        return max(0.0, 1.0 - self._left) * self._pace.refill_s

    def take(self) -> None:
        """One is done."""
        self._left -= 1.0


class Limiter:
    """A pace for each who tries, and a ceiling for all together."""

    def __init__(self, each: Rate, together: Rate, now_s: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._now_s = now_s
        self._together = TokenBucket(together, now_s())
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def acquire(self, who: str) -> float:
        """Seconds that ``who`` has to wait; 0: it may, and this time counts."""
        now_s, who = self._now_s(), network(who)
        bucket = self._buckets.setdefault(who, TokenBucket(self._each, now_s))
        self._buckets.move_to_end(who)
        if len(self._buckets) > _MOST_REMEMBERED:
            self._buckets.popitem(last=False)
        wait_s = max(bucket.wait_s(now_s), self._together.wait_s(now_s))
        if wait_s == 0:
            bucket.take()
            self._together.take()
        return wait_s


def network(who: str) -> str:
    """One house has as many IPv6 addresses as it likes, all in one /64."""
    try:
        address = ip_address(who.partition("%")[0])
    except ValueError:  # no address at all, such as a session's id
        return who
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> 64)
    return str(address)
