"""The report on label noise: a page, the same figures as JSON, and Markdown tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isinf
from pathlib import Path
from typing import Any

from markupsafe import Markup

from training.experiments.label_noise import plots
from training.experiments.label_noise.analysis import Choice, Table, choices, estimate, table
from training.experiments.label_noise.grid import GridSize, Result, sizes
from training.experiments.label_noise.matched_alerts import Comparison
from training.rendering import markdown_table, render_template
from training.statistics import Estimate
from training.storage.atomic import write_whole
from training.storage.json import write_json

Cells = Sequence[Sequence[str]]
"""The text of a table, the head first."""


def write(results: Sequence[Result], comparison: Comparison, size: GridSize, judged: int, out: Path) -> str:
    """Write ``out``/report.html, figures.json and curves.svg; return the text for the terminal.

    ``judged``: number of clips that the networks are measured on.
    """
    counts = sizes(size.reference)
    f1, auc, wrong = (table(results, figure) for figure in ("macro_f1", "auc", "wrong"))
    decided = choices(f1, counts, size.reference)
    drawn = {
        "f1_picture": plots.curves_picture(f1, counts, size.reference, "macro-F1"),
        "auc_picture": plots.curves_picture(auc, counts, size.reference, "AUC"),
        "trade_picture": plots.trade_picture(comparison),
    }
    tables = {
        "f1_table": _curves_table(f1, wrong, counts),
        "auc_table": _curves_table(auc, wrong, counts),
        "choices_table": _choices_table(decided, size.reference),
        "comparison_table": _comparison_table(comparison),
    }
    removed = f"Of v1's unneeded alerts, v2 does not give {_percent(comparison.removed_share)}."
    page = render_template(
        "training.experiments.label_noise",
        "report.html.j2",
        **asdict(size),
        judged=judged,
        **tables,
        **{name: Markup(svg) for name, svg in drawn.items()},  # noqa: S704 - our own drawings
        nets=len(results),
        comparison_nets=len(comparison.thresholds),
        thresholds=_range(comparison.thresholds),
        removed=removed,
    )
    write_whole(out / "report.html", page)
    write_whole(out / "curves.svg", drawn["f1_picture"])
    write_json(out / "figures.json", _figures(results, decided, comparison, size, judged))
    return _as_text(results, tables, removed, size, judged, comparison)


def _as_text(
    results: Sequence[Result],
    tables: Mapping[str, Cells],
    removed: str,
    size: GridSize,
    judged: int,
    comparison: Comparison,
) -> str:
    cpu_s = sum(result.cpu_s for result in results)
    parts = [
        f"macro-F1 on {judged} clean clips of the test split, {size.seeds} seeds, 95 % intervals;"
        f" {len(results)} nets of {size.steps} steps in {cpu_s / 60:.1f} minutes of processor time",
        _markdown(tables["f1_table"]),
        "AUC of crying or soothed-crying against none",
        _markdown(tables["auc_table"]),
        f"clean {size.reference} examples, or collect {size.reference} more?",
        _markdown(tables["choices_table"]),
        f"the same net under v1 and v2, {len(comparison.thresholds)} of each, {size.comparison_examples} examples,"
        f" {size.comparison_steps} steps; {size.episodes} episodes of each kind; v1 at the threshold that finds as many"
        f" cries ({_range(comparison.thresholds)})",
        _markdown(tables["comparison_table"]),
        removed,
    ]
    return "\n\n".join(parts)


def _figures(
    results: Sequence[Result], decided: Sequence[Choice], comparison: Comparison, size: GridSize, judged: int
) -> dict[str, Any]:
    worth = [{**asdict(each), "verdict": each.verdict} for each in decided]
    for each in worth:  # JSON knows no infinity
        each["worth"] = {name: None if isinf(value) else value for name, value in each["worth"].items()}
    return {
        "extent": asdict(size),
        "judged": judged,
        "cells": [asdict(result) for result in results],
        "choices": worth,
        "comparison": asdict(comparison),
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


def _comparison_table(comparison: Comparison) -> Cells:
    head = ["of 100 episodes", "v1, even odds", "v1, as many cries found", "v2", "fewer by the guideline"]
    rows = [
        [row.question, *(_plain(each, 1) for each in (row.v1_even, row.v1, row.v2, row.removed))]
        for row in comparison.rows
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
    return markdown_table(rows[0], rows[1:])
