"""The nights' pictures, as SVG text."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge.detection.decision_settings import Thresholds
from edge.records import SAMPLE_RATE, Event
from training.data.yamnet import HOP_SAMPLES
from training.evaluation.goals import CRYING_FOUND, FALSE_ALERTS, GOALS
from training.evaluation.nights.alarm_systems import TradeOff
from training.evaluation.nights.baselines import RULES, yamnet_alarms
from training.evaluation.nights.metrics import EventAnswer
from training.evaluation.nights.runner import Night
from training.evaluation.plots import COLORS, as_svg
from training.model.operating_points import run_decision
from training.synthesis.night_plan import NightEvent, NightEventKind

PART_S = 1_800.0
BARS = ("#2e86ab", "#edae49", "#8d6a9f")


def timeline_picture(nights: Sequence[Night], chosen: Thresholds, labels: Sequence[str]) -> str:
    """Draw the half hour with the most kinds of night event: truth, scores and events."""
    night, start_s = _richest_part(nights)
    stop_s = start_s + PART_S
    rows = 3 if night.yamnet else 2
    figure = Figure(figsize=(13, 2.2 * rows), layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True, height_ratios=[1, 2, 1][:rows])
    _draw_truth(
        axes[0],
        [
            night_event
            for night_event in night.night_events
            if start_s < night_event.span[1] and night_event.span[0] < stop_s
        ],
    )
    shown = [scores for scores in night.scores if start_s < scores.end_s <= stop_s]
    stacks = [[scores.probabilities[label] for scores in shown] for label in labels]
    axes[1].stackplot(
        [scores.end_s / 60 for scores in shown], stacks, colors=[COLORS[label] for label in labels], labels=labels
    )
    axes[1].set_ylim(0, 1)
    axes[1].set_ylabel("hushd")
    axes[1].legend(loc="lower right", fontsize=7, ncols=4)
    _draw_events(axes[1], run_decision(night.scores, chosen), start_s, stop_s)
    if night.yamnet:
        seconds = [window * HOP_SAMPLES / SAMPLE_RATE for window in range(len(night.yamnet))]
        axes[2].plot([each / 60 for each in seconds], night.yamnet, color="#444444", lw=0.6)
        axes[2].set_ylim(0, 1)
        axes[2].set_ylabel(RULES[-1].name, fontsize=7)
        _draw_events(axes[2], yamnet_alarms(night.yamnet, RULES[-1]), start_s, stop_s)
    axes[-1].set_xlim(start_s / 60, stop_s / 60)
    axes[-1].set_xlabel(f"minutes of night {night.number}")
    return as_svg(figure)


def trade_off_picture(curves: Mapping[str, Sequence[TradeOff]], points: Mapping[str, TradeOff]) -> str:
    """Draw detection against false alerts: a curve over the thresholds, a mark for each alarm as it is set."""
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    for color, (name, points_of_curve) in zip(BARS, curves.items(), strict=False):
        axes.plot(
            [each.false_alerts for each in points_of_curve],
            [each.found_percent for each in points_of_curve],
            "-",
            color=color,
        )
        axes.plot([], [], "-", color=color, label=f"{name}, all thresholds")
    for marker, (name, point) in zip("o^vsDX", points.items(), strict=False):
        color = BARS[0] if name.startswith("hushd") else BARS[1]
        axes.plot(point.false_alerts, point.found_percent, marker, color=color, mec="k", ms=7, ls="", label=name)
    axes.axhline(GOALS[CRYING_FOUND].bound, color="#888888", lw=0.7, ls=":")
    axes.axvline(GOALS[FALSE_ALERTS].bound, color="#888888", lw=0.7, ls=":")
    axes.set_xscale("symlog", linthresh=GOALS[FALSE_ALERTS].bound)
    axes.set_xlim(left=-0.05)
    axes.set_xlabel("false alerts in 8 hours of these nights")
    axes.set_ylabel("crying found, with and without television, %")
    axes.legend(fontsize=7, loc="lower right")
    return as_svg(figure)


def confusers_picture(answers_by_alarm: Mapping[str, Sequence[EventAnswer]]) -> str:
    """Draw the percentage of each kind of confuser that rang, by alarm."""
    confusers = (answer.night_event.confuser for answers in answers_by_alarm.values() for answer in answers)
    kinds = sorted({confuser for confuser in confusers if confuser})
    figure = Figure(figsize=(8, 0.5 * len(kinds) + 1.2), layout="constrained")
    axes = figure.subplots()
    for number, (color, (name, answers)) in enumerate(zip(BARS, answers_by_alarm.items(), strict=False)):
        shares = []
        for kind in kinds:
            rings = [answer.false_alerts > 0 for answer in answers if answer.night_event.confuser == kind]
            shares.append(100 * sum(rings) / len(rings))
        axes.barh([row + 0.27 * number for row in range(len(kinds))], shares, 0.25, color=color, label=name)
    axes.set_yticks([row + 0.27 for row in range(len(kinds))], kinds)
    axes.invert_yaxis()
    axes.set_xlim(left=0, right=max(10, axes.get_xlim()[1]))
    axes.set_xlabel("night events that rang, %")
    axes.legend(fontsize=7)
    return as_svg(figure)


def _richest_part(nights: Sequence[Night]) -> tuple[Night, float]:
    def variety(night: Night, start_s: float) -> int:
        return len(
            {
                night_event.kind
                for night_event in night.night_events
                if start_s <= night_event.span[0] and night_event.span[1] <= start_s + PART_S
            }
        )

    parts = [
        (night, night_event.slot[0])
        for night in nights
        for night_event in night.night_events
        if night_event.slot[0] + PART_S <= night.seconds
    ]
    return max(parts, key=lambda part: variety(*part), default=(nights[0], 0.0))


def _draw_truth(axes: Axes, night_events: Sequence[NightEvent]) -> None:
    for night_event in night_events:
        color = (
            "#dddddd"
            if night_event.kind is NightEventKind.CONFUSER
            else "#edae49"
            if night_event.kind is NightEventKind.FUSS
            else "#f5d5d9"
        )
        _span(axes, night_event.span, 0.0, 1.0, color)
        if night_event.cry:
            _span(axes, night_event.cry, 0.05, 0.45, COLORS["crying"])
        if night_event.adult:
            _span(axes, night_event.adult, 0.55, 0.95, COLORS["soothed-crying"])
        axes.text(
            night_event.span[0] / 60, 1.03, night_event.confuser or night_event.kind.value, fontsize=6, rotation=20
        )
    axes.set_ylim(0, 1)
    axes.set_yticks([0.25, 0.75], ["cry", "adult"])


def _span(axes: Axes, span: tuple[float, float], low: float, high: float, color: str) -> None:
    axes.axvspan(span[0] / 60, span[1] / 60, low, high, color=color, lw=0)


def _draw_events(axes: Axes, events: Sequence[Event], start_s: float, stop_s: float) -> None:
    for event in events:
        if start_s < event.at_s <= stop_s:
            axes.axvline(event.at_s / 60, color="k", lw=1.2 if event.kind.rings else 0.5, ls="-")
            axes.text(event.at_s / 60, 1.02, event.kind.value.removeprefix("cry_"), fontsize=6, rotation=30)
