"""The lineage of a model: its labels, its data and the commands that rebuild it."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from edge.detection.classifier import ModelCard
from edge.errors import ModelError
from training.data.manifest import SPLITS
from training.labels import training_labels
from training.labels.records import PIECE_AT, PIECE_OF
from training.labels.store import DATABASE, LabelStore
from training.model.onnx_metadata import read_metadata
from training.pipeline import clip_usage
from training.pipeline.provenance import Provenance


def describe_lineage(model: Path, clip: str | None, made: Path, store: Path) -> list[str]:
    """Return the lines of a model's lineage; of a clip's labels and role too if ``clip`` names one.

    ``made`` is the folder of the training outputs by model. Raises ModelError if the model or the clip is unknown.
    """
    metadata = read_metadata(model)
    card, provenance = ModelCard.from_metadata(metadata), Provenance.from_metadata(metadata)
    lines = list(_model(card, provenance))
    if clip:
        lines += ["", *_clip(clip, made / card.model_id, store)]
    return lines


def rebuild(origin: Provenance) -> Iterator[str]:
    """Yield the commands that make a model again, in a clean clone beside the data folder."""
    if origin.commit:
        yield f"git checkout {origin.commit}"
    if origin.store:
        yield "dvc pull --recursive labels   # the label store as it was"
    yield origin.command


def _model(card: ModelCard, origin: Provenance | None) -> Iterator[str]:
    yield card.model_id
    yield f"guideline      version {card.schema_version} ({', '.join(card.labels)}), digest {card.schema_digest}"
    if origin is None:
        yield f"training data  {card.training_data}"
        yield "This model predates provenance metadata; see its card.md."
        return
    yield f"label store    {origin.store or 'none'}"
    yield f"consensus      {origin.consensus}"
    yield f"their words    {origin.labels or 'none'}"
    yield f"data folder    {origin.data}"
    yield f"training data  {card.training_data}"
    for name, digest in origin.members.items():
        yield f"mean of        {name}, file {digest}"
    for split in SPLITS:
        mine = [each for each in origin.counts if each.split == split]
        yield f"{split:14} {sum(each.clips for each in mine)} clips"
        for each in mine:
            yield f"{each.clips:20}  {each.label or 'not used'}, says {each.labeller}"
    yield f"recipe         {origin.recipe}"
    yield f"commit         {origin.commit or 'unknown: it was no git checkout'}"
    if origin.dirty:
        yield "               dirty: changes that are in no commit went in, so it cannot be made again exactly"
    yield "make it again"
    for line in rebuild(origin):
        yield f"  {line}"


def _clip(name: str, made: Path, store: Path) -> Iterator[str]:
    table = made / "roles.csv"
    if not table.is_file():
        raise ModelError(f"{table} is missing: make the model again, or `dvc pull` it from the machine that made it")
    digest = hashlib.sha256(Path(name).read_bytes()).hexdigest() if Path(name).is_file() else ""
    found = [role for role in clip_usage.read(table) if role.file == name or role.sha256 == digest]
    if not found:
        raise ModelError(f"{name}: no such clip in the model's data; {table} lists its clips")
    for each in found:
        yield f"{each.file}   {each.sha256}"
        yield f"  {each.split} split, {each.source}, group {each.group}"
        yield f"  label {each.label or 'none that is sure'}, says {each.labeller}"
        yield f"  role  {each.role}"
    with (made / training_labels.TABLE).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if found[0].sha256 in (row["clip"], row.get(PIECE_OF)):
                decided = f"{row['label'] or 'undecided'} ({row['confidence']}), by {row['by']}: {row['votes']}"
                yield f"  consensus {_from(row.get(PIECE_AT, ''))}{decided}"
    if (store / DATABASE).is_file():
        yield from _rows(found[0].sha256, store)


def _rows(sha256: str, store: Path) -> Iterator[str]:
    """Yield the labels of a clip and of its segments."""
    with LabelStore(store) as opened:
        clips, labels = opened.clips(), opened.labels()
    for label in labels:
        known = clips[label.clip].attributes
        if sha256 in (label.clip, known.get(PIECE_OF)):
            text = f"{_from(known.get(PIECE_AT, ''))}{label.label or 'skipped'}"
            note = f" ({label.note})" if label.note else ""
            yield f"  {label.at:%Y-%m-%d %H:%M} v{label.guideline} {label.labeller}: {text}{note}"


def _from(start_s: str) -> str:
    return f"from {float(start_s):.1f} s on: " if start_s else ""
