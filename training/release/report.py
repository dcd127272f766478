"""The record as Markdown, for the terminal and as ``release.md`` beside the model."""

from collections.abc import Sequence
from pathlib import Path

from training.evaluation.error_analysis.effect import Effect
from training.evaluation.error_analysis.paired import Difference
from training.evaluation.goals import RELEASE_MARGINS
from training.release.record import Record
from training.rendering import markdown_table
from training.storage.atomic import write_whole

REPORT = "release.md"


def write_report(record: Record, folder: Path) -> None:
    """Write ``release.md`` beside the record."""
    write_whole(folder / REPORT, as_text(record) + "\n")


def as_text(record: Record) -> str:
    """Format the figures with their verdicts, the slices that get worse, and the decision."""
    candidate, current, exam = record.candidate, record.current, record.exam
    head = ["figure", "night events", current.model_id, candidate.model_id, "difference", "margin", "verdict"]
    rows = [
        [figure.name, str(figure.difference.acts), *_cells(figure.difference), _margin(figure.name), verdict]
        for figure, verdict in zip(record.figures, record.decision.verdicts, strict=True)
    ]
    passed = "passes" if record.decision.passed else "is refused"
    return "\n".join(
        [
            f"# {candidate.model_id} against {current.model_id}: {passed}",
            "",
            f"The same night events for both: {exam.episodes} episodes of each kind and {exam.hours:g} hours of nights,"
            f" composed from the {exam.split} split, of which people listened to {record.heard} clips"
            f"{f' and programs labeled {record.by_programs}' if record.by_programs else ''}. Differences are "
            "paired, with 95 % intervals over infants.",
            "",
            markdown_table(head, rows),
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
    head = ["failures of", "slice", "night events", "before", "after", "difference, points"]
    rows = [
        [each.question, f"{each.trait} {each.value}".rstrip(), str(each.failures.acts), *_cells(each.failures)]
        for each in fallen
    ]
    return ["Slices that fall by more than their interval:", "", markdown_table(head, rows), ""]


def _margin(name: str) -> str:
    return f"{RELEASE_MARGINS[name]:g}" if name in RELEASE_MARGINS else ""


def _cells(difference: Difference) -> list[str]:
    """Format the old figure, the new one and the change."""
    if not difference.acts:
        return ["-", "-", "-"]
    change = f"{difference.change:+.1f} ({difference.low:+.1f} to {difference.high:+.1f})"
    return [f"{difference.old:.1f}", f"{difference.new:.1f}", change]
