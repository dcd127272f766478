"""Accumulated evidence of crying, soothed or not, and its onset (a CUSUM).

A window with certain crying adds its hop in seconds, a doubtful one almost zero, and one without crying subtracts, down
to zero (Page 1954, "Continuous inspection schemes", doi 10.1093/biomet/41.1-2.100).
"""

from collections import deque
from typing import Self

SPARE_S = 1.5
"""Seconds of evidence above the limit that are kept, so that a breath does not end the cry."""
DOUBT = 6
"""The onset lies at most this many times ``enough_s`` back: crying of which a second counts for less than a sixth has
no clear onset.
"""


class Evidence:
    """Evidence from the windows of one stream."""

    def __init__(self, enough_s: float, hop_s: float) -> None:
        self._enough_s = enough_s
        self._hop_s = hop_s
        self._seconds = 0.0
        self._path: deque[tuple[float, float]] = deque()
        """For each window in which the onset may lie: its end and the evidence before it, both in seconds."""

    def copy(self) -> Self:
        """Return an independent copy."""
        copied = type(self)(self._enough_s, self._hop_s)
        copied._seconds = self._seconds
        copied._path.extend(self._path)
        return copied

    @property
    def is_enough(self) -> bool:
        """Whether the evidence has reached ``enough_s``."""
        return self._seconds >= self._enough_s

    @property
    def rising_since_s(self) -> float:
        """End of the window from which the evidence rose: the last one before which it was lowest, stream seconds."""
        return min(reversed(self._path), key=lambda step: step[1])[0]

    def add(self, probability: float, threshold: float, end_s: float) -> None:
        """Add a window's probability of crying; at ``threshold`` it adds zero. ``end_s`` is its end, stream seconds."""
        self._path.append((end_s, self._seconds))
        while self._path[0][0] < end_s - DOUBT * self._enough_s:
            self._path.popleft()
        evidence_s = self._seconds + self._hop_s * (probability - threshold) / max(1 - threshold, 1e-6)
        self._seconds = min(max(0.0, evidence_s), self._enough_s + SPARE_S)

    def reset(self) -> None:
        """Set the evidence to zero."""
        self._seconds = 0.0
        self._path.clear()
