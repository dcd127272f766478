"""Import: audio and rows in one transaction; a repeated import changes nothing."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import HushdError, StorageError
from tests.support.small_store import sound
from training.labels import csv_reader, importers, validation
from training.labels.records import LabelError
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import CLIPS, Added, LabelStore

PLAIN = ImportSettings()


def state(folder: Path) -> tuple[object, ...]:
    """Return everything that a refused import must not change."""
    with LabelStore(folder) as store:
        files = sorted(path.name for path in (folder / CLIPS).rglob("*") if path.is_file())
        return store.clips(), store.labels(), files


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a store of one clip, labeled by its folder's name."""
    sound(tmp_path / "first" / "none" / "a.wav", seed=0)
    with LabelStore(tmp_path / "store", create=True) as store:
        import_all(store, importers.folder(tmp_path / "first"), PLAIN)
    return tmp_path


def test_a_folder_tree(place: Path) -> None:
    clips, labels, files = state(place / "store")
    assert isinstance(clips, dict)
    assert isinstance(labels, list)
    ((name, clip),) = clips.items()
    assert files == [f"{name}.wav"]
    assert (clip.source, clip.group, clip.duration_s) == ("first", f"first:{name[:16]}", 0.25)
    assert [(each.labeller, each.label, each.guideline) for each in labels] == [("source:first", "none", 2)]


def test_a_repeated_import_changes_nothing(place: Path) -> None:
    before = state(place / "store")
    with LabelStore(place / "store") as store:
        assert import_all(store, importers.folder(place / "first"), PLAIN) == Added(0, 0, 1)
    assert state(place / "store") == before


def truncated(path: Path) -> None:
    sound(path, seed=5)
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: sound(path / "cryng" / "b.wav", 1), r"b.wav: 'cryng' is not a label of this guideline"),
        (lambda path: truncated(path / "crying" / "b.wav"), "is truncated"),
        (lambda path: (path / "crying" / "b.wav").write_bytes(b""), "the file is empty"),
        (lambda path: (path / "crying" / "b.wav").write_text("no sound"), "not audio"),
        (lambda path: sound(path / "crying" / "a.wav", 0), "gave crying in round 1, now none"),
        (lambda path: sound(path / "b.wav", 1), "is not in a folder that names its label"),
    ],
)
def test_a_wrong_file_is_named_and_nothing_changes(place: Path, spoil: Callable[[Path], None], problem: str) -> None:
    second = place / "second"
    sound(second / "crying" / "good.wav", seed=2)
    sound(second / "none" / "a.wav", seed=0)
    before = state(place / "store")
    spoil(second)
    with LabelStore(place / "store") as store, pytest.raises(HushdError, match=problem) as raised:
        import_all(store, importers.folder(second), PLAIN)
    assert "\n" not in str(raised.value)
    assert state(place / "store") == before


def test_damaged_files_can_be_left_out(place: Path, caplog: pytest.LogCaptureFixture) -> None:
    sound(place / "second" / "none" / "good.wav", seed=2)
    truncated(place / "second" / "none" / "bad.wav")
    with LabelStore(place / "store") as store:
        assert import_all(store, importers.folder(place / "second"), ImportSettings(leave_out_damaged=True)).clips == 1
    assert "left out" in caplog.text
    assert "bad.wav is truncated" in caplog.text


def test_the_words_of_a_source_are_mapped(place: Path) -> None:
    sound(place / "more" / "hungry" / "a.wav", seed=1)
    sound(place / "more" / "dog" / "b.wav", seed=2)
    sound(place / "more" / "unsure" / "c.wav", seed=3)
    words = {"hungry": "cry", "unsure": "-", "*": "not cry"}
    with LabelStore(place / "store") as store:
        added = import_all(store, importers.folder(place / "more"), ImportSettings(1, "anna", words=words))
        assert added == Added(3, 2, 0)
        assert sorted(str(each.label) for each in store.labels(1)) == ["cry", "not cry"]


def test_donateacry_names(place: Path) -> None:
    name = "0D1AD73E-4C5E-45F3-85C4-9A3CB71E8856-1430742197-1.0-m-04-hu.wav"
    sound(place / "cries" / name, seed=1)
    (found,) = importers.donateacry(place / "cries")
    assert found.group == "donateacry:0d1ad73e-4c5e-45f3-85c4-9a3cb71e8856"
    assert found.attributes == {"age": "0-4 weeks", "sex": "m", "reason": "hu", "device": "ios"}
    early = (
        "0D1AD73E-4C5E-45F3-85C4-9A3CB71E8856-1426957748.47029-1-0D1AD73E-4C5E-45F3-85C4-9A3CB71E8857-f-26-ti.caf.wav"
    )
    sound(place / "cries" / early, seed=3)
    assert sorted(each.word or "" for each in importers.donateacry(place / "cries")) == ["hu", "ti"]
    sound(place / "cries" / "other.wav", seed=2)
    with pytest.raises(LabelError, match=r"other\.wav must be named INSTANCE-TIME-VERSION-SEX-AGE-REASON"):
        importers.donateacry(place / "cries")


def test_esc50(place: Path) -> None:
    sound(place / "esc" / "audio" / "1-100-A-20.wav", seed=1)
    table = place / "esc" / "meta" / "esc50.csv"
    table.parent.mkdir()
    table.write_text("filename,fold,target,category,esc10,src_file,take\n1-100-A-20.wav,1,20,crying_baby,True,100,A\n")
    (found,) = importers.esc50(table)
    assert found.path is not None
    assert found.path.is_file()
    assert (found.group, found.word, found.attributes["fold"]) == ("freesound:100", "crying_baby", "1")
    table.write_text("file,class\na,b\n")
    with pytest.raises(LabelError, match=r"esc50.csv:2: column 'filename' is missing"):
        importers.esc50(table)


def test_a_table(place: Path) -> None:
    sound(place / "b.wav", seed=1)
    table = place / "answers.csv"
    table.write_text(
        "file,label,labeller,seconds,at,skipped,age\n"
        "b.wav,fussing,anna,6.5,2026-11-23T09:00:00Z,,0-4 weeks\n"
        "b.wav,,bo,2,2026-11-23T10:00:00+01:00,yes,0-4 weeks\n"
    )
    with LabelStore(place / "store") as store:
        assert import_all(store, csv_reader.read_table(table), PLAIN) == Added(1, 2, 0)
        anna, bo = (each for each in store.labels() if each.labeller in ("anna", "bo"))
        assert (anna.label, anna.seconds, anna.at) == ("fussing", 6.5, bo.at)
        assert bo.label is None
        assert store.clips()[anna.clip].attributes == {"age": "0-4 weeks"}
        again = place / "adjudications.csv"
        again.write_text(f"clip,label,labeller\n{anna.clip},crying,adjudication:cy\n")
        assert import_all(store, csv_reader.read_table(again), PLAIN) == Added(0, 1, 0)


def test_an_unknown_guideline_version_is_refused(place: Path) -> None:
    sound(place / "b.wav", seed=1)
    table = place / "answers.csv"
    table.write_text("file,label,guideline\nb.wav,none,0\n")
    with (
        LabelStore(place / "store") as store,
        pytest.raises(LabelError, match=r"answers.csv:2: there is no guideline version 0"),
    ):
        import_all(store, csv_reader.read_table(table), PLAIN)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ":1: needs a column file or a column clip, but has no columns"),
        ("name,label\n", "needs a column file or a column clip"),
        ("file,label,label\n", ":1: 2 columns have the name label"),
        ("file,label,\n", ":1: column 3 has no name"),
        ("file,label\n", "no rows"),
        ("file,label\na.wav\n", ":2: 1 cells under 2 columns"),
        ("file,label\n,none\n", ":2: file or clip is empty"),
        ("file,label,seconds\na.wav,none,soon\n", ":2: seconds must be a number, is 'soon'"),
        ("file,label,at\na.wav,none,yesterday\n", ":2: at must be a UTC time.* is 'yesterday'"),
        ("file,label,skipped\na.wav,none,yes\n", ":2: skipped is set, but label is 'none'"),
        ("file,label,skipped\na.wav,none,perhaps\n", ":2: skipped must be true or false, is 'perhaps'"),
        ('file,label\n"a.wav,none\n', "unexpected end of data"),
        ("file,label\n" + "a.wav,\n" * 2 + ",\n" * 9, r":4: file or clip is empty: .*; .* \(and 6 more\)"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    table = tmp_path / "answers.csv"
    table.write_text(text)
    with pytest.raises(LabelError, match=problem):
        csv_reader.read_table(table)


def test_a_missing_table_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"answers\.csv cannot be read: No such file or directory") as raised:
        csv_reader.read_table(tmp_path / "answers.csv")
    assert str(raised.value).count("answers.csv") == 1
    assert "Errno" not in str(raised.value)


@given(rows=st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=3), max_size=4), junk=st.binary(max_size=30))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_read_or_refused_in_one_line(tmp_path: Path, rows: list[list[str]], junk: bytes) -> None:
    table = tmp_path / "answers.csv"
    with table.open("w", newline="", encoding="utf-8", errors="surrogatepass") as file:
        csv.writer(file).writerows([["file", "label"], *rows])
    for content in (table.read_bytes(), table.read_bytes() + junk):
        table.write_bytes(content)
        try:
            found = csv_reader.read_table(table)
        except LabelError:
            continue
        assert all(each.path or each.clip for each in found)


def test_validation(place: Path) -> None:
    with LabelStore(place / "store") as store:
        (clip,) = store.clips().values()
        assert list(validation.problems(store, deep=True)) == []
        stray = store.path(clip).with_suffix(".part")
        stray.write_bytes(b"")
        assert [line.split(": ")[0] for line in validation.problems(store)] == [
            f"{stray} belongs to no clip; an import may have been interrupted"
        ]
        stray.unlink()

        content = store.path(clip).read_bytes()
        store.path(clip).write_bytes(content[:-2] + bytes([content[-2] ^ 1, content[-1]]))
        assert list(validation.problems(store)) == []  # the quick check covers names and sizes
        assert ["has other content than its name" in each for each in validation.problems(store, deep=True)] == [True]
        store.path(clip).write_bytes(content[:-2])
        assert any("bytes, but its row has" in each for each in validation.problems(store))
        store.path(clip).unlink()
        assert ["is missing: import it again" in each for each in validation.problems(store, deep=True)] == [True]
        import_all(store, importers.folder(place / "first"), PLAIN)
        assert list(validation.problems(store, deep=True)) == []


def test_a_store_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot create a label store at .*: Not a directory"):
        LabelStore(tmp_path / "file" / "store", create=True)
