"""The report on slices: a page, the same figures as JSON, and a Markdown table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.data.manifest import Clip
from training.evaluation.error_analysis.benchmark import Benchmark, BenchmarkResult
from training.evaluation.error_analysis.effect import Effect
from training.evaluation.error_analysis.remedies import remedies
from training.evaluation.error_analysis.slices import ALARMS, MISSES, Slice
from training.rendering import markdown_table, render_template
from training.storage.atomic import write_whole
from training.storage.json import write_json

BY_CHANCE = 0.025
"""Share of slices that stand out by chance, as good as the rest: the upper tail of a 95 % interval."""


def write_report(
    model: str,
    result: BenchmarkResult,
    benchmark: Benchmark,
    weak: Sequence[Slice],
    clips: Mapping[str, Clip],
    label_sources: str,
    out: Path,
) -> None:
    """Write ``out``/errors.html and errors.json."""
    rows = [
        {
            "rank": rank,
            "stands_out": each.stands_out,
            **each.as_record(),
            "remedies": [asdict(remedy) for remedy in remedies(each, model, clips)],
        }
        for rank, each in enumerate(weak, start=1)
    ]
    about: dict[str, Any] = {
        "model_id": result.card.model_id,
        "sha256": result.sha256,
        "exam": asdict(benchmark),
        "acts": len(result.answers),
        "whose_word": label_sources,
        "by_chance": round(BY_CHANCE * len(weak)),
    }
    write_json(out / "errors.json", {**about, "slices": rows})
    values = {**about, "rows": rows, "families": (MISSES, ALARMS)}
    page = render_template("training.evaluation.error_analysis", "report.html.j2", **values)
    write_whole(out / "errors.html", page)


def as_text(model: str, weak: Sequence[Slice], clips: Mapping[str, Clip], shown: int, explained: int) -> str:
    """Format the weakest slices, and the remedies for the first few."""
    rows = [_row(rank, each) for rank, each in enumerate(weak[:shown], start=1)]
    lines = [
        f"{len(weak)} slices failed anywhere; **!**: the whole interval is worse than usual"
        f" ({sum(each.stands_out for each in weak)} slices, about {BY_CHANCE * len(weak):.0f} by chance)",
        "",
        markdown_table(["", "question", "slice", "failed", "different", "95 % interval", "usual", "carries"], rows),
    ]
    for rank, each in enumerate(weak[:explained], start=1):
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


def _row(rank: int, each: Slice) -> list[str]:
    share = each.share
    return [
        str(rank),
        each.question,
        f"{each.trait}: {each.value}",
        f"{each.failed} of {share.n}",
        str(each.groups),
        f"{share.value:.0f} % ({share.low:.0f} to {share.high:.0f}){' **!**' if each.stands_out else ''}",
        f"{each.usual:.1f} %",
        f"{each.mass:.0f} % of {each.family}",
    ]


def effect_as_text(old: str, new: str, found: Sequence[Effect], wanted: tuple[str, str] | None, shown: int) -> str:
    """Format the wanted slice first, then whole questions, then the largest changes."""
    first = [each for each in found if (each.trait, each.value) == wanted]
    whole = [each for each in found if each.trait == "all"]
    others = [each for each in found if each not in first and each.trait != "all"][:shown]
    better, worse = sum(each.better for each in found), sum(each.worse for each in found)
    return "\n".join(
        [
            f"failures, {old} -> {new}: {better} slices better, {worse} worse by their whole interval, of {len(found)}",
            "",
            markdown_table(
                ["question", "slice", "night events", old, new, "difference, points", ""],
                map(_effect_row, [*first, *whole, *others]),
            ),
        ]
    )


def _effect_row(each: Effect) -> list[str]:
    failures = each.failures
    verdict = "worse" if each.worse else "better" if each.better else ""
    name = f"{each.trait}: {each.value}" if each.value else each.trait
    change = f"{failures.change:+.1f} ({failures.low:+.1f} to {failures.high:+.1f})"
    shares = [f"{failures.old:.1f} %", f"{failures.new:.1f} %"]
    return [each.question, name, str(failures.acts), *shares, change, verdict]


def write_effect(found: Sequence[Effect], path: Path) -> None:
    """Write every slice's difference as a record of a JSON file."""
    write_json(path, [{**asdict(each), "better": each.better, "worse": each.worse} for each in found])
