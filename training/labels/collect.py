"""Copies of a source's clips from the label store into the data folder, with the tagger's scores.

The audio is written first, then its scores, then the manifest's rows. So the data folder matches its manifest wherever
the copying stops, and copying again completes it.
"""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import StorageError
from training.data import checksums
from training.data.audio_files import store_audio
from training.data.manifest import MANIFEST_COLUMNS, Clip
from training.data.score_with_tagger import Tagger, add_scores
from training.data.workspace import read_workspace
from training.labels.records import PIECE_OF, LabelError, StoredClip
from training.labels.store import LabelStore
from training.storage.atomic import write_whole

SHARES = {"train": 0.7, "dev": 0.1, "test": 0.2}
"""Split -> share of the new groups whose split is drawn."""


@dataclass(frozen=True, slots=True)
class SplitAssignment:
    """The manifest's values for clips whose own attributes lack them."""

    kind: str | None
    """One of ``manifest.KINDS``."""
    called: str | None
    """The source's own word for the sound, such as cat."""
    licence: str | None
    split: str | None = None
    """None: drawn by group."""


def collect(
    store: LabelStore, source: str, assignment: SplitAssignment, data: Path, work: Path, tagger: Tagger
) -> list[Clip]:
    """Copy a source's clips that the data folder lacks, and return their manifest rows.

    Raises LabelError, before anything is written, if the source is unknown or a clip lacks a required value.
    """
    stored_clips = [
        each for each in store.clips().values() if each.source == source and PIECE_OF not in each.attributes
    ]
    if not stored_clips:
        sources = ", ".join(sorted({each.source for each in store.clips().values()})) or "none"
        raise LabelError(f"{store.folder} has no clip of source {source}; its sources: {sources}: name one of them")
    with store.writing():  # a second run must see the first one's manifest rows
        workspace = read_workspace(data, work)
        contents = set(checksums.compute(workspace).values())
        splits = {clip.group: clip.split for clip in workspace.clips}
        new = {_row(each, assignment, splits): each for each in stored_clips if each.clip not in contents}
        try:
            for clip, stored in new.items():
                store_audio(store.path(stored), workspace.audio_path(clip), stored.clip)
        except OSError as error:
            raise StorageError(f"cannot copy clips to {data}: {error.strerror}") from error
        add_scores(data, [clip.file for clip in new], tagger)
        if new:
            write_whole(data / "manifest.csv", _append_rows(data / "manifest.csv", list(new)))
    return list(new)


def _row(stored: StoredClip, assignment: SplitAssignment, splits: dict[str, str]) -> Clip:
    """Return the clip's manifest row, and record its group's split in ``splits``."""
    attributes = stored.attributes
    kind, licence = attributes.get("kind") or assignment.kind, attributes.get("licence") or assignment.licence
    if kind is None or licence is None:
        key = "kind" if kind is None else "licence"
        raise LabelError(
            f"clip {stored.clip[:12]} of {stored.source} has no {key}: name it with --{key}, or import it with an"
            f" attribute {key}"
        )
    split = splits.setdefault(stored.group, attributes.get("split") or assignment.split or _draw_split(stored.group))
    folder = re.sub(r"[^\w-]+", "-", stored.source)  # a source may contain .. or /, which would leave the data folder
    name = f"{folder}/{stored.clip}{stored.suffix}"
    called = attributes.get("source_label") or assignment.called or kind
    try:
        return Clip(name, stored.source, stored.group, kind, called, licence, stored.duration_s, split)
    except ValueError as error:
        raise LabelError(
            f"clip {stored.clip[:12]} of {stored.source}: {error}; correct the attribute in the clip's import"
            " or, if it has none, the option --kind or --split"
        ) from error


def _draw_split(group: str) -> str:
    """Return a split drawn by the group's hash, so a group always gets the same one."""
    chance = int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) / 2**32
    return "train" if chance < SHARES["train"] else "dev" if chance < 1 - SHARES["test"] else "test"


def _append_rows(manifest: Path, clips: Sequence[Clip]) -> str:
    text = manifest.read_text(encoding="utf-8")
    out = io.StringIO()
    table = csv.DictWriter(out, next(csv.reader(text.splitlines())), lineterminator="\n")
    table.writerows({name: getattr(clip, name) for name in MANIFEST_COLUMNS} for clip in clips)
    return text + ("" if text.endswith("\n") else "\n") + out.getvalue()
