"""Low, normal and high sensitivity, measured on the dev split in parents' units.

The thresholds are set by hand, from ``nights --split dev``: there normal meets the goals but for false alerts and, by a
second, the slowest alerts; low rings for no fussing; high finds a cry soonest. The dev split has too few infants, and
one cat, to tell one such line from the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.classifier import OperatingPoint
from edge.decision import Decision
from edge.decision_settings import DecisionSettings, Thresholds
from edge.records import Event, Scores

SENSITIVITIES = {"low": Thresholds(0.6, 0.3), "normal": Thresholds(0.4, 0.3), "high": Thresholds(0.25, 0.4)}
NIGHT_H = 8.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording's scores and what the right answer is."""

    kind: str
    scores: Sequence[Scores]
    hours: float


CRIES = frozenset({"cry", "cry_tv"})


def decide(scores: Sequence[Scores], thresholds: Thresholds) -> list[Event]:
    """What the device would have said."""
    decision = Decision(DecisionSettings(), thresholds)
    return [event for each in scores for event in decision.push(each)]


def rang(scores: Sequence[Scores], thresholds: Thresholds) -> bool:
    """Whether a phone would have rung at all."""
    return any(event.kind.rings for event in decide(scores, thresholds))


def measure(recordings: Sequence[Heard]) -> dict[str, OperatingPoint]:
    """What each sensitivity costs on recordings whose right answer is known."""
    return {name: _measure(recordings, thresholds) for name, thresholds in SENSITIVITIES.items()}


def _measure(recordings: Sequence[Heard], thresholds: Thresholds) -> OperatingPoint:
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
    per_night = night_alerts / night_hours * NIGHT_H if night_hours else 0.0
    return OperatingPoint(thresholds.cry, thresholds.soothing, round(per_night, 2), round(missed, 2))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
