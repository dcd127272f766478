"""Ordered migrations of an SQLite file; its ``PRAGMA user_version`` counts those applied.

A database appends to its migrations and never changes a published one: existing files have it applied already.
"""

import sqlite3
from collections.abc import Sequence

from edge.errors import StorageError

Migrations = Sequence[Sequence[str]]
"""The SQL statements of each migration. ``PRAGMA foreign_keys`` has no effect there, for it ignores a transaction."""


class NewerFormatError(StorageError):
    """The file has migrations that this hushd does not know."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"it has format {found} of a newer hushd, this hushd knows formats up to {known}")
        self.found = found


def count_applied(database: sqlite3.Connection) -> int:
    """Return the number of migrations applied, 0 for a new file."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def migrate(database: sqlite3.Connection, migrations: Migrations) -> None:
    """Apply the missing migrations within the caller's transaction; raise NewerFormatError for a newer file.

    The number is written even where it stays the same, so a full or read-only disk fails here.
    """
    found = count_applied(database)
    if found > len(migrations):
        raise NewerFormatError(found, len(migrations))
    for migration in migrations[found:]:
        for statement in migration:
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {len(migrations)}")
