"""A small SQLite file that survives a power cut, and a full, broken or vanished disk.

All threads share one connection behind one lock. The work is a few rows a minute, so waiting is cheap, and one writer
keeps the order.

A full or read-only disk must not silence an alarm: rows that it cannot store stay in memory until the next start, and
``problem`` reports it. A file of a newer hushd must not silence one either: it gets another name, and an empty one
replaces it.
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import TypeVar

from edge.errors import StorageError
from edge.storage.migrations import Migrations, NewerFormatError, migrate

T = TypeVar("T")

_log = logging.getLogger(__name__)

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_READONLY: "it is read-only: check its permissions and that the disk is mounted writable",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that its folder exists and is writable",
    sqlite3.SQLITE_PERM: "access is denied: check its permissions",
    sqlite3.SQLITE_IOERR: "the disk reports an input/output error: check the disk or memory card",
}


class Database:
    """Tables on disk, or in memory once the disk has failed."""

    def __init__(self, name: str, path: Path | None, migrations: Migrations) -> None:
        """Open the file and apply the missing migrations; raise StorageError where another hushd uses it."""
        self._name = name
        self._path = path
        self._migrations = migrations
        self._lock = threading.Lock()
        self._problem: str | None = None
        try:
            self._db = self._open()
        except (sqlite3.Error, OSError) as error:
            if _code(error) == sqlite3.SQLITE_BUSY:
                raise StorageError(self._describe(error)) from error
            self._db = self._in_memory(error)

    @property
    def problem(self) -> str | None:
        """Why the rows are in memory only and would be lost with the process; None while the disk keeps them."""
        return self._problem

    def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in a transaction; where the disk fails it, run it again in memory.

        Raise StorageError where the database is closed, or memory fails, too.
        """
        with self._lock:
            try:
                with self._db:
                    return work(self._db)
            except sqlite3.ProgrammingError as error:  # closed
                raise StorageError(self._describe(error)) from error
            except sqlite3.Error as error:
                if self._path is None or self._problem is not None:
                    raise StorageError(self._describe(error)) from error
                disk, self._db = self._db, self._in_memory(error)
                _move(disk, self._db)
                with self._db:
                    return work(self._db)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def _open(self) -> sqlite3.Connection:
        path = self._path
        if path is None:
            return _connect(None, self._migrations)
        try:
            return _connect(path, self._migrations)
        except NewerFormatError as error:
            aside = _unused(path, f".format-{error.found}")
            _log.warning(
                "%s %s: %s; kept as %s, an empty one starts; to use the kept one, install that hushd and rename it",
                *(self._name, path, error, aside.name),
            )
            _rename(path, aside)
            return _connect(path, self._migrations)
        except sqlite3.DatabaseError as error:
            if _code(error) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            aside = path.with_name(path.name + ".corrupt")
            _log.warning(
                "%s %s is damaged (%s): moved to %s, starting an empty one", self._name, path, error, aside.name
            )
            path.replace(aside)
            path.with_name(path.name + "-wal").unlink(missing_ok=True)
            return _connect(path, self._migrations)

    def _in_memory(self, error: sqlite3.Error | OSError) -> sqlite3.Connection:
        self._problem = f"{self._describe(error)}; until hushd restarts, events are kept in memory only"
        _log.warning("%s", self._problem)
        return _connect(None, self._migrations)

    def _describe(self, error: sqlite3.Error | OSError) -> str:
        what = f"{self._name} {self._path}"
        if isinstance(error, OSError):
            return f"{what}: {error.strerror}"
        code = _code(error)
        if code == sqlite3.SQLITE_BUSY:
            return f"{what}: another hushd is using it: stop that one, or give this one its own {self._name}"
        if self._path is not None and self._path.exists() and not os.access(self._path, os.W_OK):
            code = sqlite3.SQLITE_READONLY  # which SQLite itself may call an input/output error
        return f"{what}: {_REASONS.get(code, str(error))}"


def _unused(path: Path, ending: str) -> Path:
    """Return the path with this ending, or a number more where such a file exists."""
    endings = chain([ending], (f"{ending}.{number}" for number in count(2)))
    return next(other for other in (path.with_name(path.name + each) for each in endings) if not other.exists())


def _rename(path: Path, new: Path) -> None:
    """Rename a database with its write-ahead log.

    The log goes first: after a power cut in between, the next start renames the rest to the same name.
    """
    for part in ("-wal", ""):
        with suppress(FileNotFoundError):  # no log where SQLite has closed the database cleanly
            path.with_name(path.name + part).rename(new.with_name(new.name + part))


def _move(disk: sqlite3.Connection, memory: sqlite3.Connection) -> None:
    """Copy the rows of a disk that can still be read; they stay there, too, in case of a power cut."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    try:
        found = {name: disk.execute(f"SELECT * FROM {name}").fetchall() for (name,) in disk.execute(tables)}  # noqa: S608 - names of our own
    except sqlite3.Error as error:
        _log.warning("the rows stored there cannot be read and are lost: %s", error)
        found = {}
    finally:
        disk.close()
    with memory:
        for name, rows in found.items():
            if rows:
                memory.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608 - as above


def _code(error: sqlite3.Error | OSError) -> int:
    """Return SQLite's primary result code, SQLITE_ERROR for an error that Python itself raises."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _connect(path: Path | None, migrations: Migrations) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", timeout=1.0, check_same_thread=False)
    try:
        # One hushd a file, or events would be sent twice. The lock lasts until the connection closes.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # NORMAL could lose the last commits in a power cut
        _raise_if_damaged(db)
        db.execute("BEGIN IMMEDIATE")
        with db:
            migrate(db, migrations)  # writes in any case, so that a full disk fails here and not at the first cry
    except BaseException:
        db.close()
        raise
    return db


def _raise_if_damaged(db: sqlite3.Connection) -> None:
    verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        damage = sqlite3.DatabaseError(verdict)
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT  # the code of SQLite for reading a damaged page
        raise damage
