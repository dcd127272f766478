"""Answers of every alarm on the same nights: hushd at each sensitivity, YAMNet under each rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.detection.classifier import OperatingPoint
from edge.detection.decision_settings import Thresholds
from training.evaluation.nights.baselines import RULES, AlarmRule, yamnet_alarms
from training.evaluation.nights.metrics import EventAnswer, assign_events, false_alerts, is_found
from training.evaluation.nights.runner import Night
from training.model.operating_points import run_decision
from training.synthesis.night_plan import NightEventKind

CRY_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
YAMNET_THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class TradeOff:
    """Detection and false alerts at one threshold."""

    threshold: float
    found_percent: float
    """Of crying, with and without a television."""
    false_alerts: float
    """In 8 hours."""


def hushd_answers(nights: Sequence[Night], thresholds: Thresholds) -> list[EventAnswer]:
    """Return the device's answer to every night event."""
    return [
        answer
        for night in nights
        for answer in assign_events(night.night_events, run_decision(night.scores, thresholds))
    ]


def yamnet_answers(nights: Sequence[Night], rule: AlarmRule) -> list[EventAnswer]:
    """Return YAMNet's answer to every night event."""
    return [
        answer for night in nights for answer in assign_events(night.night_events, yamnet_alarms(night.yamnet, rule))
    ]


def answers_by_alarm(nights: Sequence[Night], points: Mapping[str, OperatingPoint]) -> dict[str, list[EventAnswer]]:
    """Return the answers of each alarm by its name; hushd's normal sensitivity comes first."""
    names = [name for name in ("normal", "low", "high") if name in points]
    answers = {f"hushd, {name}": hushd_answers(nights, points[name].thresholds) for name in names}
    if nights[0].yamnet:
        answers |= {rule.name: yamnet_answers(nights, rule) for rule in RULES}
    return answers


def trade_offs(nights: Sequence[Night], point: OperatingPoint) -> dict[str, list[TradeOff]]:
    """Return detection against false alerts over all thresholds."""
    curves = {
        "hushd": [
            trade_off(cry, hushd_answers(nights, Thresholds(cry, point.soothing_threshold)))
            for cry in sorted({*CRY_THRESHOLDS, point.cry_threshold})
        ]
    }
    if nights[0].yamnet:
        curves["YAMNet, 8 of 16"] = [
            trade_off(above, yamnet_answers(nights, AlarmRule("YAMNet", above))) for above in YAMNET_THRESHOLDS
        ]
    return curves


def trade_off(threshold: float, answers: Sequence[EventAnswer]) -> TradeOff:
    """Return detection and false alerts of one alarm."""
    kinds = (NightEventKind.CRY, NightEventKind.CRY_TELEVISION)
    found = [bool(is_found(each)) for each in answers if each.night_event.kind in kinds]
    return TradeOff(threshold, 100 * sum(found) / max(1, len(found)), false_alerts(answers).value)


def measure_operating_points(
    nights: Sequence[Night], sensitivities: Mapping[str, Thresholds]
) -> dict[str, OperatingPoint]:
    """Measure false alerts in 8 hours and missed cries of 100 at each sensitivity."""
    return {
        name: _operating_point(thresholds, trade_off(thresholds.cry, hushd_answers(nights, thresholds)))
        for name, thresholds in sensitivities.items()
    }


def _operating_point(thresholds: Thresholds, measured: TradeOff) -> OperatingPoint:
    missed = round(100 - measured.found_percent, 2)
    return OperatingPoint(thresholds.cry, thresholds.soothing, round(measured.false_alerts, 2), missed)
