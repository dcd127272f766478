"""Migrations of the label store: an older format is completed or unchanged, a newer one is refused."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import StorageError
from edge.storage.migrations import count_applied
from tests.support.killed import before_each_statement
from tests.support.small_store import clip, label
from training.labels import database
from training.labels.store import DATABASE, LabelStore

FORMAT_1 = Path(__file__).parents[2] / "support" / "format-1" / "labels.sql"
CLIPS = (clip(0), clip(1, age="0-4 weeks"))
LABELS = [
    label(CLIPS[0], "anna", "crying", seconds=7.5),
    label(CLIPS[1], "bo", None),
    replace(label(CLIPS[0], "anna", "none", round_=2), note="a cat; not a baby's cry"),
]
FUTURE = (
    "DROP TRIGGER label_update",
    "ALTER TABLE label ADD COLUMN device TEXT NOT NULL DEFAULT ''",
    "UPDATE label SET device = 'phone'",
    "CREATE TRIGGER label_update BEFORE UPDATE ON label BEGIN SELECT RAISE(ABORT, 'rows are only added'); END",
    "CREATE TABLE clip_2 (clip TEXT PRIMARY KEY, suffix TEXT NOT NULL) STRICT",
    "INSERT INTO clip_2 SELECT clip, suffix FROM clip",
    "DROP TABLE clip",
    "ALTER TABLE clip_2 RENAME TO clip",
)
OPEN_WITH_FUTURE = f"""
from pathlib import Path
from training.labels import database
sys.setprofile(count_down)
database.connect(Path(sys.argv[1]), 1.0, (*database.MIGRATIONS, {FUTURE})).close()
"""


def write_format_1(path: Path) -> None:
    with closing(sqlite3.connect(path)) as written:
        written.executescript(FORMAT_1.read_text(encoding="utf-8"))


def holds_all(folder: Path) -> bool:
    with LabelStore(folder) as store:
        return store.clips() == {each.clip: each for each in CLIPS} and store.labels() == LABELS and not store.damage()


def test_a_store_of_format_1_holds_every_clip_and_label(tmp_path: Path) -> None:
    write_format_1(tmp_path / DATABASE)
    before = (tmp_path / DATABASE).read_bytes()
    assert holds_all(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_a_migration_may_change_rows_and_tables(tmp_path: Path) -> None:
    write_format_1(tmp_path / DATABASE)
    with closing(database.connect(tmp_path / DATABASE, 1.0, (*database.MIGRATIONS, FUTURE))) as newer:
        assert count_applied(newer) == len(database.MIGRATIONS) + 1
        assert newer.execute("SELECT DISTINCT device FROM label").fetchall() == [("phone",)]
        assert database.damage(newer) == []
        with pytest.raises(sqlite3.IntegrityError, match="rows are only added"):
            newer.execute("UPDATE label SET device = ''")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            newer.execute("DELETE FROM clip")
    with pytest.raises(StorageError, match=r"it has format 2 of a newer hushd.*; update hushd, then try again"):
        LabelStore(tmp_path)


@pytest.mark.real
def test_a_migration_killed_before_any_of_its_statements_changes_no_store(tmp_path: Path) -> None:
    write_format_1(tmp_path / DATABASE)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as whole:
        before = list(whole.iterdump())
    formats = []
    for path in before_each_statement(OPEN_WITH_FUTURE, write_format_1, tmp_path / DATABASE):
        with closing(sqlite3.connect(path)) as found:
            formats.append(count_applied(found))
            assert (list(found.iterdump()) == before) == (formats[-1] == 1)
    assert formats == [1] * (len(formats) - 1) + [2]  # 2 after the commit
    assert len(formats) > len(FUTURE)
