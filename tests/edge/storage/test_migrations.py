"""Files of an older hushd are migrated or stay unchanged; those of a newer one are kept."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.companion.history import journal
from edge.companion.history.journal import BROKER, Journal
from edge.errors import StorageError
from edge.storage.migrations import count_applied
from edge.storage.outbox import MIGRATIONS, Outbox, OutboxSettings
from edge.storage.resilient_sqlite import Database
from edge.storage.timestamp import BootAwareTimestamp
from tests.support.killed import before_each_statement
from tests.support.speaker_messages import utc

FORMAT_1 = Path(__file__).parents[2] / "support" / "format-1"
"""Dumps of files that an older hushd wrote."""
FUTURE = (
    "ALTER TABLE event ADD COLUMN loudness_dbfs REAL",
    "UPDATE event SET loudness_dbfs = -30, text = 'rewritten'",
    "CREATE INDEX event_by_age ON event (utc_s)",
)
OPEN_WITH_FUTURE = f"""
from pathlib import Path
from edge.storage.resilient_sqlite import Database
from edge.storage.outbox import MIGRATIONS
sys.setprofile(count_down)
Database("outbox", Path(sys.argv[1]), (*MIGRATIONS, {FUTURE})).close()
"""
WAITING = ['{"kind": "cry_started"}', '{"kind": "cry_soothed", "why": "the baby\'s ✓"}']
"""In the outbox of format 1."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


def now() -> BootAwareTimestamp:
    """Return a time ten seconds after the events of the outbox of format 1."""
    return BootAwareTimestamp("b0", 110.0, 1_790_000_010.0)


def write(name: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FORMAT_1 / name).read_text(encoding="utf-8"))


def write_outbox(path: Path) -> None:
    write("outbox.sql", path)


def content(path: Path) -> tuple[int, list[str]]:
    """Return the number of migrations applied, the tables and the rows."""
    with closing(sqlite3.connect(path)) as database:
        return count_applied(database), list(database.iterdump())


def waiting(path: Path) -> list[str]:
    """Take all events from the outbox, in order of delivery."""
    with closing(Outbox(OutboxSettings(path), now)) as outbox:
        assert outbox.counts().problem is None
        texts = []
        while event := outbox.due():
            texts.append(event.text)
            outbox.delete(event.id)
        return texts


def open_newer(path: Path) -> Database:
    """Create a database of the next format."""
    return Database("outbox", path, (*MIGRATIONS, FUTURE))


def test_an_outbox_of_format_1_delivers_what_waits(path: Path) -> None:
    write_outbox(path)
    with closing(Outbox(OutboxSettings(path), now)) as outbox:
        first = outbox.due()
        assert first is not None
        assert (first.id, first.text, first.late) == (2, WAITING[0], False)
    assert waiting(path) == WAITING
    with closing(Outbox(OutboxSettings(path), now)) as outbox:
        outbox.add("new", rings=True)
        new = outbox.due()
        assert new is not None
        assert new.id == 4  # ids are not used twice, also across formats


@pytest.mark.parametrize("lacks", ["", "DROP TABLE companion"], ids=["whole", "without companion"])
def test_a_journal_of_format_1_remembers_the_nights(tmp_path: Path, lacks: str) -> None:
    path = tmp_path / "journal.sqlite"
    write("journal.sql", path)
    with closing(sqlite3.connect(path)) as database:
        database.execute(lacks)
    ever = datetime.fromtimestamp(0, UTC)
    with closing(Journal(path)) as opened:
        assert opened.problem is None
        assert (opened.identity == "79929dcd") == (not lacks)
        (cry,) = opened.episodes("nursery", ever)
        assert [(event.kind, event.at) for event in cry.events] == [("cry_started", utc(0)), ("cry_ended", utc(300))]
        assert cry.answers == (("acknowledged", utc(20)),)
        (muted,) = opened.episodes("attic", ever)
        assert muted.events[0].muted == "alerts off"
        gaps = [(gap.began - utc(0), gap.why) for gap in opened.gaps("nursery", utc(0))]
        assert gaps[1:] == [(timedelta(seconds=1000), "it is deaf"), (timedelta(seconds=2000), "the broker is away")]
        assert opened.open_gaps() == {BROKER: "the broker is away"}
    assert content(path)[0] == len(journal.MIGRATIONS) > 1


def test_a_missing_migration_is_applied_once(path: Path) -> None:
    write_outbox(path)
    for _ in range(2):
        with closing(open_newer(path)) as newer:
            rows = newer.do(lambda db: db.execute("SELECT text, loudness_dbfs FROM event").fetchall())
        assert rows == [("rewritten", -30.0)] * 2
    assert content(path)[0] == len(MIGRATIONS) + 1


@pytest.mark.real
def test_a_migration_killed_before_any_of_its_statements_changes_no_file(path: Path) -> None:
    write_outbox(path)
    killed = 0
    for found in before_each_statement(OPEN_WITH_FUTURE, write_outbox, path):
        killed += 1
        assert content(found) == content(path)
        assert waiting(found) == WAITING
    assert killed > len(FUTURE)


def test_a_migration_that_fails_leaves_the_file_and_goes_on_in_memory(path: Path) -> None:
    write_outbox(path)
    with closing(
        Database("outbox", path, (*MIGRATIONS, (*FUTURE, "CREATE UNIQUE INDEX one_a_boot ON event (boot)")))
    ) as failed:
        assert "UNIQUE constraint failed: event.boot" in (failed.problem or "")
        assert failed.do(lambda db: db.execute("SELECT * FROM event").fetchall()) == []
    assert waiting(path) == WAITING


def test_a_newer_file_is_kept_and_no_new_event_is_lost(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for kept in ("outbox.sqlite.format-2", "outbox.sqlite.format-2.2"):
        write_outbox(path)
        open_newer(path).close()
        newer = path.read_bytes()
        with closing(Outbox(OutboxSettings(path), now)) as older:
            older.add("new", rings=True)
        assert waiting(path) == ["new"]
        assert path.with_name(kept).read_bytes() == newer
        assert (
            f"{path}: it has format 2 of a newer hushd, this hushd knows formats up to 1; kept as {kept}" in caplog.text
        )
        path.unlink()


def test_a_newer_file_keeps_its_log_after_a_power_cut(tmp_path: Path) -> None:
    running, path = tmp_path / "running.sqlite", tmp_path / "outbox.sqlite"
    with closing(open_newer(running)) as newer:
        newer.do(lambda db: db.execute("INSERT INTO event VALUES (1, 'in the log', 1, 'b0', 100, 1790000000, -30)"))
        for end in ("", "-wal"):
            shutil.copy(f"{running}{end}", f"{path}{end}")
    assert waiting(path) == []
    path.with_name("outbox.sqlite.format-2").rename(running)
    with closing(open_newer(running)) as newer:
        assert newer.do(lambda db: db.execute("SELECT text FROM event").fetchall()) == [("in the log",)]


def test_a_newer_file_that_another_hushd_uses_stays_in_place(path: Path) -> None:
    with closing(open_newer(path)), pytest.raises(StorageError, match="another hushd is using it"):
        Outbox(OutboxSettings(path), now)
    assert [each.name for each in path.parent.glob("*format*")] == []
