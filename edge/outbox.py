"""Events on their way to the broker: on disk before anybody hurries, gone only after the broker's acknowledgement.

Two threads use one outbox, the main loop (``add``) and the network thread (``due``, ``delivered``): one connection
behind one lock. Events are a few a minute at most, so waiting for each other costs nothing, and a single writer
leaves no question about order.

A full or read-only disk must not silence an alarm: what the disk cannot keep is kept in memory until the next start,
and ``counts`` says so.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from edge.errors import StorageError
from edge.moment import Moment

T = TypeVar("T")

_log = logging.getLogger(__name__)

_CREATE = """
    CREATE TABLE IF NOT EXISTS event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, so a stale acknowledgement deletes nothing
        text TEXT NOT NULL,
        rings INTEGER NOT NULL,
        boot TEXT NOT NULL, uptime_s REAL NOT NULL, utc_s REAL NOT NULL -- edge.moment.Moment
    ) STRICT
"""
# Uptime cannot jump; across a reboot the wall clock is all there is.
_AGE_S = "CASE boot WHEN :boot THEN :uptime_s - uptime_s ELSE :utc_s - utc_s END"

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_READONLY: "it is read-only: check its permissions and that the disk is mounted writable",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that its folder exists and is writable",
    sqlite3.SQLITE_PERM: "access is denied: check its permissions",
    sqlite3.SQLITE_BUSY: "another hushd is using it: stop that one, or give this one its own outbox",
    sqlite3.SQLITE_IOERR: "the disk reports an input/output error: check the disk or memory card",
}


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Where undelivered events wait, and for how long."""

    path: Path | None = None
    """The database file; None keeps events in memory, lost when the process ends."""
    max_events: int = 1000
    """When full, the oldest event that does not ring makes room, then the oldest that does."""
    max_age_s: float = 600.0
    """An event older than this is never delivered: a cry of ten minutes ago helps nobody, the current state does."""
    late_after_s: float = 30.0
    """An event older than this is delivered marked late."""

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        if self.max_events < 1:
            raise ValueError("outbox max_events must be at least 1")
        if not 0 < self.late_after_s <= self.max_age_s:
            raise ValueError("outbox late_after_s must be above 0 and at most max_age_s")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next event to deliver."""

    id: int
    text: str
    late: bool


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How the outbox stands."""

    waiting: int
    dropped: int
    """Events that made room for newer ones since this outbox was opened."""
    expired: int
    """Events that became too old to deliver since this outbox was opened."""
    problem: str | None = None
    """Why events are kept in memory only, and would be lost with the process; None while the disk keeps them."""


class Outbox:
    """A bounded, durable queue of event texts, oldest first."""

    def __init__(self, settings: OutboxSettings, now: Callable[[], Moment] = Moment.now) -> None:
        """StorageError where another hushd has this outbox; any other failure of the disk is survived in memory."""
        self._settings = settings
        self._now = now
        self._lock = threading.Lock()
        self._dropped = 0
        self._expired = 0
        self._problem: str | None = None
        try:
            self._db = self._open()
        except (sqlite3.Error, OSError) as error:
            if _code(error) == sqlite3.SQLITE_BUSY:
                raise StorageError(self._explained(error)) from error
            self._db = self._in_memory(error)

    def add(self, text: str, *, rings: bool) -> None:
        """Keep an event; once this returns, it survives a power cut, if the disk is well."""
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

        self._dropped += self._do(insert)

    def due(self) -> Waiting | None:
        """The oldest event that is still worth delivering; it stays until ``delivered``."""
        self.drop_expired()
        limits = {**asdict(self._now()), "late_after_s": self._settings.late_after_s}
        query = f"SELECT id, text, boot != :boot OR {_AGE_S} > :late_after_s FROM event ORDER BY id LIMIT 1"  # noqa: S608 - constant text
        row = self._do(lambda db: db.execute(query, limits).fetchone())
        return row and Waiting(row[0], row[1], bool(row[2]))

    def delivered(self, event_id: int) -> None:
        """The broker has acknowledged this event: forget it."""
        self._do(lambda db: db.execute("DELETE FROM event WHERE id = ?", (event_id,)))

    def drop_expired(self) -> None:
        """Drop and count the events that have become too old."""
        limits = {**asdict(self._now()), "max_age_s": self._settings.max_age_s}
        query = f"DELETE FROM event WHERE {_AGE_S} > :max_age_s"  # noqa: S608 - constant text
        self._expired += self._do(lambda db: db.execute(query, limits).rowcount)

    def counts(self) -> OutboxCounts:
        """For the health message."""
        waiting = self._do(_waiting)
        return OutboxCounts(waiting, self._dropped, self._expired, self._problem)

    def close(self) -> None:
        """Release the file; what waits is delivered by the next daemon."""
        with self._lock:
            self._db.close()

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction; once more, in memory, where the disk fails it."""
        with self._lock:
            try:
                with self._db:
                    return work(self._db)
            except sqlite3.ProgrammingError as error:  # closed
                raise StorageError(self._explained(error)) from error
            except sqlite3.Error as error:
                if self._settings.path is None or self._problem is not None:
                    raise StorageError(self._explained(error)) from error
                disk, self._db = self._db, self._in_memory(error)
                _move(disk, self._db)
                with self._db:
                    return work(self._db)

    def _open(self) -> sqlite3.Connection:
        path = self._settings.path
        try:
            return _connect(path)
        except sqlite3.DatabaseError as error:
            if path is None or _code(error) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            aside = path.with_name(path.name + ".corrupt")
            _log.warning("outbox %s is damaged (%s): moved to %s, starting an empty one", path, error, aside.name)
            path.replace(aside)
            path.with_name(path.name + "-wal").unlink(missing_ok=True)
            return _connect(path)

    def _in_memory(self, error: sqlite3.Error | OSError) -> sqlite3.Connection:
        self._problem = f"{self._explained(error)}; until hushd restarts, events are kept in memory only"
        _log.warning("%s", self._problem)
        return _connect(None)

    def _explained(self, error: sqlite3.Error | OSError) -> str:
        path = self._settings.path
        if isinstance(error, OSError):
            return f"outbox {path}: {error.strerror}"
        code = _code(error)
        if path is not None and path.exists() and not os.access(path, os.W_OK):
            code = sqlite3.SQLITE_READONLY  # which SQLite itself may call an input/output error
        return f"outbox {path}: {_REASONS.get(code, str(error))}"


def _waiting(db: sqlite3.Connection) -> int:
    count: int = db.execute("SELECT count(*) FROM event").fetchone()[0]
    return count


def _move(disk: sqlite3.Connection, memory: sqlite3.Connection) -> None:
    """What waits on a disk that can still be read, under the same ids; the disk's copy stays, should the power go."""
    try:
        rows = disk.execute("SELECT id, text, rings, boot, uptime_s, utc_s FROM event").fetchall()
    except sqlite3.Error as error:
        _log.warning("the events waiting there cannot be read and are lost: %s", error)
        rows = []
    finally:
        disk.close()
    with memory:
        memory.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", rows)


def _code(error: sqlite3.Error | OSError) -> int:
    """SQLite's primary result code; errors that Python itself finds have none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _connect(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", timeout=1.0, check_same_thread=False)
    try:
        # One daemon an outbox, or events would be sent twice: the lock is held until the connection closes.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # NORMAL could lose the last commits in a power cut
        with db:
            _refuse_damage(db)
            db.execute(_CREATE)
            db.execute("PRAGMA user_version = 1")  # a write, to learn of a full disk now and not at the first cry
    except BaseException:
        db.close()
        raise
    return db


def _refuse_damage(db: sqlite3.Connection) -> None:
    verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        damage = sqlite3.DatabaseError(verdict)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT  # as SQLite itself would have said on reading that page
        raise damage
