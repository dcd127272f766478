"""The slices as a page one can look at, as JSON, and as a table for the terminal."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from training.data.manifest import Clip
from training.evaluation.error_analysis.benchmark import Benchmark, BenchmarkResult
from training.evaluation.error_analysis.effect import Effect
from training.evaluation.error_analysis.remedies import remedies
from training.evaluation.error_analysis.slices import ALARMS, MISSES, Slice
from training.storage.atomic import write_whole

BY_CHANCE = 0.025
"""By chance this part of slices that are as good as the rest stands out all the same."""


def write_report(
    model: str,
    sitting: BenchmarkResult,
    exam: Benchmark,
    weak: Sequence[Slice],
    clips: Mapping[str, Clip],
    whose_word: str,
    out: Path,
) -> None:
    """``out``/errors.html and errors.json."""
    rows = [
        {
            "rank": rank,
            "stands_out": each.stands_out,
            **asdict(each),
            "remedies": [asdict(remedy) for remedy in remedies(each, model, clips)],
        }
        for rank, each in enumerate(weak, start=1)
    ]
    about: dict[str, Any] = {
        "model_id": sitting.card.model_id,
        "sha256": sitting.sha256,
        "exam": asdict(exam),
        "acts": len(sitting.answers),
        "whose_word": whose_word,
        "by_chance": round(BY_CHANCE * len(weak)),
    }
    write_whole(out / "errors.json", json.dumps({**about, "slices": rows}, indent=1) + "\n")
    environment = Environment(
        loader=PackageLoader("training.evaluation.error_analysis", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    page = environment.get_template("report.html.j2").render(**about, rows=rows, families=(MISSES, ALARMS))
    write_whole(out / "errors.html", page)


def as_text(model: str, weak: Sequence[Slice], clips: Mapping[str, Clip], shown: int, told: int) -> str:
    """The weakest slices, and what to do about the first few."""
    rows = [_row(rank, each) for rank, each in enumerate(weak[:shown], start=1)]
    lines = [
        f"{len(weak)} slices failed anywhere; **!**: the whole interval is worse than usual"
        f" ({sum(each.stands_out for each in weak)} slices, about {BY_CHANCE * len(weak):.0f} by chance)",
        "",
        "| | question | slice | failed | different | 95 % interval | usual | carries |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
    ]
    for rank, each in enumerate(weak[:told], start=1):
        lines += ["", f"{rank}. {each.question}, {each.trait} {each.value}"]
        for remedy in remedies(each, model, clips):
            lines += [
                f"   {remedy.kind:8} {remedy.what}",
                *([f"            {remedy.command}"] if remedy.command else []),
            ]
    for each in weak[:1]:
        lines += [
            "",
            "What a remedy bought, once a model was trained with it:",
            f"python -m training error-analysis --effect {model} NEXT --slice '{each.trait}={each.value}'",
        ]
    return "\n".join(lines)


def _row(rank: int, each: Slice) -> str:
    told = each.share
    interval = f"{told.value:.0f} % ({told.low:.0f} to {told.high:.0f}){' **!**' if each.stands_out else ''}"
    return (
        f"| {rank} | {each.question} | {each.trait}: {each.value} | {each.failed} of {told.acts} | {each.groups} "
        f"| {interval} | {each.usual:.1f} % | {each.mass:.0f} % of {each.family} |"
    )


def effect_as_text(old: str, new: str, found: Sequence[Effect], wanted: tuple[str, str] | None, shown: int) -> str:
    """The wanted slice first, then whole questions, then what changed the most."""
    first = [each for each in found if (each.trait, each.value) == wanted]
    whole = [each for each in found if each.trait == "all"]
    others = [each for each in found if each not in first and each.trait != "all"][:shown]
    better, worse = sum(each.better for each in found), sum(each.worse for each in found)
    return "\n".join(
        [
            f"failures, {old} -> {new}: {better} slices better, {worse} worse by their whole interval, of {len(found)}",
            "",
            f"| question | slice | acts | {old} | {new} | difference, points | |",
            "|---|---|---|---|---|---|---|",
            *map(_effect_row, [*first, *whole, *others]),
        ]
    )


def _effect_row(each: Effect) -> str:
    told = each.failures
    verdict = "worse" if each.worse else "better" if each.better else ""
    name = f"{each.trait}: {each.value}" if each.value else each.trait
    change = f"{told.change:+.1f} ({told.low:+.1f} to {told.high:+.1f})"
    return f"| {each.question} | {name} | {told.acts} | {told.old:.1f} % | {told.new:.1f} % | {change} | {verdict} |"


def effect_as_json(found: Sequence[Effect]) -> list[Mapping[str, Any]]:
    """Every slice's difference."""
    return [{**asdict(each), "better": each.better, "worse": each.worse} for each in found]
