"""The model's card: what it is made of, under which licences, what its labels are worth, and how it measures."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from edge.classifier import ModelCard
from training import evaluate
from training.catalog import Clip


def write_card(card: ModelCard, used: Sequence[Clip], found: dict[str, Any], command: str, path: Path) -> None:
    """``card.md`` beside the model; every figure in it comes from ``found`` or the model's metadata."""
    environment = Environment(  # noqa: S701 - Markdown, not a page
        loader=PackageLoader("training", "."), undefined=StrictUndefined, trim_blocks=True
    )
    counts = Counter((clip.source, clip.licence) for clip in used)
    sources = sorted((source, licence, count) for (source, licence), count in counts.items())
    text = environment.get_template("card.md.j2").render(
        card=card, sources=sources, clips=len(used), table=evaluate.as_text(found), found=found, command=command
    )
    path.write_text(text)
