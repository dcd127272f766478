"""Store of pairing codes and sessions: a code, good once, makes a session, and a session makes a phone a parent's.

One small SQLite file that ``hushd phone --pair`` and the running page share. It contains hashes only, so a copy of it
admits no phone. Every call opens the file, so that any thread may call; there are a few calls a minute.
"""

import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.errors import StorageError
from edge.storage.migrations import Migrations, NewerFormatError, count_applied, migrate

_FIRST = (
    "CREATE TABLE IF NOT EXISTS invitation (hash BLOB PRIMARY KEY, expires_s REAL NOT NULL) STRICT",
    """
    CREATE TABLE IF NOT EXISTS session (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: revoking an old one hits no other
        hash BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        paired_s REAL NOT NULL, seen_s REAL NOT NULL, expires_s REAL NOT NULL -- UTC, seconds since 1970
    ) STRICT
    """,
)
MIGRATIONS: Migrations = (_FIRST,)
"""Appended to only: see ``edge.storage.migrations``. Files older than migrations have the tables and no number."""
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 1 I L O U, which are easily confused when a code is typed."""
_CODE_LENGTH = 12
"""30^12 codes, 59 bits. At 10 attempts a minute, which ``app`` allows to all clients together, the expected time to
guess one is above 10^10 years.
"""
_MAX_NAME_LENGTH = 40
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Session:
    """A paired phone; times are UTC, seconds since 1970."""

    id: int
    name: str
    """Name that was entered on the phone."""
    paired_s: float
    seen_s: float
    expires_s: float


class SessionStore:
    """Codes and sessions in one file; every method raises StorageError where the file cannot be used."""

    def __init__(
        self, path: Path, *, session_days: float, pairing_minutes: float, now: Callable[[], float] = time.time
    ) -> None:
        """Open or create the file and apply the migrations it lacks; ``now`` returns UTC, seconds since 1970."""
        self._path = path
        self._session_s = session_days * _DAY_S
        self._pairing_s = pairing_minutes * 60.0
        self._now = now
        with self._transaction() as db:
            self._migrate(db)
            path.chmod(0o600)
            if os.geteuid() == 0:  # root makes codes, and the service's user must be able to read them
                owner = path.parent.stat()
                os.chown(path, owner.st_uid, owner.st_gid)

    def invite(self) -> str:
        """Return a new pairing code, good once and for ``pairing_minutes``: ``K7QF-2MXW-9TRB``."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        with self._transaction() as db:
            db.execute("DELETE FROM invitation WHERE expires_s <= ?", (self._now(),))
            db.execute("INSERT INTO invitation VALUES (?, ?)", (_hash(code), self._now() + self._pairing_s))
        return "-".join(code[at : at + 4] for at in range(0, _CODE_LENGTH, 4))

    def exchange(self, code: str, name: str) -> str | None:
        """Use up a code and return the secret of a new session, or None where the code is wrong, used or expired."""
        plain = code.upper().replace("-", "").replace(" ", "")
        secret, now = secrets.token_urlsafe(32), self._now()
        with self._transaction() as db:
            used = db.execute("DELETE FROM invitation WHERE hash = ? RETURNING expires_s", (_hash(plain),)).fetchone()
            if used is None or used[0] <= now:
                return None
            db.execute("DELETE FROM session WHERE expires_s <= ?", (now,))
            db.execute(
                "INSERT INTO session (hash, name, paired_s, seen_s, expires_s) VALUES (?, ?, ?, ?, ?)",
                (_hash(secret), name[:_MAX_NAME_LENGTH] or "a phone", now, now, now + self._session_s),
            )
        return secret

    def session(self, secret: str) -> Session | None:
        """Return the session with this secret, or None where it is unknown, revoked or expired."""
        with self._transaction() as db:
            query = "SELECT id, name, paired_s, seen_s, expires_s FROM session WHERE hash = ? AND expires_s > ?"
            row = db.execute(query, (_hash(secret), self._now())).fetchone()
        return row and Session(*row)

    def renew(self, session: Session) -> bool:
        """Restart a session's time and return True, at most once a day, so that visits do not wear the disk."""
        now = self._now()
        if 0 <= now - session.seen_s < _DAY_S:
            return False
        with self._transaction() as db:
            db.execute(
                "UPDATE session SET seen_s = ?, expires_s = ? WHERE id = ?", (now, now + self._session_s, session.id)
            )
        return True

    def sessions(self) -> list[Session]:
        """Return all valid sessions, the latest paired first."""
        with self._transaction() as db:
            query = "SELECT id, name, paired_s, seen_s, expires_s FROM session WHERE expires_s > ? ORDER BY id DESC"
            return [Session(*row) for row in db.execute(query, (self._now(),))]

    def revoke(self, session_id: int) -> bool:
        """Delete a session; return False where no session has this id."""
        with self._transaction() as db:
            return db.execute("DELETE FROM session WHERE id = ?", (session_id,)).rowcount > 0

    def _migrate(self, db: sqlite3.Connection) -> None:
        """Apply the missing migrations; refuse a newer file, for an empty one in its place would unpair all phones."""
        if count_applied(db) == len(MIGRATIONS):
            return  # without a write, so that a full disk keeps no paired phone out
        db.execute("BEGIN IMMEDIATE")  # statements that create tables begin no transaction
        try:
            migrate(db, MIGRATIONS)
        except NewerFormatError as error:
            raise StorageError(
                f"{self._path}: {error}: install the newer hushd, or remove the file and pair all phones again"
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path)) as db, db:
                yield db
        except (sqlite3.Error, OSError) as error:
            raise StorageError(
                f"{self._path} cannot be used: {error}: check its folder, its disk and permissions"
            ) from error


def _hash(secret: str) -> bytes:
    """Hash a long random secret; one round suffices, and the time of a lookup by hash reveals no part of it."""
    return hashlib.sha256(secret.encode()).digest()
