"""Rate limit by token buckets: a number of requests at once, then one every few seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_MAX_BUCKETS = 1024
"""Clients with a bucket of their own; more of them at once meet the limit for all together."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Size of a token bucket and its refill time."""

    at_once: int
    refill_s: float
    """Seconds until one more is allowed."""


PAIRING_EACH, PAIRING_TOGETHER = Rate(5, 30.0), Rate(20, 6.0)
"""Attempts at a pairing code: of one client, and of all clients together."""
REQUESTS_EACH, REQUESTS_TOGETHER = Rate(20, 1.0), Rate(80, 0.25)
"""Requests to the page: of one client, and of all clients together."""


class TokenBucket:
    """Token bucket of one rate; times are monotonic seconds."""

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._left = float(rate.at_once)
        self._at_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Refill the bucket; return the seconds until it contains a token, 0 where it does."""
        self._left = min(self._rate.at_once, self._left + (now_s - self._at_s) / self._rate.refill_s)
        self._at_s = now_s
        return max(0.0, 1.0 - self._left) * self._rate.refill_s

    def take(self) -> None:
        """Take a token."""
        self._left -= 1.0


class Limiter:
    """Rate limit of each client, and one of all clients together."""

    def __init__(self, each: Rate, together: Rate, now_s: Callable[[], float] = time.monotonic) -> None:
        self._each = each
        self._now_s = now_s
        self._together = TokenBucket(together, now_s())
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def acquire(self, client: str) -> float:
        """Take a token for this client and return 0, or return the seconds until it may try again."""
        now_s, group = self._now_s(), network(client)
        bucket = self._buckets.setdefault(group, TokenBucket(self._each, now_s))
        self._buckets.move_to_end(group)
        if len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        wait_s = max(bucket.wait_s(now_s), self._together.wait_s(now_s))
        if wait_s == 0:
            bucket.take()
            self._together.take()
        return wait_s


def network(client: str) -> str:
    """Return the key of a client's limits: its IPv4 address, or its /64, for a home has any number of IPv6 addresses.

    A text that is not an address, such as a session's id, is its own key.
    """
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> 64)
    return str(address)
