"""The nights' verdict: a page one can look at, the same figures as JSON, and a table for the terminal and the card."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isinf, nan
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from edge.detection.classifier import ModelCard
from training.evaluation.nights import alarms, plots
from training.evaluation.nights.intervals import Interval
from training.evaluation.nights.questions import EventAnswer, ResultRow, result_rows
from training.evaluation.nights.runner import Night
from training.evaluation.nights.slices import failures, slices
from training.storage.atomic import write_whole
from training.synthesis.night_plan import NightEventKind


def write_report(nights: Sequence[Night], card: ModelCard, split: str, seed: int, out: Path) -> dict[str, Any]:
    """``out``/report.html and figures.json; the figures are returned."""
    told = alarms.everyone(nights, card.operating_points)
    normal = next(iter(told.values()))
    tables = {name: result_rows(answers) for name, answers in told.items()}
    curves = alarms.trade_offs(nights, card.operating_points["normal"])
    figures: dict[str, Any] = {
        "model_id": card.model_id,
        "split": split,
        "seed": seed,
        "nights": len(nights),
        "hours": round(sum(night.seconds for night in nights) / 3_600, 2),
        "infants": len({answer.act.infant for answer in normal if answer.act.infant}),
        "acts": dict(Counter(answer.act.confuser or answer.act.kind.value for answer in normal)),
        "rows": {name: [asdict(row) for row in rows] for name, rows in tables.items()},
        "slices": [asdict(each) for each in slices(normal)],
        "failures": [asdict(each) for each in failures(normal)],
        "trade_offs": {name: [asdict(trade) for trade in trades] for name, trades in curves.items()},
    }
    write_whole(out / "figures.json", json.dumps(figures, indent=1) + "\n")
    beside = {name: told[name] for name in (next(iter(told)), *list(told)[-2:])}
    drawn = {
        "timeline": plots.timeline_picture(nights, card.operating_points["normal"].thresholds, card.labels),
        "trade": plots.trade_picture(curves, {name: alarms.trade(nan, answers) for name, answers in told.items()}),
        "confusers": plots.confusers_picture(beside),
    }
    environment = Environment(
        loader=PackageLoader("training.evaluation.nights", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    pages = {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704 - our own drawings
    page = environment.get_template("report.html.j2").render(
        **figures,
        **pages,
        names=list(tables),
        table=_cells(tables),
        told=len(normal),
        confuser_acts=_count(normal, NightEventKind.CONFUSER),
    )
    write_whole(out / "report.html", page)
    return figures


def as_text(figures: Mapping[str, Any]) -> str:
    """The table in Markdown."""
    rows = {
        name: [ResultRow(**{**row, "value": Interval(**row["value"])}) for row in table]
        for name, table in figures["rows"].items()
    }
    head = (
        f"{figures['model_id']} on {figures['nights']} nights, {figures['hours']:g} hours, composed from the"
        f" {figures['split']} split (seed {figures['seed']}), {figures['infants']} infants; 95 % intervals over acts"
    )
    lines = [
        "| " + " | ".join(cells) + " |"
        for cells in (["question", "goal", "acts", *rows], ["---"] * (3 + len(rows)), *_cells(rows))
    ]
    return "\n".join([head, "", *lines])


def _cells(tables: Mapping[str, Sequence[ResultRow]]) -> list[list[str]]:
    """A line a question, a column an alarm; the acts are those of the first."""
    return [
        [rows[0].question, rows[0].goal, str(rows[0].value.acts), *map(_cell, rows)]
        for rows in zip(*tables.values(), strict=True)
    ]


def _cell(row: ResultRow) -> str:
    if not row.value.acts:
        return "-"
    value, low, high = ("never" if isinf(each) else f"{each:.1f}" for each in _numbers(row.value))
    unit = f" {row.unit}" if row.unit and not isinf(row.value.value) else ""
    return f"{value}{unit} ({low} to {high}){' **missed**' if row.met is False else ''}"


def _numbers(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


def _count(told: Sequence[EventAnswer], kind: NightEventKind) -> int:
    return sum(answer.act.kind is kind for answer in told)
