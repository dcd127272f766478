"""Who may see the page: a one-time code makes a session, a session makes a parent.

One small SQLite file, which ``hushd phone --pair`` and the running page share. It holds hashes only: who reads it can
let nobody in. Every call opens it anew, so any thread may call; there are a few calls a minute.
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

_CREATE = """
    CREATE TABLE IF NOT EXISTS invitation (hash BLOB PRIMARY KEY, expires_s REAL NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS session (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: revoking an old one hits no other
        hash BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        paired_s REAL NOT NULL, seen_s REAL NOT NULL, expires_s REAL NOT NULL -- UTC, seconds since 1970
    ) STRICT;
"""
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 1 I L O U: a code may have to be typed by somebody who has not slept."""
_CODE_SIGNS = 12
"""30^12 codes, 59 bits: at the pace that ``limits`` allows, guessing one takes longer than the sun lasts."""
_LONGEST_NAME = 40
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Session:
    """A paired phone."""

    id: int
    name: str
    """As the phone called itself."""
    paired_s: float
    seen_s: float
    expires_s: float
    """Seconds since 1970."""


class SessionStore:
    """The codes and sessions in one file; StorageError where it cannot be used."""

    def __init__(
        self, path: Path, *, session_days: float, pairing_minutes: float, now: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._session_s = session_days * _DAY_S
        self._pairing_s = pairing_minutes * 60.0
        self._now = now
        with self._using() as db:
            db.executescript(_CREATE)
            path.chmod(0o600)
            if os.geteuid() == 0:  # root, who makes a code, must not lock the service out
                owner = path.parent.stat()
                os.chown(path, owner.st_uid, owner.st_gid)

    def invite(self) -> str:
        """A new code, good once and for a short time: ``K7QF-2MXW-9TRB``."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_SIGNS))
        with self._using() as db:
            db.execute("DELETE FROM invitation WHERE expires_s <= ?", (self._now(),))
            db.execute("INSERT INTO invitation VALUES (?, ?)", (_hash(code), self._now() + self._pairing_s))
        return "-".join(code[at : at + 4] for at in range(0, _CODE_SIGNS, 4))

    def exchange(self, code: str, name: str) -> str | None:
        """The secret of a new session for a code, which is then used up; None where it is not, or no more, good."""
        plain = code.upper().replace("-", "").replace(" ", "")
        secret, now = secrets.token_urlsafe(32), self._now()
        with self._using() as db:
            used = db.execute("DELETE FROM invitation WHERE hash = ? RETURNING expires_s", (_hash(plain),)).fetchone()
            if used is None or used[0] <= now:
                return None
            db.execute("DELETE FROM session WHERE expires_s <= ?", (now,))
            db.execute(
                "INSERT INTO session (hash, name, paired_s, seen_s, expires_s) VALUES (?, ?, ?, ?, ?)",
                (_hash(secret), name[:_LONGEST_NAME] or "a phone", now, now, now + self._session_s),
            )
        return secret

    def session(self, secret: str) -> Session | None:
        """The session with this secret, if it is still good."""
        with self._using() as db:
            query = "SELECT id, name, paired_s, seen_s, expires_s FROM session WHERE hash = ? AND expires_s > ?"
            row = db.execute(query, (_hash(secret), self._now())).fetchone()
        return row and Session(*row)

    def renew(self, session: Session) -> bool:
        """The phone is here: its time begins anew. At most once a day, so that a page read often wears no disk."""
        now = self._now()
        if 0 <= now - session.seen_s < _DAY_S:
            return False
        with self._using() as db:
            db.execute(
                "UPDATE session SET seen_s = ?, expires_s = ? WHERE id = ?", (now, now + self._session_s, session.id)
            )
        return True

    def sessions(self) -> list[Session]:
        """Every phone that is let in, the latest paired first."""
        with self._using() as db:
            query = "SELECT id, name, paired_s, seen_s, expires_s FROM session WHERE expires_s > ? ORDER BY id DESC"
            return [Session(*row) for row in db.execute(query, (self._now(),))]

    def revoke(self, session_id: int) -> bool:
        """Let a phone in no more; False where there is none with this id."""
        with self._using() as db:
            return db.execute("DELETE FROM session WHERE id = ?", (session_id,)).rowcount > 0

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        try:
            with closing(sqlite3.connect(self._path)) as db, db:
                yield db
        except (sqlite3.Error, OSError) as error:
            raise StorageError(
                f"{self._path} cannot be used: {error}: check its folder, its disk and permissions"
            ) from error


def _hash(secret: str) -> bytes:
    """Secrets are long and random, so one round will do, and a lookup tells nothing by the time it takes."""
    return hashlib.sha256(secret.encode()).digest()
