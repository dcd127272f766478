"""The audit's tables, its page, and its words for a terminal."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from label_schema import Guideline
from training.audit.findings import HEAR_AGAIN, Finding, FindingKind
from training.audit.run import Audit
from training.labels import migration
from training.labels.clip_media import write_media
from training.labels.report import render
from training.storage.atomic import write_table, write_whole

COLUMNS = (
    "kind", "rank", "score", "name", "other", "why", "label", "likely", "labeller", "source", "group", "split",
    "duration_s", "clip", "other_clip",
)  # fmt: skip
TITLES = {
    FindingKind.LEAK: "Leaks across splits",
    FindingKind.LABEL: "Likely wrong labels",
    FindingKind.DUPLICATE: "One sound twice",
    FindingKind.SOUND: "Damaged or poor sound",
    FindingKind.OUTLIER: "Like nothing else",
}
_IN_TERMINAL = 5


@dataclass(frozen=True, slots=True)
class Section:
    """The findings of one kind, as many as the page shows."""

    kind: FindingKind
    title: str
    shown: Sequence[Finding]
    total: int


def write_report(found: Audit, guideline: Guideline, out: Path, most: int, jobs: int) -> Path:
    """Write the tables, the clips of the first ``most`` findings of each kind, and index.html, which is returned."""
    sections = [Section(kind, title, found.of(kind)[:most], len(found.of(kind))) for kind, title in TITLES.items()]
    sections = [section for section in sections if section.total]
    shown = [each for section in sections for each in section.shown]
    indices = [index for each in shown for index in (each.subject, each.other) if index is not None]
    audible = [index for index in indices if found.heard[index].seconds]
    media = write_media({found.heard[index].digest: found.recordings[index].path for index in audible}, out, jobs)
    page = render("audit.html.j2", guideline, found=found, sections=sections, media=media, verdict=verdict(found))
    _write_findings(out / "findings.csv", found)
    _write_queue(out, found, guideline)
    figures = {"clips": len(found.recordings), "findings": {str(kind): len(found.of(kind)) for kind in FindingKind}}
    figures |= {"labels": asdict(found.labels) if found.labels else None}
    write_whole(out / "figures.json", json.dumps(figures, indent=1) + "\n")
    write_whole(out / "index.html", page)
    return out / "index.html"


def as_text(found: Audit) -> str:
    """For a terminal: what there is, and the first of each kind."""
    lines = [verdict(found)]
    for kind, title in TITLES.items():
        mine = found.of(kind)
        if mine:
            lines += ["", f"{title}: {len(mine)}"]
        for each in mine[:_IN_TERMINAL]:
            other = (
                "" if each.other is None or kind is FindingKind.OUTLIER else f" | {found.recordings[each.other].name}"
            )
            lines.append(f"  {found.recordings[each.subject].name}{other}: {each.why}")
    return "\n".join(lines)


def verdict(found: Audit) -> str:
    """What the labels are worth, as far as an audit can say."""
    if not found.labels:
        return f"{len(found.recordings)} clips heard; too few labels of too few kinds to tell which are wrong"
    figures, planted = found.labels, found.labels.planted
    return (
        f"{len(found.recordings)} clips heard; {figures.suspected} of {figures.labels} labels are suspected."
        f" Of {planted.swapped} labels swapped on purpose {planted.found} were suspected too,"
        f" {planted.on_top} of them among the first {planted.swapped}"
    )


def _write_findings(path: Path, found: Audit) -> None:
    def row(each: Finding, rank: int) -> tuple[object, ...]:
        mine, heard = found.recordings[each.subject], found.heard[each.subject]
        other = ("", "") if each.other is None else (found.recordings[each.other].name, found.heard[each.other].digest)
        said = (each.why, mine.label or "", each.likely or "", mine.labeller, mine.source, mine.group, mine.split)
        return (each.kind, rank, f"{each.score:.3f}", mine.name, other[0], *said, f"{heard.seconds:.3f}", heard.digest,
                other[1])  # fmt: skip

    rows = [row(each, rank) for kind in TITLES for rank, each in enumerate(found.of(kind), start=1)]
    write_table(path, COLUMNS, rows)


def _write_queue(out: Path, found: Audit, guideline: Guideline) -> None:
    """What an ear can settle, each clip once: ``queue.csv`` like relabel's, ``clips.csv`` for ``import csv``."""
    queue, clips = {}, {}
    for each in (each for kind in HEAR_AGAIN for each in found.of(kind)):
        mine, heard = found.recordings[each.subject], found.heard[each.subject]
        if heard.seconds and heard.digest not in queue:
            asked = (heard.digest, guideline.version, mine.label or "", each.why)
            queue[heard.digest] = (*asked, mine.source, mine.group, f"{heard.seconds:.3f}")
            clips[heard.digest] = (mine.path.resolve(), mine.source, mine.group, mine.split)
    write_table(out / "queue.csv", migration.COLUMNS, queue.values())
    write_table(out / "clips.csv", ("file", "source", "group", "split"), clips.values())
