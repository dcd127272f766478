"""The agreement report: figures as JSON and text, and a page one can listen to and act on."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from label_schema import Guideline
from label_schema.page import STYLE
from training.labels.agreement import READY_ALPHA, Agreement, Figures, Share
from training.labels.clip_media import write_media
from training.labels.disagreements import Group
from training.labels.reliability import ReliabilityInterval
from training.labels.store import LabelStore
from training.storage.atomic import write_whole


def write_report(
    store: LabelStore, found: Agreement, groups: Sequence[Group], guideline: Guideline, out: Path, jobs: int
) -> Path:
    """Write ``out``/figures.json, the clips disagreed on, and index.html, which is returned."""
    clips = [each.clip for group in groups for each in group.members]
    media = write_media({clip.clip: store.path(clip) for clip in clips}, out, jobs)
    page = render(
        "agreement.html.j2",
        guideline,
        found=found,
        groups=groups,
        total=sum(len(group.members) for group in groups),
        media=media,
        verdict=verdict(found),
        ready_alpha=READY_ALPHA,
    )
    write_whole(out / "figures.json", json.dumps(_plain(asdict(found)), indent=1) + "\n")
    write_whole(out / "index.html", page)
    return out / "index.html"


def render(template: str, guideline: Guideline, **values: object) -> str:
    """A page from ``pages/``, in the guideline's style and colors."""
    environment = Environment(
        loader=PackageLoader("training.labels", "pages"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"interval": interval, "share": share}
    environment.globals |= {
        "guideline": guideline,
        "style": Markup(STYLE),  # noqa: S704 - our own style sheet
        "color": {name: f"--label: var(--label-{index % 4})" for index, name in enumerate(guideline.names)},
    }
    return environment.get_template(template).render(**values)


def as_text(found: Agreement, groups: Sequence[Group]) -> str:
    """The figures for a terminal."""
    lines = [verdict(found), ""]
    lines += [_row("agreement", "clips", "percent", "alpha"), _line(found.overall)]
    if found.kappa:
        lines.append(_row("", "", "Cohen's kappa", interval(found.kappa)))
    lines += ["", _row("by class", "clips", "the other too", "alpha, or not"), *map(_line, found.classes)]
    lines += ["", _row("by pair", "clips", "percent", "kappa"), *map(_line, found.pairs)]
    for name, figures in found.slices.items():
        lines += ["", _row(f"by {name}", "clips", "percent", "alpha"), *map(_line, figures)]
    lines += ["", _row("labeller", "labels", "as before", "as gold")]
    lines += [_row(each.labeller, str(each.labels), share(each.repeats), share(each.gold)) for each in found.labellers]
    if groups:
        lines += ["", "disagreements", *(f"  {len(group.members):5}  {group.name}" for group in groups)]
    return "\n".join(lines)


def verdict(found: Agreement) -> str:
    """One sentence: may the large batch begin?"""
    alpha = found.overall.chance_corrected
    said = f"Guideline version {found.guideline}: alpha {interval(alpha)}"
    if math.isnan(alpha.value):
        return f"{said}: not defined, for only one label was ever given: add clips of other kinds to the pilot"
    if not found.ready:
        return f"{said}, below {READY_ALPHA}: not ready for the large batch; sharpen what the disagreements show"
    if alpha.low < READY_ALPHA:
        return f"{said}, at least {READY_ALPHA}: ready, though the interval reaches below; a larger pilot would tell"
    return f"{said}, at least {READY_ALPHA}: ready for the large batch"


def interval(figure: ReliabilityInterval) -> str:
    """Such as ``0.69 (0.52 to 0.81)``; a dash where it is not defined."""
    if math.isnan(figure.value):
        return "-"
    return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def share(figure: Share) -> str:
    """Such as ``19 of 20 (0.76 to 0.99)``; a dash where there were none."""
    return f"{figure.right} of {figure.of} ({figure.low:.2f} to {figure.high:.2f})" if figure.of else "-"


def _line(figures: Figures) -> str:
    return _row(figures.name, str(figures.clips), interval(figures.percent), interval(figures.chance_corrected))


def _row(name: str, count: str, first: str, second: str) -> str:
    return f"{name:<32} {count:>7}  {first:<24} {second}".rstrip()


def _plain(value: object) -> object:
    """For JSON, which has no NaN."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value
