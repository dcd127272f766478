"""The model's card: what it is made of, under which licences, what its labels are worth, and how it measures."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from edge.detection.classifier import ModelCard
from training.data.annotations import PEOPLE, PROGRAMS
from training.data.manifest import Clip
from training.evaluation import report
from training.pipeline.provenance import Provenance
from training.storage.atomic import write_whole

NOTES = "notes.md"
"""Beside the card: what its makers know and no command prints."""


def write_card(card: ModelCard, came: Provenance, used: Sequence[Clip], found: dict[str, Any], folder: Path) -> None:
    """``card.md`` beside the model; every figure in it comes from ``found`` or the model's metadata."""
    environment = Environment(  # noqa: S701 - Markdown, not a page
        loader=PackageLoader("training.pipeline", "."), undefined=StrictUndefined, trim_blocks=True
    )
    counts = Counter((clip.source, clip.licence) for clip in used)
    sources = sorted((source, licence, count) for (source, licence), count in counts.items())
    notes = folder / NOTES
    text = environment.get_template("model_card.md.j2").render(
        card=card,
        came=came,
        sources=sources,
        clips=len(used),
        table=report.as_text(found),
        found=found,
        heard=_labeled_by(PEOPLE, came),
        read=_labeled_by(PROGRAMS, came),
        notes=notes.read_text(encoding="utf-8").strip() if notes.exists() else "",
    )
    write_whole(folder / "card.md", text)


def _labeled_by(whom: str, came: Provenance) -> int:
    return sum(each.clips for each in came.counts if each.split == "train" and each.labeller == whom)


def read_figures(path: Path) -> dict[str, Any]:
    """``figures.json`` as it was measured: where it has no figure, NaN."""
    found: dict[str, Any] = _null_as_nan(json.loads(path.read_text(encoding="utf-8")))
    return found


def _null_as_nan(value: Any) -> Any:
    match value:
        case dict():
            return {name: _null_as_nan(each) for name, each in value.items()}
        case list():
            return [_null_as_nan(each) for each in value]
        case None:
            return float("nan")
    return value
