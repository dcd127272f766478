"""The label store: accepted rows stay, refused rows change nothing, a second writer waits."""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import label_schema
from edge.errors import StorageError
from tests.support.small_store import clip, label
from training.labels.records import Label, LabelError
from training.labels.store import DATABASE, Added, LabelStore

CLIP = clip(0)
NAMES = label_schema.load(2).names


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore(tmp_path, create=True) as made:
        yield made


def test_added_rows_are_returned(store: LabelStore) -> None:
    aged = clip(1, age="0-4 weeks")
    given_labels = [label(CLIP, "anna", "crying", seconds=7.5), label(aged, "bo", None)]
    assert store.add([CLIP, aged], given_labels) == Added(clips=2, labels=2, known=0)
    with LabelStore(store.folder) as again:
        assert again.clips() == {each.clip: each for each in (CLIP, aged)}
        assert again.labels() == given_labels
        assert again.labels(1) == []


@given(
    answers=st.lists(
        st.tuples(
            st.sampled_from([None, *NAMES]),
            st.floats(0, 1e6) | st.none(),
            st.datetimes(timezones=st.timezones()),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        ),
        max_size=5,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_label_is_returned_unchanged(
    tmp_path_factory: pytest.TempPathFactory, answers: list[tuple[str | None, float | None, datetime, str]]
) -> None:
    digest = label_schema.load(2).digest
    given_labels = [
        Label(CLIP.clip, "anna", said, 2, digest, at.astimezone(UTC), seconds, round_, note)
        for round_, (said, seconds, at, note) in enumerate(answers, 1)
        if datetime(2, 1, 1, tzinfo=UTC) < at < datetime(9998, 1, 1, tzinfo=UTC)
    ]
    with LabelStore(tmp_path_factory.mktemp("store"), create=True) as store:
        store.add([CLIP], given_labels)
        assert store.labels() == given_labels
        assert store.add([CLIP], given_labels) == Added(0, 0, len(given_labels))


def test_adding_the_same_rows_changes_nothing(store: LabelStore) -> None:
    store.add([CLIP], [label(CLIP, "anna", "crying")])
    later = replace(label(CLIP, "anna", "crying"), at=datetime.now(UTC))
    assert store.add([CLIP], [later]) == Added(clips=0, labels=0, known=1)
    assert store.labels() == [label(CLIP, "anna", "crying")]


def test_a_changed_label_needs_a_second_round(store: LabelStore) -> None:
    store.add([CLIP], [label(CLIP, "anna", "crying")])
    with pytest.raises(LabelError, match=r"anna gave crying in round 1, now fussing; .* round 2"):
        store.add([], [label(CLIP, "anna", "fussing")])
    store.add([], [label(CLIP, "anna", "fussing", round_=2)])
    assert [each.label for each in store.labels()] == ["crying", "fussing"]


def test_a_refused_row_rolls_back_the_others(store: LabelStore) -> None:
    store.add([CLIP], [label(CLIP, "anna", "crying")])
    with pytest.raises(LabelError, match="is not in the store: import its audio first"):
        store.add([clip(1)], [label(clip(1), "bo", "none"), label(clip(2), "bo", "none")])
    assert store.clips() == {CLIP.clip: CLIP}
    assert len(store.labels()) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"label": "cry"}, "'cry' is not a label of guideline version 2; its labels are crying, fussing"),
        ({"digest": "0" * 64}, "made under another guideline version 2"),
        ({"guideline": 99}, "there is no guideline version 99"),
        ({"labeller": "boss:anna"}, "the word before the colon must be one of adjudication, gold"),
        ({"labeller": ""}, "labeller must be a name"),
        ({"clip": "../../etc"}, "clip must be a SHA-256"),
        ({"seconds": -1.0}, "seconds must be a finite number from 0, not"),
        ({"seconds": float("nan")}, "seconds must be a finite number from 0, not"),
        ({"round": 0}, "round must be from 1 to 1000000, not 0"),
        ({"round": 10**30}, "round must be from 1 to 1000000, not 1000000000000000000000000000000"),
        ({"at": datetime.fromisoformat("0001-01-01T00:00:00+14:00")}, "outside the supported date range"),
        ({"at": datetime(2026, 11, 23)}, "has no time zone"),
    ],
)
def test_invalid_labels_are_refused(change: dict[str, object], problem: str) -> None:
    with pytest.raises(LabelError, match=problem):
        replace(label(CLIP, "anna", "crying"), **change)  # type: ignore[arg-type] # and refused at run time


def test_rows_cannot_be_changed_even_by_hand(store: LabelStore) -> None:
    store.add([CLIP], [label(CLIP, "anna", "crying")])
    by_hand = sqlite3.connect(store.folder / DATABASE)
    for change in ("UPDATE label SET label = 'none'", "DELETE FROM label", "DELETE FROM clip"):
        with pytest.raises(sqlite3.IntegrityError, match="rows are only added"):
            by_hand.execute(change)
    by_hand.close()


def test_a_second_writer_waits(store: LabelStore) -> None:
    added: list[Added] = []

    def second() -> None:
        with LabelStore(store.folder) as other:
            added.append(other.add([], [label(CLIP, "bo", "none")]))

    thread = threading.Thread(target=second)
    with store.writing():
        store.insert([CLIP], [label(CLIP, "anna", "crying")])
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        assert not added
    thread.join()
    assert added == [Added(0, 1, 0)]
    assert [each.labeller for each in store.labels()] == ["anna", "bo"]


def test_a_second_writer_that_does_not_wait_is_refused(store: LabelStore) -> None:
    with LabelStore(store.folder, wait_s=0.0) as other, store.writing():
        with pytest.raises(StorageError, match="another program is writing to it: try again"):
            other.add([CLIP], [])
        assert other.labels() == []  # readers are not blocked


def test_no_store_and_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no label store at"):
        LabelStore(tmp_path / "nowhere")
    (tmp_path / DATABASE).write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StorageError, match=r"is damaged .*: restore it from a backup"):
        LabelStore(tmp_path)


def test_a_store_of_another_format(store: LabelStore) -> None:
    newer = sqlite3.connect(store.folder / DATABASE)
    newer.execute("PRAGMA user_version = 9")
    newer.close()
    with pytest.raises(StorageError, match="format 9 of a newer hushd, this hushd knows formats up to 1; update hushd"):
        LabelStore(store.folder)


def test_a_label_written_under_an_edited_guideline_is_named(store: LabelStore) -> None:
    store.add([CLIP], [])
    foreign = sqlite3.connect(store.folder / DATABASE)
    row = (CLIP.clip, "anna", "crying", 2, "0" * 64, "2026-11-23T09:00:00+00:00", None, 1, "")
    foreign.execute("INSERT INTO label VALUES (NULL,?,?,?,?,?,?,?,?,?)", row)
    foreign.commit()
    foreign.close()
    with pytest.raises(LabelError, match="label row 1: made under another guideline version 2"):
        store.labels()
