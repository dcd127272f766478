"""Training labels: the label store frozen into one table a split.

The tables are separate, so that a new label reruns only the pipeline stages that read its split.
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
from training.labels.consensus import by_programs, is_used_in_training
from training.labels.consensus_table import read_consensus_table
from training.labels.records import PIECE_AT, PIECE_OF, Label, LabelError, StoredClip
from training.labels.settings import LabelSettings
from training.labels.store import DATABASE, LabelStore
from training.storage.atomic import write_table, write_whole

TABLE, ORIGIN = "consensus.csv", "consensus.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a consensus table."""

    digest: str
    """Digest of the label store's rows of this guideline; empty without rows."""
    consensus: str
    """The method that derived labels from votes, and the tables read."""


def freeze_labels(params: LabelSettings, guideline: Guideline, folder: Path, given: Path | None) -> None:
    """Write the consensus of training into ``folder``.

    It is the table ``given``. Without one it is the store's consensus, completed by the table of ``params`` for clips
    that the store does not label. It is empty if there is neither. Raises LabelError for an invalid table.
    """
    table, store = folder / TABLE, Path(params.store)
    if given:
        write_whole(table, read_consensus_table(given, guideline))
        origin = Origin("", f"as given in {given.name}")
    else:
        labels, clips = _read_store(store, guideline)
        found = consensus.reach_consensus(labels, guideline.version, params.method, params.sure)
        consensus.write(table, found, clips, guideline.version)
        ways = [f"{params.method}, undecided at or below {params.sure:g}"] if labels else []
        if params.given:
            _append_given(table, _read_given(Path(params.given), guideline))
            ways.append(f"{'otherwise ' if labels else ''}as given in {Path(params.given).name}")
        origin = Origin(store_digest(labels), "; ".join(ways) or "none: no labels")
    write_whole(folder / ORIGIN, json.dumps(asdict(origin), indent=1) + "\n")


def _read_store(store: Path, guideline: Guideline) -> tuple[list[Label], Mapping[str, StoredClip]]:
    if not (store / DATABASE).is_file():
        return [], {}
    with LabelStore(store) as opened:
        return opened.labels(guideline.version), opened.clips()


def _read_given(given: Path, guideline: Guideline) -> str:
    """Return the table of ``labels.given``; LabelError names that parameter if the table is invalid."""
    hint = "the table is `labels.given` in params.yaml, which may be empty"
    try:
        text = read_consensus_table(given, guideline)
    except HushdError as error:
        raise LabelError(f"{error}; {hint}") from error
    rows = list(csv.DictReader(io.StringIO(text)))
    if rows and rows[0]["digest"] != guideline.digest:
        raise LabelError(
            f"{given} follows guideline version {rows[0]['guideline']}, but training follows version"
            f" {guideline.version}: write it again; {hint}"
        )
    return text


def _append_given(table: Path, text: str) -> None:
    """Append the rows of another table, except for recordings that the store's people, or its programs, label.

    If people and programs label a recording, ``collect_annotations`` uses only the people's labels.
    """
    with table.open(newline="", encoding="utf-8") as file:
        stored = list(csv.DictReader(file))
    known = {_recording_of(row) for row in stored if consensus.is_used_in_training(row)}
    more = [row for row in csv.DictReader(io.StringIO(text)) if _recording_of(row) not in known]
    cells = ([row.get(name) or "" for name in consensus.COLUMNS] for row in (*stored, *more))
    write_table(table, consensus.COLUMNS, cells)


def origin_of(folder: Path) -> Origin:
    """Return the origin that ``freeze_labels`` wrote into the folder."""
    return Origin(**json.loads((folder / ORIGIN).read_text()))


def store_digest(labels: Sequence[Label]) -> str:
    """Return the SHA-256 over label rows in order; empty without rows."""
    rows = "\n".join(repr(label) for label in labels)
    return hashlib.sha256(rows.encode()).hexdigest() if rows else ""


def _recording_of(row: Mapping[str, str]) -> tuple[str, bool]:
    """Return the recording that a row's clip is, or was cut from, and whether programs labeled it."""
    return row.get(PIECE_OF) or row["clip"], consensus.by_programs(row)


def write(folder: Path, clips: Sequence[Clip]) -> None:
    """Write one table a split with its clips' labels."""
    for split in SPLITS:
        rows = [
            (clip.file, "" if start_s is None else f"{start_s:.3f}", label, clip.annotations.by)
            for clip in clips
            if clip.split == split and clip.annotations is not None
            for start_s, label in clip.annotations.labels()
        ]
        write_table(_path(folder, split), ("file", "start_s", "label", "by"), sorted(rows))


def read(folder: Path, split: str) -> dict[str, ClipAnnotations]:
    """Return the annotations of a split, by file name."""
    with _path(folder, split).open(newline="", encoding="utf-8") as file:
        return collect_annotations(
            (row["file"], row["start_s"], row["label"], row.get("by") or PEOPLE) for row in csv.DictReader(file)
        )


def _path(folder: Path, split: str) -> Path:
    return folder / "labels" / f"{split}.csv"


def read_consensus(path: Path, guideline: Guideline) -> dict[str, ClipAnnotations]:
    """Return SHA-256 of a clip -> its annotations; a segment counts for the clip it was cut from.

    Raises LabelError if the table follows another guideline.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows and rows[0].get("digest") != guideline.digest:
        raise LabelError(
            f"{path} follows guideline version {rows[0].get('guideline')}, but training follows version"
            f" {guideline.version} ({guideline.digest[:12]}): write it again with `python -m training consensus`"
        )
    return collect_annotations(
        (
            row.get(PIECE_OF) or row["clip"],
            row.get(PIECE_AT) or "",
            row["label"],
            PROGRAMS if by_programs(row) else PEOPLE,
        )
        for row in rows
        if is_used_in_training(row)
    )


def attach_annotations(
    clips: Iterable[Clip], contents: Mapping[str, str], consensus: Mapping[str, ClipAnnotations]
) -> list[Clip]:
    """Return the clips with their annotations; ``contents`` is file -> SHA-256."""
    return [replace(clip, annotations=consensus.get(contents[clip.file])) for clip in clips]
