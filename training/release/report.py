"""The record as a page of Markdown: for the terminal, and beside the model as ``release.md``."""

from collections.abc import Sequence
from pathlib import Path

from training.evaluation.error_analysis.effect import Effect
from training.evaluation.error_analysis.paired import Difference
from training.release.gate import MARGINS
from training.release.record import Record
from training.storage.atomic import write_whole

REPORT = "release.md"


def write_report(record: Record, folder: Path) -> None:
    """``release.md`` beside the record."""
    write_whole(folder / REPORT, as_text(record) + "\n")


def as_text(record: Record) -> str:
    """The table with a verdict a figure, the slices that fall, and what it comes to."""
    candidate, current, exam = record.candidate, record.current, record.exam
    rows = [
        f"| {figure.name} | {figure.difference.acts} | {_difference(figure.difference)} | "
        f"{f'{MARGINS[figure.name]:g}' if figure.name in MARGINS else ''} | {verdict} |"
        for figure, verdict in zip(record.figures, record.decision.verdicts, strict=True)
    ]
    passed = "passes" if record.decision.passed else "is refused"
    return "\n".join(
        [
            f"# {candidate.model_id} against {current.model_id}: {passed}",
            "",
            f"The same acts for both: {exam.episodes} episodes of each story and {exam.hours:g} hours of nights, "
            f"composed from the {exam.split} split, of which people listened to {record.heard} clips"
            f"{f' and programs labeled {record.by_programs}' if record.by_programs else ''}. Differences are "
            "paired, with 95 % intervals over infants.",
            "",
            f"| figure | acts | {current.model_id} | {candidate.model_id} | difference | margin | verdict |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            *_slices(record.fallen),
            f"**{candidate.model_id} {passed}:** {'; '.join(record.decision.why)}.",
            "",
            f"Judged {record.at}, commit {record.commit[:12] + record.commit[40:] or 'unknown'}; "
            f"{candidate.model_id} is `{candidate.sha256[:12]}`, {current.model_id} `{current.sha256[:12]}`.",
        ]
    )


def _slices(fallen: Sequence[Effect]) -> list[str]:
    if not fallen:
        return ["No slice falls by more than its interval.", ""]
    rows = [
        f"| {each.question} | {' '.join(filter(None, (each.trait, each.value)))} | {each.failures.acts} "
        f"| {_difference(each.failures)} |"
        for each in fallen
    ]
    head = ["| failures of | slice | acts | before | after | difference, points |", "|---|---|---|---|---|---|"]
    return ["Slices that fall by more than their interval:", "", *head, *rows, ""]


def _difference(difference: Difference) -> str:
    """Three cells."""
    if not difference.acts:
        return "- | - | -"
    return (
        f"{difference.old:.1f} | {difference.new:.1f} "
        f"| {difference.change:+.1f} ({difference.low:+.1f} to {difference.high:+.1f})"
    )
