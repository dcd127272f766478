"""Low, normal and high sensitivity, measured on the dev split in parents' units.

Where crying begins is set by hand: normal counts a window in which it is more likely than not. The dev split has too
few infants to tell one such line from another (its optimum jumps between 0.35 and 0.85 with the price of a miss), and
to miss a cry is worse than one alert too many. What share of it must sound soothed is chosen there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.classifier import OperatingPoint
from edge.decision import Decision, DecisionSettings, Thresholds
from edge.records import Event, Scores

CRY_THRESHOLDS = {"low": 0.75, "normal": 0.5, "high": 0.3}
SOOTHING_THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5)
NIGHT_H = 8.0

COST_OF_A_MISS = 3.0
"""How many percent of soothed, fussing or confusing episodes rung one percent of cries missed is worth."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording's scores and what the right answer is."""

    kind: str
    scores: Sequence[Scores]
    hours: float


CRIES = frozenset({"cry", "cry_tv"})
NO_CRIES = frozenset({"soothed", "fuss", "confuser"})


def decide(scores: Sequence[Scores], thresholds: Thresholds) -> list[Event]:
    """What the device would have said."""
    decision = Decision(DecisionSettings(), thresholds)
    return [event for each in scores for event in decision.push(each)]


def rang(scores: Sequence[Scores], thresholds: Thresholds) -> bool:
    """Whether a phone would have rung at all."""
    return any(event.kind.rings for event in decide(scores, thresholds))


def choose(recordings: Sequence[Heard]) -> dict[str, OperatingPoint]:
    """Each sensitivity with the share of soothing that costs least; of equals, the one that rings most easily."""
    points = {}
    for name, cry in CRY_THRESHOLDS.items():
        measured = [_measure(recordings, Thresholds(cry, soothing)) for soothing in reversed(SOOTHING_THRESHOLDS)]
        points[name] = min(measured, key=lambda each: each[1] + COST_OF_A_MISS * each[0].missed_per_100)[0]
    return points


def _measure(recordings: Sequence[Heard], thresholds: Thresholds) -> tuple[OperatingPoint, float]:
    """The point, and the mean percentage of episodes without an unsoothed cry that rang."""
    rung: dict[str, list[bool]] = {}
    night_alerts = night_hours = 0.0
    for each in recordings:
        if each.kind == "night":
            events = decide(each.scores, thresholds)
            night_alerts += sum(event.kind == "cry_started" for event in events)
            night_hours += each.hours
        else:
            rung.setdefault(each.kind, []).append(rang(each.scores, thresholds))
    share = {kind: 100 * sum(answers) / len(answers) for kind, answers in rung.items()}
    missed = 100 - _mean([share[kind] for kind in CRIES & share.keys()])
    unneeded = _mean([share[kind] for kind in NO_CRIES & share.keys()])
    per_night = night_alerts / night_hours * NIGHT_H if night_hours else 0.0
    point = OperatingPoint(thresholds.cry, thresholds.soothing, round(per_night, 2), round(missed, 2))
    return point, unneeded


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
