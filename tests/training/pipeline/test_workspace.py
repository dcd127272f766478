"""A single command uses the same labels as training: people's where they listened."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

import label_schema
from training.data.annotations import PEOPLE, PROGRAMS, UNDECIDED, ClipAnnotations
from training.data.manifest import read_manifest
from training.labels.csv_reader import read_table
from training.labels.open_workspace import count_labeled_by, describe_label_sources, open_workspace
from training.labels.records import LabelError
from training.labels.run_import import ImportSettings, import_all
from training.labels.settings import LabelSettings
from training.labels.store import LabelStore
from training.labels.training_labels import TABLE
from training.storage.paths import DataError

FUSSER, CAT = "donateacry/01-test.ogg", "catmeows/08-test.flac"


@pytest.fixture
def labels(tiny_data: Path, tmp_path: Path) -> LabelSettings:
    """A store in which two people agree on one clip of the test split and differ on another."""
    table = tmp_path / "pilot.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "labeller", "label"])
        rows.writerows([tiny_data / "clips" / FUSSER, who, "none"] for who in ("anna", "bo"))
        rows.writerows([tiny_data / "clips" / CAT, who, label] for who, label in (("anna", "none"), ("bo", "crying")))
    with LabelStore(tmp_path / "labels", create=True) as store:
        import_all(store, read_table(table), ImportSettings())
    return LabelSettings(store=str(tmp_path / "labels"))


def test_labels_of_the_store_are_applied(tiny_data: Path, tmp_path: Path, labels: LabelSettings) -> None:
    place = open_workspace(tiny_data, tmp_path / "work", 1, labels)
    said = {clip.file: clip.annotations for clip in place.clips if clip.annotations is not None}
    assert said == {FUSSER: ClipAnnotations("none"), CAT: ClipAnnotations(UNDECIDED)}
    assert [count_labeled_by(PEOPLE, place, split) for split in ("test", "train")] == [2, 0]
    assert describe_label_sources(place, "test").startswith("Of the 12 clips of the test split, people listened to 2;")


def test_a_given_consensus_replaces_the_store(tiny_data: Path, tmp_path: Path, labels: LabelSettings) -> None:
    work, given = tmp_path / "work", tmp_path / "given.csv"
    open_workspace(tiny_data, work, 1, labels)
    rows = (work / "judge" / TABLE).read_text().splitlines(keepends=True)
    given.write_text("".join(row for row in rows if ",,0.5" not in row))
    place = open_workspace(tiny_data, work, 1, labels, given)
    assert {clip.file: clip.annotations for clip in place.clips if clip.annotations is not None} == {
        FUSSER: ClipAnnotations("none")
    }


def test_without_a_store_the_parameters_consensus_is_used(
    tiny_data: Path, tmp_path: Path, labels: LabelSettings
) -> None:
    work, readings = tmp_path / "work", tmp_path / "readings.csv"
    open_workspace(tiny_data, work, 1, labels)
    read = (work / "judge" / TABLE).read_text()
    readings.write_text(read.replace("person, majority", "program, majority").replace(",yes,", ",no,"))
    elsewhere = replace(labels, store=str(tmp_path / "nothing"), given=str(readings))
    place = open_workspace(tiny_data, work, 1, elsewhere)
    said = {clip.file: clip.annotations for clip in place.clips if clip.annotations is not None}
    assert said == {FUSSER: ClipAnnotations("none", by=PROGRAMS), CAT: ClipAnnotations(UNDECIDED, by=PROGRAMS)}
    assert count_labeled_by(PEOPLE, place, "test") == 0
    assert "programs labeled 2, no person listened to them; these labels count" in describe_label_sources(place, "test")
    place = open_workspace(tiny_data, work, 1, replace(labels, given=str(readings)))
    assert [count_labeled_by(whom, place, "test") for whom in (PEOPLE, PROGRAMS)] == [2, 0]
    with LabelStore(tmp_path / "new", create=True):  # without labels
        place = open_workspace(tiny_data, work, 1, replace(labels, store=str(tmp_path / "new"), given=str(readings)))
    assert [count_labeled_by(whom, place, "test") for whom in (PEOPLE, PROGRAMS)] == [0, 2]


def test_people_in_the_parameters_table_outweigh_programs_in_the_store(
    tiny_data: Path, tmp_path: Path, labels: LabelSettings
) -> None:
    work, by_people, table = tmp_path / "work", tmp_path / "people.csv", tmp_path / "programs.csv"
    open_workspace(tiny_data, work, 1, labels)
    by_people.write_text((work / "judge" / TABLE).read_text())
    table.write_text(f"file,labeller,label\n{tiny_data / 'clips' / FUSSER},program:a,crying\n")
    with LabelStore(tmp_path / "programs", create=True) as store:
        import_all(store, read_table(table), ImportSettings())
    place = open_workspace(tiny_data, work, 1, replace(labels, store=str(tmp_path / "programs"), given=str(by_people)))
    said = {clip.file: clip.annotations for clip in place.clips if clip.annotations is not None}
    assert said == {FUSSER: ClipAnnotations("none"), CAT: ClipAnnotations(UNDECIDED)}


def test_an_unusable_table_of_the_parameters_is_named(tiny_data: Path, tmp_path: Path, labels: LabelSettings) -> None:
    open_workspace(tiny_data, tmp_path, 1, labels)
    old, text = tmp_path / "old.csv", (tmp_path / "judge" / TABLE).read_text()
    old.write_text(text.replace(label_schema.load().digest, label_schema.load(1).digest))
    hint = r"`labels.given` in params.yaml"
    with pytest.raises(LabelError, match=rf"old.csv follows guideline version \d, .*{hint}"):
        open_workspace(tiny_data, tmp_path, 1, replace(labels, given=str(old)))
    with pytest.raises(LabelError, match=rf"nothing.csv cannot be read: .*{hint}"):
        open_workspace(tiny_data, tmp_path, 1, replace(labels, given=str(tmp_path / "nothing.csv")))


def test_without_a_store_labels_are_weak(tiny_data: Path, tmp_path: Path, labels: LabelSettings) -> None:
    place = open_workspace(tiny_data, tmp_path / "work", 1, replace(labels, store=str(tmp_path / "nothing")))
    assert place.clips == read_manifest(tiny_data)
    assert "weak: no person listened" in describe_label_sources(place, "test")
    assert not (tmp_path / "work").exists()
    with pytest.raises(DataError, match="no training data at"):
        open_workspace(tmp_path, tmp_path / "work", 1, labels)
