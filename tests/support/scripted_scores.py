"""Scores written by hand, one a second, for tests of what is made of them."""

from collections.abc import Sequence

from edge.detection.decision_settings import Thresholds
from edge.records import Scores
from training.model.operating_points import ScoredStream

NORMAL = Thresholds(cry=0.5, soothing=0.5)
QUIET, CRY, SOOTHED = (0.0, 0.0), (0.9, 0.0), (0.0, 0.9)
"""Probability of crying and of soothed-crying."""


def heard(kind: str, *stretches: tuple[int, tuple[float, float]]) -> ScoredStream:
    """Return a recording with each stretch (seconds, probabilities) in turn; the first window ends at 5 s."""
    seconds = [odds for count, odds in stretches for _ in range(count)]
    return ScoredStream(kind, scores(seconds), len(seconds) / 3_600)


def scores(seconds: Sequence[tuple[float, float]]) -> list[Scores]:
    """One Scores a second."""
    return [
        Scores({"crying": cry, "fussing": 0.0, "soothed-crying": soothed, "none": 1 - cry - soothed}, end_s, -30.0)
        for end_s, (cry, soothed) in enumerate(seconds, start=5)
    ]
