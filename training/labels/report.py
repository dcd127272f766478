"""The agreement report: figures as JSON and text, and a page to listen to and adjudicate disagreements."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from markupsafe import Markup

from label_schema import Guideline
from label_schema.page import STYLE
from training.labels.agreement import READY_ALPHA, Agreement, Figures, Share
from training.labels.clip_media import write_media
from training.labels.disagreements import DisagreementGroup
from training.labels.store import LabelStore
from training.rendering import template_environment
from training.statistics import IntervalEstimate
from training.storage.atomic import write_whole
from training.storage.json import write_json


def write_report(
    store: LabelStore,
    agreement: Agreement,
    groups: Sequence[DisagreementGroup],
    guideline: Guideline,
    out: Path,
    jobs: int,
) -> Path:
    """Write figures.json, index.html and the clips with disagreements into ``out``; return the page's path."""
    clips = [each.clip for group in groups for each in group.members]
    media = write_media({clip.clip: store.path(clip) for clip in clips}, out, jobs)
    page = render(
        "agreement.html.j2",
        guideline,
        found=agreement,
        groups=groups,
        total=sum(len(group.members) for group in groups),
        media=media,
        verdict=verdict(agreement),
        ready_alpha=READY_ALPHA,
    )
    write_json(out / "figures.json", asdict(agreement))
    write_whole(out / "index.html", page)
    return out / "index.html"


def render(template: str, guideline: Guideline, **values: object) -> str:
    """Return a page from ``pages/`` with the guideline's style and colors."""
    environment = template_environment("training.labels", "pages", trim_blocks=False)
    environment.filters |= {"interval": interval, "share": share}
    environment.globals |= {
        "guideline": guideline,
        "style": Markup(STYLE),  # noqa: S704 - our own style sheet
        "color": {name: f"--label: var(--label-{index % 4})" for index, name in enumerate(guideline.names)},
    }
    return environment.get_template(template).render(**values)


def as_text(agreement: Agreement, groups: Sequence[DisagreementGroup]) -> str:
    """Return the figures as text for a terminal."""
    lines = [verdict(agreement), ""]
    lines += [_row("agreement", "clips", "percent", "alpha"), _line(agreement.overall)]
    if agreement.kappa:
        lines.append(_row("", "", "Cohen's kappa", interval(agreement.kappa)))
    lines += ["", _row("by class", "clips", "confirmed", "alpha, or not"), *map(_line, agreement.classes)]
    lines += ["", _row("by pair", "clips", "percent", "kappa"), *map(_line, agreement.pairs)]
    for name, figures in agreement.slices.items():
        lines += ["", _row(f"by {name}", "clips", "percent", "alpha"), *map(_line, figures)]
    lines += ["", _row("labeler", "labels", "repeated alike", "as gold")]
    lines += [
        _row(each.labeller, str(each.labels), share(each.repeats), share(each.gold)) for each in agreement.labellers
    ]
    if groups:
        lines += ["", "disagreements", *(f"  {len(group.members):5}  {group.name}" for group in groups)]
    return "\n".join(lines)


def verdict(agreement: Agreement) -> str:
    """Return one sentence on whether alpha suffices for the large batch."""
    alpha = agreement.overall.chance_corrected
    start = f"Guideline version {agreement.guideline}: alpha {interval(alpha)}"
    if math.isnan(alpha.value):
        return f"{start}, undefined because all labels are the same: add clips of other kinds to the pilot"
    if not agreement.ready:
        return f"{start}, below {READY_ALPHA}: not ready for the large batch; clarify the guideline"
    if alpha.low < READY_ALPHA:
        return f"{start}, at least {READY_ALPHA}: ready, but the interval reaches below; a larger pilot narrows it"
    return f"{start}, at least {READY_ALPHA}: ready for the large batch"


def interval(figure: IntervalEstimate) -> str:
    """Format a figure such as ``0.69 (0.52 to 0.81)``; a dash if undefined."""
    if math.isnan(figure.value):
        return "-"
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def share(figure: Share) -> str:
    """Format a share such as ``19 of 20 (0.76 to 0.99)``; a dash for a share of zero."""
    return f"{figure.right} of {figure.of} ({figure.low:.2f} to {figure.high:.2f})" if figure.of else "-"


def _line(figures: Figures) -> str:
    return _row(figures.name, str(figures.clips), interval(figures.percent), interval(figures.chance_corrected))


def _row(name: str, count: str, first: str, second: str) -> str:
    return f"{name:<32} {count:>7}  {first:<24} {second}".rstrip()
