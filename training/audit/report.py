"""The audit report: tables, a page, and text for a terminal."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from label_schema import Guideline
from training.audit.findings import RELABELED_KINDS, Finding, FindingKind
from training.audit.run import Audit
from training.labels import migration
from training.labels.clip_media import write_media
from training.labels.report import render
from training.storage.atomic import write_table, write_whole
from training.storage.json import write_json

COLUMNS = (
    "kind", "rank", "score", "name", "other", "why", "label", "likely", "labeller", "source", "group", "split",
    "duration_s", "clip", "other_clip",
)  # fmt: skip
TITLES = {
    FindingKind.LEAK: "Leaks across splits",
    FindingKind.LABEL: "Likely wrong labels",
    FindingKind.DUPLICATE: "Duplicates",
    FindingKind.SOUND: "Damaged or poor sound",
    FindingKind.OUTLIER: "Outliers",
}
_IN_TERMINAL = 5


@dataclass(frozen=True, slots=True)
class Section:
    """The findings of one kind on the page."""

    kind: FindingKind
    title: str
    shown: Sequence[Finding]
    total: int


def write_report(audit: Audit, guideline: Guideline, out: Path, most: int, jobs: int) -> Path:
    """Write tables, index.html and its clips, at most ``most`` findings of a kind; return the page's path."""
    sections = [Section(kind, title, audit.of(kind)[:most], len(audit.of(kind))) for kind, title in TITLES.items()]
    sections = [section for section in sections if section.total]
    shown = [each for section in sections for each in section.shown]
    indices = [index for each in shown for index in (each.subject, each.other) if index is not None]
    audible = [index for index in indices if audit.descriptors[index].seconds]
    media = write_media({audit.descriptors[index].digest: audit.recordings[index].path for index in audible}, out, jobs)
    page = render("audit.html.j2", guideline, found=audit, sections=sections, media=media, verdict=verdict(audit))
    _write_findings(out / "findings.csv", audit)
    _write_queue(out, audit, guideline)
    figures = {"clips": len(audit.recordings), "findings": {str(kind): len(audit.of(kind)) for kind in FindingKind}}
    figures |= {"labels": asdict(audit.labels) if audit.labels else None}
    write_json(out / "figures.json", figures)
    write_whole(out / "index.html", page)
    return out / "index.html"


def as_text(audit: Audit) -> str:
    """Return the verdict and the first findings of each kind as text."""
    lines = [verdict(audit)]
    for kind, title in TITLES.items():
        mine = audit.of(kind)
        if mine:
            lines += ["", f"{title}: {len(mine)}"]
        for each in mine[:_IN_TERMINAL]:
            other = (
                "" if each.other is None or kind is FindingKind.OUTLIER else f" | {audit.recordings[each.other].name}"
            )
            lines.append(f"  {audit.recordings[each.subject].name}{other}: {each.why}")
    return "\n".join(lines)


def verdict(audit: Audit) -> str:
    """Return one sentence on the number of suspected labels, and on swapped labels audit."""
    if not audit.labels:
        return f"{len(audit.recordings)} clips; too few labels of too few kinds to find wrong ones"
    figures, planted = audit.labels, audit.labels.planted
    return (
        f"{len(audit.recordings)} clips; {figures.suspected} of {figures.labels} labels are suspected."
        f" Of {planted.swapped} labels swapped on purpose {planted.found} were suspected too,"
        f" {planted.on_top} of them among the first {planted.swapped}"
    )


def _write_findings(path: Path, audit: Audit) -> None:
    def row(each: Finding, rank: int) -> tuple[object, ...]:
        mine, described = audit.recordings[each.subject], audit.descriptors[each.subject]
        other = (
            ("", "")
            if each.other is None
            else (audit.recordings[each.other].name, audit.descriptors[each.other].digest)
        )
        cells = (each.why, mine.label or "", each.likely or "", mine.labeller, mine.source, mine.group, mine.split)
        start = each.kind, rank, f"{each.score:.3f}", mine.name, other[0]
        return *start, *cells, f"{described.seconds:.3f}", described.digest, other[1]

    rows = [row(each, rank) for kind in TITLES for rank, each in enumerate(audit.of(kind), start=1)]
    write_table(path, COLUMNS, rows)


def _write_queue(out: Path, audit: Audit, guideline: Guideline) -> None:
    """Write the clips to relabel once each: ``queue.csv`` for push, ``clips.csv`` for ``import csv``."""
    queue, clips = {}, {}
    for each in (each for kind in RELABELED_KINDS for each in audit.of(kind)):
        mine, described = audit.recordings[each.subject], audit.descriptors[each.subject]
        if described.seconds and described.digest not in queue:
            task = (described.digest, guideline.version, mine.label or "", each.why)
            queue[described.digest] = (*task, mine.source, mine.group, f"{described.seconds:.3f}")
            clips[described.digest] = (mine.path.resolve(), mine.source, mine.group, mine.split)
    write_table(out / "queue.csv", migration.COLUMNS, queue.values())
    write_table(out / "clips.csv", ("file", "source", "group", "split"), clips.values())
