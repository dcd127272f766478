"""Durable queue of events for the broker: on disk before publishing, deleted after the broker's acknowledgement.

Two threads use one outbox: the main loop (``add``) and the network thread (``due``, ``delete``). When the disk
fails, ``edge.storage.resilient_sqlite`` keeps the events in memory, and ``counts`` reports the problem.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.records import OutboxCounts
from edge.storage.migrations import Migrations
from edge.storage.resilient_sqlite import Database
from edge.storage.timestamp import BootAwareTimestamp

_CREATE = """
    CREATE TABLE IF NOT EXISTS event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, so a stale acknowledgement deletes no event
        text TEXT NOT NULL,
        rings INTEGER NOT NULL,
        boot TEXT NOT NULL, uptime_s REAL NOT NULL, utc_s REAL NOT NULL -- edge.storage.timestamp
    ) STRICT
"""
MIGRATIONS: Migrations = ((_CREATE,),)
"""Append only, see ``edge.storage.migrations``."""
# Uptime cannot jump. Across a reboot, only the wall clock remains.
_AGE_S = "CASE boot WHEN :boot THEN :uptime_s - uptime_s ELSE :utc_s - utc_s END"


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Storage of undelivered events, and their age limits."""

    path: Path | None = None
    """The database file; without it, events are in memory and end with the process."""
    max_events: int = 1000
    """Capacity; the oldest event that does not ring makes room first, then the oldest that does."""
    max_age_s: float = 600.0
    """Events older than this, in seconds, are never delivered: a cry of ten minutes ago is no longer useful."""
    late_after_s: float = 30.0
    """Events older than this, in seconds, are delivered with the mark `late`."""

    def __post_init__(self) -> None:
        """Raise ValueError for settings that cannot work."""
        if self.max_events < 1:
            raise ValueError("outbox max_events must be at least 1")
        if not 0 < self.late_after_s <= self.max_age_s:
            raise ValueError("outbox late_after_s must be above 0 and at most max_age_s")


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """The next event to deliver."""

    id: int
    text: str
    late: bool


class Outbox:
    """A bounded, durable queue of event texts, oldest first."""

    def __init__(
        self, settings: OutboxSettings, now: Callable[[], BootAwareTimestamp] = BootAwareTimestamp.now
    ) -> None:
        """Raise StorageError where another hushd uses the file; after other disk failures, work in memory."""
        self._settings = settings
        self._now = now
        self._dropped = 0
        self._expired = 0
        self._database = Database("outbox", settings.path, MIGRATIONS)

    def add(self, text: str, *, rings: bool) -> None:
        """Store an event; after the return it survives a power cut, unless the disk has failed."""
        event = {"text": text, "rings": rings, **asdict(self._now())}

        def insert(db: sqlite3.Connection) -> int:
            db.execute(
                "INSERT INTO event (text, rings, boot, uptime_s, utc_s)"
                " VALUES (:text, :rings, :boot, :uptime_s, :utc_s)",
                event,
            )
            excess = max(0, _waiting(db) - self._settings.max_events)
            db.execute("DELETE FROM event WHERE id IN (SELECT id FROM event ORDER BY rings, id LIMIT ?)", (excess,))
            return excess

        self._dropped += self._database.do(insert)

    def due(self) -> QueuedEvent | None:
        """Return the oldest event within the age limit, None for an empty queue; it stays until ``delete``."""
        self.drop_expired()
        limits = {**asdict(self._now()), "late_after_s": self._settings.late_after_s}
        query = f"SELECT id, text, boot != :boot OR {_AGE_S} > :late_after_s FROM event ORDER BY id LIMIT 1"  # noqa: S608 - constant text
        row = self._database.do(lambda db: db.execute(query, limits).fetchone())
        return row and QueuedEvent(row[0], row[1], bool(row[2]))

    def delete(self, event_id: int) -> None:
        """Delete an event that the broker has acknowledged."""
        self._database.do(lambda db: db.execute("DELETE FROM event WHERE id = ?", (event_id,)))

    def drop_expired(self) -> None:
        """Drop and count the events that have become too old."""
        limits = {**asdict(self._now()), "max_age_s": self._settings.max_age_s}
        query = f"DELETE FROM event WHERE {_AGE_S} > :max_age_s"  # noqa: S608 - constant text
        self._expired += self._database.do(lambda db: db.execute(query, limits).rowcount)

    def counts(self) -> OutboxCounts:
        """Return the numbers for the health message."""
        waiting = self._database.do(_waiting)
        return OutboxCounts(waiting, self._dropped, self._expired, self._database.problem)

    def close(self) -> None:
        """Release the file; the next daemon delivers what waits."""
        self._database.close()


def _waiting(db: sqlite3.Connection) -> int:
    count: int = db.execute("SELECT count(*) FROM event").fetchone()[0]
    return count
