"""Journal of events, parents' answers and gaps in the monitoring, in SQLite, for any number of threads.

Each event is stored once, however often it is received. Old events are deleted.
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
        fields TEXT NOT NULL, -- edge.companion.mqtt.messages.EventMessage
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
"""Answer of a parent who acknowledges; the others are ``edge.protocol.commands.Verdict``."""

BROKER = ""
"""Device name that stands for the broker: while it is away, no speaker is monitored."""

_WRITE_EVERY_S = 300.0
"""Interval of writing the last watched time; a shorter one would wear a memory card."""
_UNWATCHED_S = 2 * _WRITE_EVERY_S


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of time without reliable monitoring of a speaker."""

    device: str
    began: datetime
    ended: datetime | None
    """None while it goes on."""
    why: str


class Journal:
    """Events, answers and gaps of all speakers; times are UTC."""

    def __init__(self, path: Path | None = None, settings: JournalSettings | None = None) -> None:
        """Open the journal; without a path it stays in memory and is lost with the process."""
        self._settings = settings or JournalSettings()
        self._database = Database("journal", path, MIGRATIONS)
        now_s = datetime.now(UTC).timestamp()
        new = (secrets.token_hex(4), now_s)
        first = "INSERT OR IGNORE INTO companion VALUES (1, ?, ?)"
        is_new = self._database.do(lambda db: db.execute(first, new).rowcount == 1)
        if is_new and path is not None:  # the time before is unknown, not quiet
            never = (
                BROKER,
                0.0,
                now_s,
                "hushd phone was not there yet",
            )  # a file of an older hushd has this gap already
            self._database.do(lambda db: db.execute("INSERT OR IGNORE INTO gap VALUES (?, ?, ?, ?)", never))
        query = "SELECT identity, watched_s FROM companion"
        known: tuple[str, float] = self._database.do(lambda db: db.execute(query).fetchone())
        self._identity, self._written_s = known
        self._watched_s = self._written_s

    @property
    def identity(self) -> str:
        """Random id of the companion that keeps this journal."""
        return self._identity

    @property
    def problem(self) -> str | None:
        """Why the journal is in memory only; None while it is on disk."""
        return self._database.problem

    def add(self, event: EventMessage) -> bool:
        """Store an event; return False where it came before. Raise ValueError for a test alert."""
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
        """Store a parent's answer, ``acknowledged`` or a verdict; the first time of each counts."""
        row = (device, episode_id, answer, at.timestamp())
        self._database.do(lambda db: db.execute("INSERT OR IGNORE INTO answer VALUES (?, ?, ?, ?)", row))

    def record_watched(self, at: datetime) -> None:
        """Record that the companion runs at this time; to be called continually.

        A longer time without a call becomes a gap. So does one that the clock skips, because the computer slept or
        had a wrong time at its start.
        """
        at_s, before_s = at.timestamp(), self._watched_s
        self._watched_s = at_s
        if at_s < before_s:  # the clock was ahead and has been set back
            self._database.do(
                lambda db: db.execute(
                    "UPDATE OR REPLACE gap SET began_s = min(began_s, ?1), ended_s = min(ended_s, ?1)", (at_s,)
                )
            )
        elif at_s - before_s > _UNWATCHED_S:
            self._add_gap(before_s, at_s, "hushd phone was not running")
        elif at_s - self._written_s < _WRITE_EVERY_S:
            return
        self._write_watched()

    def open_gap(self, device: str, at: datetime, why: str) -> None:
        """Begin a gap of a speaker, or of the ``BROKER``."""
        self._database.do(
            lambda db: db.execute("INSERT OR REPLACE INTO gap VALUES (?, ?, NULL, ?)", (device, at.timestamp(), why))
        )

    def close_gap(self, device: str, at: datetime) -> None:
        """End the open gap of a speaker, or of the ``BROKER``."""
        row = (at.timestamp(), device)
        self._database.do(lambda db: db.execute("UPDATE gap SET ended_s = ? WHERE device = ? AND ended_s IS NULL", row))

    def open_gaps(self) -> dict[str, str]:
        """Return the open gaps: device to reason."""
        query = "SELECT device, why FROM gap WHERE ended_s IS NULL"
        return dict(self._database.do(lambda db: db.execute(query).fetchall()))

    def episodes(self, device: str, since: datetime) -> tuple[Episode, ...]:
        """Return the episodes with an event since then, oldest first, each with all its events."""
        query = (
            "SELECT fields FROM event WHERE device = ?1 AND episode_id IN"
            " (SELECT episode_id FROM event WHERE device = ?1 AND at_s >= ?2) ORDER BY at_s, id"
        )
        parameters = (device, since.timestamp())
        rows = self._database.do(lambda db: db.execute(query, parameters).fetchall())
        query = "SELECT episode_id, answer, at_s FROM answer WHERE device = ? ORDER BY at_s, answer"
        answers = self._database.do(lambda db: db.execute(query, (device,)).fetchall())
        dated = [(episode_id, answer, _utc(at_s)) for episode_id, answer, at_s in answers]
        return build_episodes((_read_event(fields) for (fields,) in rows), dated)

    def gaps(self, device: str, since: datetime) -> tuple[Gap, ...]:
        """Return the gaps of the speaker and of the broker since then, oldest first."""
        query = (
            "SELECT began_s, ended_s, why FROM gap WHERE device IN (?, ?) AND coalesce(ended_s, 1e12) >= ?"
            " ORDER BY began_s"
        )
        parameters = (device, BROKER, since.timestamp())
        rows = self._database.do(lambda db: db.execute(query, parameters).fetchall())
        return tuple(
            Gap(device, _utc(began), None if ended is None else _utc(ended), why) for began, ended, why in rows
        )

    def close(self) -> None:
        """Write the last watched time and close the file."""
        self._write_watched()
        self._database.close()

    def _write_watched(self) -> None:
        self._written_s = self._watched_s
        self._database.do(lambda db: db.execute("UPDATE companion SET watched_s = ?", (self._written_s,)))

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
