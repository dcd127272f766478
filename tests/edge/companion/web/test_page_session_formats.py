"""The page's file of paired phones across formats: an older file keeps its phones, a newer one is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.companion.web import sessions
from edge.companion.web.sessions import MIGRATIONS, SessionStore
from edge.errors import StorageError
from edge.storage.migrations import count_applied
from tests.support.killed import before_each_statement

FORMAT_0 = Path(__file__).parents[3] / "support" / "format-0" / "page.sql"
"""Dump of a file that hushd wrote before the file had a format number."""
WRITTEN_S = 1_790_000_240.0
"""Time at which the pairing code of that file was made."""
FUTURE = (
    "ALTER TABLE session ADD COLUMN role TEXT NOT NULL DEFAULT 'parent'",
    "UPDATE session SET name = 'renamed'",
    "CREATE INDEX session_by_role ON session (role)",
)
OPEN_WITH_FUTURE = f"""
from pathlib import Path
from edge.companion.web import sessions
sessions.MIGRATIONS = (*sessions.MIGRATIONS, {FUTURE})
sys.setprofile(count_down)
sessions.SessionStore(Path(sys.argv[1]), session_days=90, pairing_minutes=10)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "page.sqlite"


def write_format_0(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FORMAT_0.read_text(encoding="utf-8"))


def content(path: Path) -> tuple[int, list[str]]:
    """Return the number of migrations applied, and all tables with their rows."""
    with closing(sqlite3.connect(path)) as db:
        return count_applied(db), list(db.iterdump())


def open_store(path: Path) -> SessionStore:
    return SessionStore(path, session_days=90, pairing_minutes=10, now=lambda: WRITTEN_S)


def add_future(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MIGRATIONS", (*MIGRATIONS, FUTURE))


def test_a_new_file_has_all_migrations(path: Path) -> None:
    open_store(path)
    assert content(path)[0] == len(MIGRATIONS)


def test_phones_and_codes_of_format_0_stay_valid(path: Path) -> None:
    write_format_0(path)
    store = open_store(path)
    assert [(session.id, session.name) for session in store.sessions()] == [(3, "Grandma's phone ✓"), (1, "Anna")]
    anna = store.session("secret-of-phone-1")
    assert anna is not None
    assert (anna.paired_s, anna.seen_s, anna.expires_s) == (1_790_000_060, 1_790_086_580, 1_797_862_580)
    assert store.session("secret-of-phone-2") is None  # revoked
    assert store.exchange("DDDD-DDDD-DDDD", "Ben")
    assert store.sessions()[0].id == 4
    assert content(path)[0] == len(MIGRATIONS)


def test_a_missing_migration_is_applied_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_format_0(path)
    add_future(monkeypatch)
    for _ in range(2):
        assert {session.name for session in open_store(path).sessions()} == {"renamed"}
    assert content(path)[0] == len(MIGRATIONS) + 1


@pytest.mark.real
def test_a_migration_killed_before_any_of_its_statements_changes_nothing(path: Path) -> None:
    write_format_0(path)
    killed = 0
    for found in before_each_statement(OPEN_WITH_FUTURE, write_format_0, path):
        killed += 1
        assert content(found) == content(path)
        assert len(open_store(found).sessions()) == 2
    assert killed > len(FUTURE)


def test_a_newer_file_is_refused_and_keeps_its_phones(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_format_0(path)
    with monkeypatch.context() as newer:
        add_future(newer)
        open_store(path)
    before = content(path)
    with pytest.raises(StorageError, match=rf"page\.sqlite: it has format {len(MIGRATIONS) + 1} of a newer hushd"):
        open_store(path)
    assert content(path) == before


def test_an_opened_file_is_not_written_again(path: Path) -> None:
    """A full disk must keep no paired phone out."""
    open_store(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")  # an opening that writes would fail after 5 s
        assert open_store(path).sessions() == []
