"""The study as a page, as JSON and as text for a terminal; the tables are the same in all three."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isinf
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from training.experiments.label_noise import plots
from training.experiments.label_noise.analysis import Choice, Estimate, Table, choices, estimate, table
from training.experiments.label_noise.grid import GridSize, Result, sizes
from training.experiments.label_noise.matched_alerts import Comparison
from training.storage.atomic import write_whole

Cells = Sequence[Sequence[str]]
"""A table's text, the head first."""


def write(outcomes: Sequence[Result], verdict: Comparison, extent: GridSize, judged: int, out: Path) -> str:
    """``out``/report.html, figures.json and curves.svg; the text for the terminal is returned."""
    counts = sizes(extent.reference)
    f1, auc, wrong = (table(outcomes, figure) for figure in ("macro_f1", "auc", "wrong"))
    decided = choices(f1, counts, extent.reference)
    drawn = {
        "f1_picture": plots.curves_picture(f1, counts, extent.reference, "macro-F1"),
        "auc_picture": plots.curves_picture(auc, counts, extent.reference, "AUC"),
        "trade_picture": plots.trade_picture(verdict),
    }
    tables = {
        "f1_table": _curves_table(f1, wrong, counts),
        "auc_table": _curves_table(auc, wrong, counts),
        "choices_table": _choices_table(decided, extent.reference),
        "story_table": _story_table(verdict),
    }
    removed = f"Of v1's unneeded alerts, v2 does not give {_percent(verdict.removed_share)}."
    environment = Environment(
        loader=PackageLoader("training.experiments.label_noise", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    page = environment.get_template("report.html.j2").render(
        **asdict(extent),
        judged=judged,
        **tables,
        **{name: Markup(svg) for name, svg in drawn.items()},  # noqa: S704 - our own drawings
        nets=len(outcomes),
        story_nets=len(verdict.thresholds),
        thresholds=_range(verdict.thresholds),
        removed=removed,
    )
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "report.html", page)
    write_whole(out / "curves.svg", drawn["f1_picture"])
    write_whole(out / "figures.json", json.dumps(_figures(outcomes, decided, verdict, extent, judged), indent=1) + "\n")
    return _as_text(outcomes, tables, removed, extent, judged, verdict)


def _as_text(
    outcomes: Sequence[Result],
    tables: Mapping[str, Cells],
    removed: str,
    extent: GridSize,
    judged: int,
    verdict: Comparison,
) -> str:
    cpu_s = sum(outcome.cpu_s for outcome in outcomes)
    parts = [
        f"macro-F1 on {judged} clean clips of the test split, {extent.seeds} seeds, 95 % intervals;"
        f" {len(outcomes)} nets of {extent.steps} steps in {cpu_s / 60:.1f} minutes of processor time",
        _markdown(tables["f1_table"]),
        "AUC of crying or soothed-crying against none",
        _markdown(tables["auc_table"]),
        f"clean {extent.reference} examples, or collect {extent.reference} more?",
        _markdown(tables["choices_table"]),
        f"the same net under v1 and v2, {len(verdict.thresholds)} of each, {extent.story_examples} examples,"
        f" {extent.story_steps} steps; {extent.episodes} episodes of each kind; v1 at the threshold that finds as many"
        f" cries ({_range(verdict.thresholds)})",
        _markdown(tables["story_table"]),
        removed,
    ]
    return "\n\n".join(parts)


def _figures(
    outcomes: Sequence[Result], decided: Sequence[Choice], verdict: Comparison, extent: GridSize, judged: int
) -> dict[str, Any]:
    worth = [{**asdict(each), "verdict": each.verdict} for each in decided]
    for each in worth:  # JSON knows no infinity
        each["worth"] = {name: None if isinf(value) else value for name, value in each["worth"].items()}
    return {
        "extent": asdict(extent),
        "judged": judged,
        "cells": [asdict(outcome) for outcome in outcomes],
        "choices": worth,
        "story": asdict(verdict),
    }


def _curves_table(figures: Table, wrong: Table, counts: Sequence[int]) -> Cells:
    head = ["labels", "wrong", *(f"{count} examples" for count in counts)]
    rows = [
        [str(noise), f"{wrong[noise].mean():.0%}", *(_plain(estimate(row), 3) for row in rows)]
        for noise, rows in figures.items()
    ]
    return [head, *rows]


def _choices_table(decided: Sequence[Choice], reference: int) -> Cells:
    head = [
        "labels",
        f"examples that equal {reference} clean ones",
        f"macro-F1: {reference} cleaned less {2 * reference} as they are",
        "so",
    ]
    return [head, *([str(each.noise), _plain(each.worth, 0), _signed(each.gain), each.verdict] for each in decided)]


def _story_table(verdict: Comparison) -> Cells:
    head = ["of 100 episodes", "v1, even odds", "v1, as many cries found", "v2", "fewer by the guideline"]
    rows = [
        [row.question, *(_plain(each, 1) for each in (row.v1_even, row.v1, row.v2, row.removed))]
        for row in verdict.rows
    ]
    return [head, *rows]


def _plain(each: Estimate, digits: int) -> str:
    value, low, high = (
        "more than tried" if isinf(number) else f"{number:.{digits}f}" for number in (each.value, each.low, each.high)
    )
    return f"{value} ({low} to {high})"


def _signed(each: Estimate) -> str:
    return f"{each.value:+.3f} ({each.low:+.3f} to {each.high:+.3f})"


def _percent(each: Estimate) -> str:
    return f"{each.value:.0f} % ({each.low:.0f} to {each.high:.0f})"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


def _markdown(rows: Cells) -> str:
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
