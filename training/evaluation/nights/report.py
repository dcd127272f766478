"""The report on nights: a page, the same figures as JSON, and a Markdown table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isinf, nan
from pathlib import Path
from typing import Any

from markupsafe import Markup

from edge.detection.classifier import ModelCard
from training.evaluation.nights import alarm_systems, plots
from training.evaluation.nights.alarm_systems import TradeOff
from training.evaluation.nights.metrics import EventAnswer, ResultRow, result_rows
from training.evaluation.nights.runner import Night
from training.evaluation.nights.slices import failures, slices
from training.rendering import markdown_table, render_template
from training.statistics import Estimate
from training.storage.atomic import write_table, write_whole
from training.storage.json import write_json
from training.synthesis.night_plan import NightEventKind


def write_report(nights: Sequence[Night], card: ModelCard, split: str, seed: int, out: Path) -> dict[str, Any]:
    """Write ``out``/report.html, figures.json, metrics.json and trade_offs.csv; return the figures.

    ``metrics.json`` has a number for each question at normal sensitivity, which DVC compares between commits.
    """
    answers = alarm_systems.answers_by_alarm(nights, card.operating_points)
    normal = next(iter(answers.values()))
    tables = {name: result_rows(mine) for name, mine in answers.items()}
    curves = alarm_systems.trade_offs(nights, card.operating_points["normal"])
    figures: dict[str, Any] = {
        "model_id": card.model_id,
        "split": split,
        "seed": seed,
        "nights": len(nights),
        "hours": round(sum(night.seconds for night in nights) / 3_600, 2),
        "infants": len({answer.night_event.infant for answer in normal if answer.night_event.infant}),
        "acts": dict(Counter(answer.night_event.confuser or answer.night_event.kind.value for answer in normal)),
        "rows": {name: [_as_record(row) for row in rows] for name, rows in tables.items()},
        "slices": [asdict(each) for each in slices(normal)],
        "failures": [asdict(each) for each in failures(normal)],
        "trade_offs": {name: [asdict(point) for point in points] for name, points in curves.items()},
    }
    write_json(out / "figures.json", figures, allow_infinity=True)  # a percentile of seconds may be "never"
    metrics = {row.question: row.value.value for row in next(iter(tables.values()))}
    write_json(out / "metrics.json", metrics, allow_infinity=True)
    _write_trade_offs(out / "trade_offs.csv", curves)
    page = render_template(
        "training.evaluation.nights",
        "report.html.j2",
        **figures,
        **_drawings(nights, card, answers, curves),
        names=list(tables),
        table=_cells(tables),
        event_count=len(normal),
        confuser_count=_count(normal, NightEventKind.CONFUSER),
    )
    write_whole(out / "report.html", page)
    return figures


def as_text(figures: Mapping[str, Any]) -> str:
    """Format the table in Markdown."""
    rows = {name: [_from_record(row) for row in table] for name, table in figures["rows"].items()}
    head = (
        f"{figures['model_id']} on {figures['nights']} nights, {figures['hours']:g} hours, composed from the"
        f" {figures['split']} split (seed {figures['seed']}), {figures['infants']} infants;"
        " 95 % intervals over night events"
    )
    return "\n".join([head, "", markdown_table(["question", "goal", "night events", *rows], _cells(rows))])


def _drawings(
    nights: Sequence[Night],
    card: ModelCard,
    answers: Mapping[str, Sequence[EventAnswer]],
    curves: Mapping[str, Sequence[TradeOff]],
) -> dict[str, Markup]:
    compared = {name: answers[name] for name in (next(iter(answers)), *list(answers)[-2:])}
    points = {name: alarm_systems.trade_off(nan, mine) for name, mine in answers.items()}
    drawn = {
        "timeline": plots.timeline_picture(nights, card.operating_points["normal"].thresholds, card.labels),
        "trade": plots.trade_off_picture(curves, points),
        "confusers": plots.confusers_picture(compared),
    }
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704 - our own drawings


def _write_trade_offs(path: Path, curves: Mapping[str, Sequence[TradeOff]]) -> None:
    """Write the curves as a table, which DVC plots."""
    rows = [
        (name, each.threshold, each.false_alerts, each.found_percent)
        for name, points in curves.items()
        for each in points
    ]
    write_table(path, ("alarm", "threshold", "false_alerts", "found_percent"), rows)


def _as_record(row: ResultRow) -> dict[str, Any]:
    return {**asdict(row), "value": row.value.as_record("acts")}


def _from_record(record: Mapping[str, Any]) -> ResultRow:
    value = dict(record["value"])
    return ResultRow(**{**record, "value": Estimate(n=value.pop("acts"), **value)})


def _cells(tables: Mapping[str, Sequence[ResultRow]]) -> list[list[str]]:
    """Return a line for each question and a column for each alarm; the number of night events is the first alarm's."""
    return [
        [rows[0].question, rows[0].goal, str(rows[0].value.n), *map(_cell, rows)]
        for rows in zip(*tables.values(), strict=True)
    ]


def _cell(row: ResultRow) -> str:
    if not row.value.n:
        return "-"
    numbers = (row.value.value, row.value.low, row.value.high)
    value, low, high = ("never" if isinf(each) else f"{each:.1f}" for each in numbers)
    unit = f" {row.unit}" if row.unit and not isinf(row.value.value) else ""
    return f"{value}{unit} ({low} to {high}){' **missed**' if row.met is False else ''}"


def _count(answers: Sequence[EventAnswer], kind: NightEventKind) -> int:
    return sum(answer.night_event.kind is kind for answer in answers)
