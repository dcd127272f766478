"""The last nights: what the speakers told, what the parents answered, and when nobody could be heard.

Kept in SQLite, each event once however often it comes; old ones make room. For any number of threads.
"""

import json
import secrets
import sqlite3
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.companion.history.episodes import Episode, build_episodes
from edge.companion.mqtt.messages import EventMessage
from edge.config.companion import JournalSettings
from edge.storage.migrations import Migrations
from edge.storage.resilient_sqlite import Database

_FIRST = (
    """
    CREATE TABLE IF NOT EXISTS event (
        device TEXT NOT NULL, id TEXT NOT NULL, episode_id TEXT NOT NULL, at_s REAL NOT NULL,
        fields TEXT NOT NULL, -- edge.companion.mqtt.messages.Told
        PRIMARY KEY (device, id)
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS answer (
        device TEXT NOT NULL, episode_id TEXT NOT NULL, answer TEXT NOT NULL, at_s REAL NOT NULL,
        PRIMARY KEY (device, episode_id, answer)
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS gap (
        device TEXT NOT NULL, began_s REAL NOT NULL, ended_s REAL, why TEXT NOT NULL,
        PRIMARY KEY (device, began_s)
    ) STRICT
    """,
    "CREATE INDEX IF NOT EXISTS event_by_time ON event (device, at_s)",
)
_COMPANION = """
    CREATE TABLE IF NOT EXISTS companion (
        one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL, watched_s REAL NOT NULL
    ) STRICT
"""
MIGRATIONS: Migrations = (_FIRST, (_COMPANION,))
"""Appended to only: see ``edge.storage.migrations``. A file of format 1 may have the companion's table or lack it."""
ACKNOWLEDGED = "acknowledged"
"""The answer of a parent who is going; the others are ``edge.protocol.commands.Verdict``."""

BROKER = ""
"""Stands for the broker, where a device is named: while it is away, no speaker can be heard."""

_NOTED_EVERY_S = 300.0
"""That somebody watches is written down this often: more would wear a memory card."""
_UNWATCHED_S = 2 * _NOTED_EVERY_S


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a speaker could not be relied on."""

    device: str
    began: datetime
    ended: datetime | None
    """None while it goes on."""
    why: str


class Journal:
    """The history of all speakers; times are UTC."""

    def __init__(self, path: Path | None = None, settings: JournalSettings | None = None) -> None:
        """None keeps it in memory, lost when the process ends."""
        self._settings = settings or JournalSettings()
        self._database = Database("journal", path, MIGRATIONS)
        now_s = datetime.now(UTC).timestamp()
        new = (secrets.token_hex(4), now_s)
        first = "INSERT OR IGNORE INTO companion VALUES (1, ?, ?)"
        is_new = self._database.do(lambda db: db.execute(first, new).rowcount == 1)
        if is_new and path is not None:  # the nights before were not quiet: nobody knows what they were
            never = (BROKER, 0.0, now_s, "hushd phone was not there yet")  # an older hushd has said since when
            self._database.do(lambda db: db.execute("INSERT OR IGNORE INTO gap VALUES (?, ?, ?, ?)", never))
        query = "SELECT identity, watched_s FROM companion"
        known: tuple[str, float] = self._database.do(lambda db: db.execute(query).fetchone())
        self._identity, self._noted_s = known
        self._watched_s = self._noted_s

    @property
    def identity(self) -> str:
        """Of the companion that keeps this journal: no other has it."""
        return self._identity

    @property
    def problem(self) -> str | None:
        """Why the journal is kept in memory only; None while the disk keeps it."""
        return self._database.problem

    def add(self, event: EventMessage) -> bool:
        """Keep an event; False where it came before. A test alert is no news of a baby: ValueError."""
        if event.test:
            raise ValueError("a test alert does not belong in the journal")
        fields = {**asdict(event), "onset": event.onset.isoformat(), "at": event.at.isoformat()}
        row = (event.device, event.id, event.episode_id, event.at.timestamp(), json.dumps(fields))

        def insert(db: sqlite3.Connection) -> bool:
            new = db.execute("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?)", row).rowcount == 1
            if new:
                self._delete_old(db)
            return new

        return self._database.do(insert)

    def add_answer(self, device: str, episode_id: str, answer: str, at: datetime) -> None:
        """A parent said ``acknowledged`` or a verdict; the first time counts."""
        row = (device, episode_id, answer, at.timestamp())
        self._database.do(lambda db: db.execute("INSERT OR IGNORE INTO answer VALUES (?, ?, ?, ?)", row))

    def record_watched(self, at: datetime) -> None:
        """Somebody watches at this moment; say so all the time. A long time without is a gap.

        So is one that the clock skips: a computer that slept, or that did not know the time at its start.
        """
        at_s, before_s = at.timestamp(), self._watched_s
        self._watched_s = at_s
        if at_s < before_s:  # the clock was ahead
            self._database.do(
                lambda db: db.execute(
                    "UPDATE OR REPLACE gap SET began_s = min(began_s, ?1), ended_s = min(ended_s, ?1)", (at_s,)
                )
            )
        elif at_s - before_s > _UNWATCHED_S:
            self._add_gap(before_s, at_s, "hushd phone was not running")
        elif at_s - self._noted_s < _NOTED_EVERY_S:
            return
        self._write_watched()

    def open_gap(self, device: str, at: datetime, why: str) -> None:
        """The speaker cannot be relied on from now; ``EVERYBODY`` where it is the broker."""
        self._database.do(
            lambda db: db.execute("INSERT OR REPLACE INTO gap VALUES (?, ?, NULL, ?)", (device, at.timestamp(), why))
        )

    def close_gap(self, device: str, at: datetime) -> None:
        """It can again."""
        row = (at.timestamp(), device)
        self._database.do(lambda db: db.execute("UPDATE gap SET ended_s = ? WHERE device = ? AND ended_s IS NULL", row))

    def open_gaps(self) -> dict[str, str]:
        """Who cannot be relied on, and why, as far as was written down."""
        query = "SELECT device, why FROM gap WHERE ended_s IS NULL"
        return dict(self._database.do(lambda db: db.execute(query).fetchall()))

    def episodes(self, device: str, since: datetime) -> tuple[Episode, ...]:
        """The episodes of which something was told since then, oldest first, each whole."""
        query = (
            "SELECT fields FROM event WHERE device = ?1 AND episode_id IN"
            " (SELECT episode_id FROM event WHERE device = ?1 AND at_s >= ?2) ORDER BY at_s, id"
        )
        asked = (device, since.timestamp())
        rows = self._database.do(lambda db: db.execute(query, asked).fetchall())
        query = "SELECT episode_id, answer, at_s FROM answer WHERE device = ? ORDER BY at_s, answer"
        answers = self._database.do(lambda db: db.execute(query, (device,)).fetchall())
        said = [(episode_id, answer, _utc(at_s)) for episode_id, answer, at_s in answers]
        return build_episodes((_read_event(fields) for (fields,) in rows), said)

    def gaps(self, device: str, since: datetime) -> tuple[Gap, ...]:
        """When the speaker, or the broker, could not be relied on since then, oldest first."""
        query = (
            "SELECT began_s, ended_s, why FROM gap WHERE device IN (?, ?) AND coalesce(ended_s, 1e12) >= ?"
            " ORDER BY began_s"
        )
        asked = (device, BROKER, since.timestamp())
        rows = self._database.do(lambda db: db.execute(query, asked).fetchall())
        return tuple(
            Gap(device, _utc(began), None if ended is None else _utc(ended), why) for began, ended, why in rows
        )

    def close(self) -> None:
        """Release the file."""
        self._write_watched()
        self._database.close()

    def _write_watched(self) -> None:
        self._noted_s = self._watched_s
        self._database.do(lambda db: db.execute("UPDATE companion SET watched_s = ?", (self._noted_s,)))

    def _add_gap(self, began_s: float, ended_s: float, why: str) -> None:
        row = (BROKER, began_s, ended_s, why)
        self._database.do(lambda db: db.execute("INSERT OR REPLACE INTO gap VALUES (?, ?, ?, ?)", row))

    def _delete_old(self, db: sqlite3.Connection) -> None:
        before_s = (datetime.now(UTC) - timedelta(days=self._settings.keep_days)).timestamp()
        db.execute("DELETE FROM event WHERE at_s < ?", (before_s,))
        surplus = "SELECT rowid FROM event ORDER BY at_s DESC, id LIMIT -1 OFFSET ?"
        db.execute(f"DELETE FROM event WHERE rowid IN ({surplus})", (self._settings.max_events,))  # noqa: S608 - constant
        db.execute("DELETE FROM answer WHERE at_s < ?", (before_s,))
        db.execute("DELETE FROM gap WHERE ended_s < ?", (before_s,))


def _read_event(text: str) -> EventMessage:
    fields = json.loads(text)
    times = {name: datetime.fromisoformat(fields[name]) for name in ("onset", "at")}
    return EventMessage(**{**fields, **times})


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
