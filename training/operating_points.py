"""Low, normal and high sensitivity: thresholds chosen on the dev split, in parents' units.

Measured with the decision the device takes, on composed episodes and on everything that is no cry played in a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.classifier import OperatingPoint
from edge.decision import Decision, DecisionSettings, Thresholds
from edge.records import Event, Scores

CRY_THRESHOLDS = tuple(round(0.30 + 0.05 * step, 2) for step in range(13))
SOOTHING_THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5)
NIGHT_H = 8.0

COST_OF_A_MISS = {"low": 1.0, "normal": 3.0, "high": 12.0}
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
    """The cheapest thresholds for each sensitivity, a miss weighing more the higher it is."""
    grid = [Thresholds(cry, soothing) for cry in CRY_THRESHOLDS for soothing in reversed(SOOTHING_THRESHOLDS)]
    measured = [_measure(recordings, thresholds) for thresholds in grid]  # of equals, the first: what rings most easily
    return {
        name: min(measured, key=lambda each: each[1] + cost * each[0].missed_per_100)[0]
        for name, cost in COST_OF_A_MISS.items()
    }


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
