"""The label store: a folder of clips named by their digests, and an append-only table of labels.

It uses SQLite for four properties: a transaction is complete or absent after kill -9 or a power cut, a second writer
waits, readers are not blocked, and unique keys make a repeated import change nothing. A file of JSON lines would need
its own handling of torn lines, batches and locks. Later stages read text files derived from the store.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from edge.errors import StorageError
from training.labels import database
from training.labels.records import Label, LabelError, StoredClip

DATABASE = "labels.sqlite"
CLIPS = "clips"
LOCK_TIMEOUT_S = 30.0
"""Time a writer waits for another one, seconds."""


@dataclass(frozen=True, slots=True)
class Added:
    """The number of rows that a transaction added."""

    clips: int
    labels: int
    known: int
    """Labels that the store already had."""


class LabelStore:
    """A folder of clips and labels; a context manager that closes its database."""

    def __init__(self, folder: Path, *, create: bool = False, wait_s: float = LOCK_TIMEOUT_S) -> None:
        self.folder = folder
        self._file = folder / DATABASE
        if create:
            try:
                (folder / CLIPS).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageError(f"cannot create a label store at {folder}: {error.strerror}") from error
        elif not self._file.is_file():
            raise StorageError(f"no label store at {folder}: name its folder with --store, or run `import` first")
        self._db = database.connect(self._file, wait_s)

    def __enter__(self) -> "LabelStore":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def path(self, clip: StoredClip) -> Path:
        """Return the path of the clip's file."""
        return self.folder / CLIPS / clip.clip[:2] / f"{clip.clip}{clip.suffix}"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make the block's inserts one transaction; another writer waits."""
        with database.plain_errors(self._file), database.transaction(self._db):
            yield

    def add(self, clips: Iterable[StoredClip], labels: Iterable[Label]) -> Added:
        """Add rows in their own transaction; after the return they survive a power cut."""
        with self.writing():
            return self.insert(clips, labels)

    def insert(self, clips: Iterable[StoredClip], labels: Iterable[Label]) -> Added:
        """Add rows inside a ``writing`` block; LabelError if one contradicts an existing row."""
        new_clips = sum(self._insert_clip(clip) for clip in clips)
        new_labels = [self._insert_label(label) for label in labels]
        return Added(new_clips, sum(new_labels), len(new_labels) - sum(new_labels))

    def clips(self) -> dict[str, StoredClip]:
        """Return every clip by its digest."""
        with database.plain_errors(self._file):
            rows = self._db.execute(
                'SELECT clip, suffix, size, duration_s, source, "group", attributes FROM clip ORDER BY clip'
            ).fetchall()
        return {row[0]: _clip(*row) for row in rows}

    def labels(self, guideline: int | None = None) -> list[Label]:
        """Return the labels in the order of insertion, of one guideline version or of all."""
        with database.plain_errors(self._file):
            rows = self._db.execute(
                "SELECT id, clip, labeller, label, guideline, digest, at, seconds, round, note FROM label"
                " WHERE ?1 IS NULL OR guideline = ?1 ORDER BY id",
                (guideline,),
            ).fetchall()
        return [_label(*row) for row in rows]

    def damage(self) -> list[str]:
        """Read the whole database file and return its problems."""
        with database.plain_errors(self._file):
            return database.damage(self._db)

    def _insert_clip(self, clip: StoredClip) -> bool:
        attributes = json.dumps(dict(clip.attributes), sort_keys=True)
        row = (clip.clip, clip.suffix, clip.size, clip.duration_s, clip.source, clip.group, attributes)
        return self._db.execute("INSERT INTO clip VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", row).rowcount == 1

    def _insert_label(self, label: Label) -> bool:
        existing = self._db.execute(
            "SELECT label FROM label WHERE clip = ? AND labeller = ? AND guideline = ? AND round = ?",
            (label.clip, label.labeller, label.guideline, label.round),
        ).fetchone()
        if existing is not None:
            if existing[0] != label.label:
                raise LabelError(
                    f"clip {label.clip[:12]}: {label.labeller} gave {existing[0] or 'skip'} in round {label.round}, now"
                    f" {label.label or 'skip'}; rows are never changed: import a second answer as round"
                    f" {label.round + 1}"
                )
            return False
        at = label.at.astimezone(UTC).isoformat()
        row = (label.clip, label.labeller, label.label, label.guideline, label.digest, at, label.seconds, label.round)
        try:
            self._db.execute("INSERT INTO label VALUES (NULL,?,?,?,?,?,?,?,?,?)", (*row, label.note))
        except sqlite3.IntegrityError as error:
            raise LabelError(f"clip {label.clip[:12]} is not in the store: import its audio first") from error
        return True


def _clip(clip: str, suffix: str, size: int, duration_s: float, source: str, group: str, attributes: str) -> StoredClip:
    return StoredClip(clip, suffix, size, duration_s, source, group, MappingProxyType(json.loads(attributes)))


def _label(row: int, clip: str, labeller: str, label: str | None, guideline: int, digest: str, at: str,
           seconds: float | None, round_: int, note: str) -> Label:  # fmt: skip
    try:
        return Label(clip, labeller, label, guideline, digest, datetime.fromisoformat(at), seconds, round_, note)
    except (LabelError, ValueError) as error:
        raise LabelError(f"label row {row}: {error}") from error
