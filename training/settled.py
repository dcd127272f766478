"""From the label store to what people call each clip of the data folder, split by split: small tables, so that a new
label makes only those stages run again that read its split.
"""

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from label_schema import Guideline
from training.catalog import SPLITS, Clip
from training.given import read_given
from training.labels import consensus
from training.labels.files import write_table, write_whole
from training.labels.records import Label
from training.labels.store import DATABASE, LabelStore
from training.params import LabelParams
from training.said import Said, gather

TABLE, ORIGIN = "consensus.csv", "consensus.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a consensus comes from."""

    digest: str
    """Of the label store's rows under this guideline; empty: there are none."""
    consensus: str
    """How votes became labels."""


def settle_store(params: LabelParams, guideline: Guideline, folder: Path, given: Path | None) -> None:
    """Write the consensus that counts into ``folder``: the ``given`` one, else the store's, else that which the
    parameters give; an empty one where there is none of them.
    """
    table, store = folder / TABLE, Path(params.store)
    stored = (store / DATABASE).is_file()
    if given := given or (Path(params.given) if params.given and not stored else None):
        write_whole(table, read_given(given, guideline))
        origin = Origin("", f"as given in {given.name}")
    elif not stored:
        consensus.write(table, [], {}, guideline.version)
        origin = Origin("", "none: nobody was asked")
    else:
        with LabelStore(store) as opened:
            labels, clips = opened.labels(guideline.version), opened.clips()
        found = consensus.settle(labels, guideline.version, params.method, params.sure)
        consensus.write(table, found, clips, guideline.version)
        origin = Origin(store_digest(labels), f"{params.method}, undecided at or below {params.sure:g}")
    write_whole(folder / ORIGIN, json.dumps(asdict(origin), indent=1) + "\n")


def origin_of(folder: Path) -> Origin:
    """What ``settle_store`` said there."""
    return Origin(**json.loads((folder / ORIGIN).read_text()))


def store_digest(labels: Sequence[Label]) -> str:
    """SHA-256 over label rows, in the order they came; empty without any."""
    rows = "\n".join(repr(label) for label in labels)
    return hashlib.sha256(rows.encode()).hexdigest() if rows else ""


def write(folder: Path, clips: Sequence[Clip]) -> None:
    """What people call the clips of each split."""
    for split in SPLITS:
        rows = [
            (clip.file, "" if start_s is None else f"{start_s:.3f}", label, clip.said.by)
            for clip in clips
            if clip.split == split and clip.said is not None
            for start_s, label in clip.said.words()
        ]
        write_table(_path(folder, split), ("file", "start_s", "label", "by"), sorted(rows))


def read(folder: Path, split: str) -> dict[str, Said]:
    """File -> what people call it."""
    with _path(folder, split).open(newline="", encoding="utf-8") as file:
        return gather((row["file"], row["start_s"], row["label"], row["by"]) for row in csv.DictReader(file))


def _path(folder: Path, split: str) -> Path:
    return folder / "labels" / f"{split}.csv"
