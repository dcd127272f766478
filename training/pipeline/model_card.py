"""The model card: sources and licenses of the training data, origin of the labels, and metrics."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge.detection.classifier import ModelCard
from training.data.annotations import PEOPLE, PROGRAMS
from training.data.manifest import Clip
from training.evaluation import report
from training.pipeline.provenance import Provenance
from training.rendering import render_template
from training.storage.atomic import write_whole

NOTES = "notes.md"
"""File beside the card with the makers' own notes."""


def write_card(
    card: ModelCard, origin: Provenance, used: Sequence[Clip], figures: Mapping[str, Any], folder: Path
) -> None:
    """Write ``card.md`` beside the model; its figures come from ``figures`` and from the model's metadata."""
    counts = Counter((clip.source, clip.licence) for clip in used)
    sources = sorted((source, licence, count) for (source, licence), count in counts.items())
    notes = folder / NOTES
    text = render_template(
        "training.pipeline",
        "model_card.md.j2",
        card=card,
        came=origin,
        sources=sources,
        clips=len(used),
        table=report.as_text(figures),
        found=figures,
        heard=_labeled_by(PEOPLE, origin),
        read=_labeled_by(PROGRAMS, origin),
        notes=notes.read_text(encoding="utf-8").strip() if notes.exists() else "",
    )
    write_whole(folder / "card.md", text)


def _labeled_by(labeler: str, origin: Provenance) -> int:
    return sum(each.clips for each in origin.counts if each.split == "train" and each.labeller == labeler)
