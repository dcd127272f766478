"""Evidence that there is crying, soothed or not, and since when.

A window that surely holds crying adds its seconds, a doubtful one next to nothing, one without takes away, down to zero
(Page 1954, "Continuous inspection schemes", doi 10.1093/biomet/41.1-2.100).
"""

from collections import deque
from typing import Self

SPARE_S = 1.5
"""Evidence beyond what is enough, which a breath may use up."""
DOUBT = 6
"""Crying of which a second counts for less than a sixth has no beginning that anybody could tell: the onset is looked
for no further back than this many times the evidence that is enough.
"""


class Evidence:
    """Gathers what the windows of one stream say."""

    def __init__(self, enough_s: float, hop_s: float) -> None:
        self._enough_s = enough_s
        self._hop_s = hop_s
        self._seconds = 0.0
        self._path: deque[tuple[float, float]] = deque()
        """Of the windows in which an onset may lie: end, and the evidence before it, seconds."""

    def copy(self) -> Self:
        """Return an independent copy."""
        copied = type(self)(self._enough_s, self._hop_s)
        copied._seconds = self._seconds
        copied._path.extend(self._path)
        return copied

    @property
    def enough(self) -> bool:
        """Whether there is crying."""
        return self._seconds >= self._enough_s

    @property
    def rising_since_s(self) -> float:
        """End of the window from which on the evidence rose for good: the last one before which it was lowest."""
        return min(reversed(self._path), key=lambda step: step[1])[0]

    def gather(self, probability: float, doubtful: float, end_s: float) -> None:
        """Add what the window that ends at ``end_s`` says for crying; at ``doubtful`` it says nothing."""
        self._path.append((end_s, self._seconds))
        while self._path[0][0] < end_s - DOUBT * self._enough_s:
            self._path.popleft()
        gathered_s = self._seconds + self._hop_s * (probability - doubtful) / max(1 - doubtful, 1e-6)
        self._seconds = min(max(0.0, gathered_s), self._enough_s + SPARE_S)

    def forget(self) -> None:
        """Begin anew."""
        self._seconds = 0.0
        self._path.clear()
