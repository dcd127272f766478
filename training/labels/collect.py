"""``python -m training collect``: clips of the label store into the data folder, scored as those that are there.

The audio first, then the teacher's scores of it, then the manifest's rows: wherever it is stopped, the data folder is
what its manifest says, and doing it again completes it.
"""

import argparse
import csv
import hashlib
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import StorageError
from training.data import checksums
from training.data.audio_files import store_audio
from training.data.manifest import KINDS, MANIFEST_COLUMNS, SPLITS, Clip
from training.data.score_with_tagger import Tagger, add_scores
from training.data.workspace import read_workspace
from training.data.yamnet import YamnetStream
from training.labels.records import PIECE_OF, LabelError
from training.labels.records import Clip as Stored
from training.labels.store import LabelStore
from training.storage.atomic import write_whole
from training.storage.paths import REPOSITORY, find_data

SHARES = {"train": 0.7, "dev": 0.1, "test": 0.2}
"""Of the groups that are in no split yet, where nobody says which."""


@dataclass(frozen=True, slots=True)
class SplitAssignment:
    """What the manifest says of clips whose own attributes do not."""

    kind: str | None
    """One of ``catalog.KINDS``."""
    called: str | None
    """The source's own word, such as cat."""
    licence: str | None
    split: str | None = None
    """None: drawn by the group."""


def collect(store: LabelStore, source: str, place: SplitAssignment, data: Path, work: Path, ears: Tagger) -> list[Clip]:
    """Add a source's clips that the data folder does not have; LabelError, before anything is written, where one of
    them cannot be placed.
    """
    mine = [each for each in store.clips().values() if each.source == source and PIECE_OF not in each.attributes]
    if not mine:
        there = ", ".join(sorted({each.source for each in store.clips().values()})) or "none"
        raise LabelError(f"no clip in {store.folder} is of source {source}: there is {there}")
    with store.writing():  # one at a time: each sees what the one before has added
        workspace = read_workspace(data, work)
        contents = set(checksums.compute(workspace).values())
        splits = {clip.group: clip.split for clip in workspace.clips}
        new = {_row(each, place, splits): each for each in mine if each.clip not in contents}
        try:
            for clip, stored in new.items():
                store_audio(store.path(stored), workspace.audio_path(clip), stored.clip)
        except OSError as error:
            raise StorageError(f"cannot copy clips to {data}: {error.strerror}") from error
        add_scores(data, [clip.file for clip in new], ears)
        if new:
            write_whole(data / "manifest.csv", _more_rows(data / "manifest.csv", list(new)))
    return list(new)


def _row(stored: Stored, place: SplitAssignment, splits: dict[str, str]) -> Clip:
    """Its manifest row; its group's split is kept in ``splits``."""
    said = stored.attributes
    kind, licence = said.get("kind") or place.kind, said.get("licence") or place.licence
    if kind is None or licence is None:
        what = "kind" if kind is None else "licence"
        raise LabelError(f"clip {stored.clip[:12]} of {stored.source} has no {what}: say --{what}")
    split = splits.setdefault(stored.group, said.get("split") or place.split or _drawn(stored.group))
    folder = re.sub(r"[^\w-]+", "-", stored.source)  # anybody's word: it must not lead out of the data folder
    name = f"{folder}/{stored.clip}{stored.suffix}"
    called = said.get("source_label") or place.called or kind
    try:
        return Clip(name, stored.source, stored.group, kind, called, licence, stored.duration_s, split)
    except ValueError as error:
        raise LabelError(f"clip {stored.clip[:12]} of {stored.source}: {error}") from error


def _drawn(group: str) -> str:
    """The same split for the same group, whenever it is asked."""
    chance = int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) / 2**32
    return "train" if chance < SHARES["train"] else "dev" if chance < 1 - SHARES["test"] else "test"


def _more_rows(manifest: Path, clips: Sequence[Clip]) -> str:
    before = manifest.read_text(encoding="utf-8")
    out = io.StringIO()
    table = csv.DictWriter(out, next(csv.reader(before.splitlines())), lineterminator="\n")
    table.writerows({name: getattr(clip, name) for name in MANIFEST_COLUMNS} for clip in clips)
    return before + ("" if before.endswith("\n") else "\n") + out.getvalue()


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """Beside --data, --work and --jobs."""
    default = Path(os.environ.get("HUSHD_LABELS", REPOSITORY / "labels"))
    verb.add_argument("source", help="whose clips: --source of `import`")
    verb.add_argument("--kind", choices=KINDS, help="of clips that do not say so themselves, in a column `kind`")
    verb.add_argument(
        "--called", metavar="WORD", help="what its source calls the sound, such as cat (default: its kind)"
    )
    verb.add_argument("--licence", help="of clips that do not say so themselves")
    verb.add_argument("--split", choices=SPLITS, help="of groups that are in none (default: drawn, 7 : 1 : 2)")
    verb.add_argument("--store", type=Path, default=default, help="label store (default: $HUSHD_LABELS, else labels/)")
    verb.add_argument("--yamnet", type=Path, help="yamnet.tflite (default: ../peers/ beside the data folder)")


def main(arguments: argparse.Namespace) -> None:
    """Say how many there are of each split."""
    data = find_data(arguments.data)
    ears = YamnetStream(arguments.yamnet or data.parent / "peers" / "yamnet.tflite")
    place = SplitAssignment(arguments.kind, arguments.called, arguments.licence, arguments.split)
    with LabelStore(arguments.store) as store:
        added = collect(store, arguments.source, place, data, arguments.work, ears)
    counted = ", ".join(f"{sum(clip.split == split for clip in added)} {split}" for split in SPLITS)
    print(f"{data}: {len(added)} new clips ({counted}), scored by YAMNet")
