"""The label store's SQLite file: its tables, connection, transactions and error messages."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import StorageError
from edge.storage.migrations import Migrations, NewerFormatError, count_applied, migrate

_TABLES = (
    """CREATE TABLE clip (
        clip TEXT PRIMARY KEY, suffix TEXT NOT NULL, size INTEGER NOT NULL, duration_s REAL NOT NULL,
        source TEXT NOT NULL, "group" TEXT NOT NULL, attributes TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE label (
        id INTEGER PRIMARY KEY AUTOINCREMENT, clip TEXT NOT NULL REFERENCES clip (clip), labeller TEXT NOT NULL,
        label TEXT, guideline INTEGER NOT NULL, digest TEXT NOT NULL, at TEXT NOT NULL, seconds REAL,
        round INTEGER NOT NULL, note TEXT NOT NULL, UNIQUE (clip, labeller, guideline, round)
    ) STRICT""",
    *(
        f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'rows are only added'); END"
        for table in ("clip", "label")
        for verb in ("update", "delete")
    ),
)
MIGRATIONS: Migrations = (_TABLES,)
"""Append only, see ``edge.storage.migrations``. One that changes rows drops the triggers and creates them again."""


def connect(path: Path, wait_s: float, migrations: Migrations = MIGRATIONS) -> sqlite3.Connection:
    """Open the database and apply missing migrations; a writer waits up to ``wait_s`` seconds for another one."""
    with plain_errors(path):
        database = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
        database.execute("PRAGMA synchronous = EXTRA")  # a commit reaches the disk, including its folder entry
        if count_applied(database) != len(migrations):  # otherwise do not write: another program may be writing
            with transaction(database):
                migrate(database, migrations)
        database.execute("PRAGMA foreign_keys = ON")  # after the migrations, which may rebuild a table
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Commit the block's writes at its end, or roll back all of them; readers continue, other writers wait."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Convert SQLite errors of the block to StorageError."""
    try:
        yield
    except NewerFormatError as error:
        raise StorageError(f"{path}: {error}; update hushd, then try again") from error
    except sqlite3.OperationalError as error:
        busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        why = "another program is writing to it: try again later" if busy else str(error)
        raise StorageError(f"{path}: {why}") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path} is damaged ({error}): restore it from a backup") from error


def damage(database: sqlite3.Connection) -> list[str]:
    """Read the whole file and return the problems that SQLite finds."""
    found = [str(line) for (line,) in database.execute("PRAGMA integrity_check") if line != "ok"]
    orphans = database.execute("PRAGMA foreign_key_check").fetchall()
    return found + [f"{table} row {row}: its {parent} is missing" for table, row, parent, _ in orphans]
