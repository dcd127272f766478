"""From the label store to what people call each clip of the data folder, split by split: small tables, so that a new
label makes only those stages run again that read its split.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from edge.errors import HushdError
from label_schema import Guideline
from training.data.annotations import PEOPLE, PROGRAMS, ClipAnnotations, collect_annotations
from training.data.manifest import SPLITS, Clip
from training.labels import consensus
from training.labels.consensus import by_programs, teaches
from training.labels.consensus_table import read_consensus_table
from training.labels.records import PIECE_AT, PIECE_OF, Label, LabelError
from training.labels.records import Clip as Stored
from training.labels.settings import LabelSettings
from training.labels.store import DATABASE, LabelStore
from training.storage.atomic import write_table, write_whole

TABLE, ORIGIN = "consensus.csv", "consensus.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a consensus comes from."""

    digest: str
    """Of the label store's rows under this guideline; empty: there are none."""
    consensus: str
    """How votes became labels."""


def freeze_labels(params: LabelSettings, guideline: Guideline, folder: Path, given: Path | None) -> None:
    """Write the consensus that counts into ``folder``: the ``given`` one; else the store's, and for clips of which it
    says nothing that of the table that the parameters give; an empty one where there is none of them.
    """
    table, store = folder / TABLE, Path(params.store)
    if given:
        write_whole(table, read_consensus_table(given, guideline))
        origin = Origin("", f"as given in {given.name}")
    else:
        labels, clips = _stored(store, guideline)
        found = consensus.reach_consensus(labels, guideline.version, params.method, params.sure)
        consensus.write(table, found, clips, guideline.version)
        ways = [f"{params.method}, undecided at or below {params.sure:g}"] if labels else []
        if params.given:
            _add(table, _for_good(Path(params.given), guideline))
            ways.append(f"{'else ' if labels else ''}as given in {Path(params.given).name}")
        origin = Origin(store_digest(labels), "; ".join(ways) or "none: nobody was asked")
    write_whole(folder / ORIGIN, json.dumps(asdict(origin), indent=1) + "\n")


def _stored(store: Path, guideline: Guideline) -> tuple[list[Label], Mapping[str, Stored]]:
    if not (store / DATABASE).is_file():
        return [], {}
    with LabelStore(store) as opened:
        return opened.labels(guideline.version), opened.clips()


def _for_good(given: Path, guideline: Guideline) -> str:
    """The table that the parameters give; LabelError says whose fault it is that it cannot be followed."""
    hint = "it is `labels.given` in params.yaml, which may be empty"
    try:
        text = read_consensus_table(given, guideline)
    except HushdError as error:
        raise LabelError(f"{error}; {hint}") from error
    rows = list(csv.DictReader(io.StringIO(text)))
    if rows and rows[0]["digest"] != guideline.digest:
        raise LabelError(
            f"{given} was made under guideline version {rows[0]['guideline']}, training follows version"
            f" {guideline.version}: make it anew; {hint}"
        )
    return text


def _add(table: Path, text: str) -> None:
    """To the store's consensus, the rows of another on recordings that its people, or its programs, say nothing of.

    Where both speak, ``said.gather`` lets people's word count alone.
    """
    with table.open(newline="", encoding="utf-8") as file:
        stored = list(csv.DictReader(file))
    known = {_spoken_of(row) for row in stored if consensus.teaches(row)}
    more = [row for row in csv.DictReader(io.StringIO(text)) if _spoken_of(row) not in known]
    cells = ([row.get(name) or "" for name in consensus.COLUMNS] for row in (*stored, *more))
    write_table(table, consensus.COLUMNS, cells)


def origin_of(folder: Path) -> Origin:
    """What ``settle_store`` said there."""
    return Origin(**json.loads((folder / ORIGIN).read_text()))


def store_digest(labels: Sequence[Label]) -> str:
    """SHA-256 over label rows, in the order they came; empty without any."""
    rows = "\n".join(repr(label) for label in labels)
    return hashlib.sha256(rows.encode()).hexdigest() if rows else ""


def _spoken_of(row: Mapping[str, str]) -> tuple[str, bool]:
    """The recording that a row's clip is, or was cut from, and whether programs speak."""
    return row.get(PIECE_OF) or row["clip"], consensus.by_programs(row)


def write(folder: Path, clips: Sequence[Clip]) -> None:
    """What people call the clips of each split."""
    for split in SPLITS:
        rows = [
            (clip.file, "" if start_s is None else f"{start_s:.3f}", label, clip.annotations.by)
            for clip in clips
            if clip.split == split and clip.annotations is not None
            for start_s, label in clip.annotations.labels()
        ]
        write_table(_path(folder, split), ("file", "start_s", "label", "by"), sorted(rows))


def read(folder: Path, split: str) -> dict[str, ClipAnnotations]:
    """File -> what people call it."""
    with _path(folder, split).open(newline="", encoding="utf-8") as file:
        return collect_annotations(
            (row["file"], row["start_s"], row["label"], row.get("by") or PEOPLE) for row in csv.DictReader(file)
        )


def _path(folder: Path, split: str) -> Path:
    return folder / "labels" / f"{split}.csv"


def read_consensus(path: Path, guideline: Guideline) -> dict[str, ClipAnnotations]:
    """SHA-256 of a clip -> what people call it, a piece under the clip that it was cut from."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows and rows[0].get("digest") != guideline.digest:
        raise LabelError(
            f"{path} was made under guideline version {rows[0].get('guideline')}, training follows version"
            f" {guideline.version} ({guideline.digest[:12]}): make it anew with `python -m training consensus`"
        )
    return collect_annotations(
        (
            row.get(PIECE_OF) or row["clip"],
            row.get(PIECE_AT) or "",
            row["label"],
            PROGRAMS if by_programs(row) else PEOPLE,
        )
        for row in rows
        if teaches(row)
    )


def attach_annotations(
    clips: Iterable[Clip], contents: Mapping[str, str], consensus: Mapping[str, ClipAnnotations]
) -> list[Clip]:
    """The clips with what people call them; ``contents`` is file -> SHA-256."""
    return [replace(clip, annotations=consensus.get(contents[clip.file])) for clip in clips]
