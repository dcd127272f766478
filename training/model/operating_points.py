"""Operating points: the thresholds of low, normal and high sensitivity, and the decision's events at one of them.

A model file carries its own operating points. These were set by hand for cry-5 on ``nights --split dev`` with the seeds
21 and 22 and the programs' labels. Over both seeds, normal meets the goals for crying with a television, soothing,
fussing, the median and soothing that stops. It misses those for crying found (97 of 100), for false alerts (1.7 in 8 h)
and for the 95th percentile (14 s). The dev split has too few infants, and only one cat, to choose more finely.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.detection.decision import Decision
from edge.detection.decision_settings import DecisionSettings, Thresholds
from edge.records import Event, Scores

SENSITIVITIES = {"low": Thresholds(0.7, 0.3), "normal": Thresholds(0.5, 0.29), "high": Thresholds(0.35, 0.35)}

MEAN_SENSITIVITIES = {"low": Thresholds(0.5, 0.29), "normal": Thresholds(0.35, 0.27), "high": Thresholds(0.35, 0.35)}
"""For an ensemble, whose probabilities are lower: one member's doubt of a cry lowers the mean.

Set by hand on the same nights with the float mean of cry-3, cry-4 and cry-5.
"""


@dataclass(frozen=True, slots=True)
class ScoredStream:
    """The scores of one recording and its known story."""

    kind: str
    """Story of the recording."""
    scores: Sequence[Scores]
    hours: float


def run_decision(scores: Sequence[Scores], thresholds: Thresholds) -> list[Event]:
    """Return the events that the device's decision makes of the scores."""
    decision = Decision(DecisionSettings(), thresholds)
    return [event for each in scores for event in decision.push(each)]


def rings(scores: Sequence[Scores], thresholds: Thresholds) -> bool:
    """Return whether any of these events rings a phone."""
    return any(event.kind.rings for event in run_decision(scores, thresholds))
