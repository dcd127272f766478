"""Every alarm's events on the same nights: hushd at each sensitivity, YAMNet under each rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.detection.classifier import OperatingPoint
from edge.detection.decision_settings import Thresholds
from training.evaluation.nights.baselines import RULES, AlarmRule, yamnet_alarms
from training.evaluation.nights.questions import EventAnswer, answers, false_alerts, found
from training.evaluation.nights.runner import Night
from training.model.operating_points import run_decision
from training.synthesis.night_plan import NightEventKind

CRY_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
YAMNET_THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class TradeOff:
    """What a threshold finds and what it costs."""

    threshold: float
    found_percent: float
    """Of crying, with and without a television."""
    false_alerts: float
    """In 8 hours."""


def hushd_answers(nights: Sequence[Night], chosen: Thresholds) -> list[EventAnswer]:
    """The device's answer to every act."""
    return [answer for night in nights for answer in answers(night.acts, run_decision(night.scores, chosen))]


def yamnet_answers(nights: Sequence[Night], rule: AlarmRule) -> list[EventAnswer]:
    """YAMNet's answer to every act."""
    return [answer for night in nights for answer in answers(night.acts, yamnet_alarms(night.yamnet, rule))]


def everyone(nights: Sequence[Night], points: Mapping[str, OperatingPoint]) -> dict[str, list[EventAnswer]]:
    """Name of the alarm -> its answers; hushd's normal sensitivity first."""
    names = [name for name in ("normal", "low", "high") if name in points]
    told = {f"hushd, {name}": hushd_answers(nights, points[name].thresholds) for name in names}
    if nights[0].yamnet:
        told |= {rule.name: yamnet_answers(nights, rule) for rule in RULES}
    return told


def trade_offs(nights: Sequence[Night], point: OperatingPoint) -> dict[str, list[TradeOff]]:
    """Detection against false alerts over all thresholds."""
    curves = {
        "hushd": [
            trade(cry, hushd_answers(nights, Thresholds(cry, point.soothing_threshold)))
            for cry in sorted({*CRY_THRESHOLDS, point.cry_threshold})
        ]
    }
    if nights[0].yamnet:
        curves["YAMNet, 8 of 16"] = [
            trade(above, yamnet_answers(nights, AlarmRule("YAMNet", above))) for above in YAMNET_THRESHOLDS
        ]
    return curves


def trade(threshold: float, told: Sequence[EventAnswer]) -> TradeOff:
    """What one alarm finds and costs."""
    cries = [bool(found(each)) for each in told if each.act.kind in (NightEventKind.CRY, NightEventKind.CRY_TELEVISION)]
    return TradeOff(threshold, 100 * sum(cries) / max(1, len(cries)), false_alerts(told).value)


def measure_operating_points(
    nights: Sequence[Night], sensitivities: Mapping[str, Thresholds]
) -> dict[str, OperatingPoint]:
    """What each sensitivity costs: false alerts in 8 hours of these nights, cries missed of 100."""
    return {
        name: _point(chosen, trade(chosen.cry, hushd_answers(nights, chosen))) for name, chosen in sensitivities.items()
    }


def _point(chosen: Thresholds, told: TradeOff) -> OperatingPoint:
    return OperatingPoint(chosen.cry, chosen.soothing, round(told.false_alerts, 2), round(100 - told.found_percent, 2))
