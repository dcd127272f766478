"""Exponential backoff with jitter between attempts to connect or deliver."""

import random


class Backoff:
    """Waiting times that double from ``min_s`` to ``max_s`` until an attempt succeeds."""

    def __init__(self, min_s: float, max_s: float) -> None:
        self._min_s = min_s
        self._max_s = max_s
        self._limit_s = min_s

    def next_s(self) -> float:
        """Return the seconds to wait before the next attempt, and double the limit for the one after.

        Jitter takes up to half of the limit away: after a power cut, the speakers of a home do not connect all at once.
        """
        wait_s = self._limit_s * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._limit_s = min(2 * self._limit_s, self._max_s)
        return wait_s

    def reset(self) -> None:
        """Begin again at ``min_s``, after an attempt that succeeded."""
        self._limit_s = self._min_s
