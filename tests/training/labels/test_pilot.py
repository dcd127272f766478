"""The pilot of docs/pilot: its tables can be imported, and its draft is a guideline."""

from collections import Counter

import pytest

import label_schema
from label_schema.loader import read
from training.labels.csv_reader import read_table
from training.storage.paths import REPOSITORY

PILOT = REPOSITORY / "docs" / "pilot"


@pytest.mark.parametrize(("table", "labellers", "clips"), [("readings.csv", "ab", 107), ("round-2.csv", "cd", 56)])
def test_every_reader_labeled_every_clip(table: str, labellers: str, clips: int) -> None:
    rows = read_table(PILOT / table)
    assert Counter(row.labeller for row in rows) == {f"program:spectrogram-reader-{each}": clips for each in labellers}
    assert {row.word for row in rows} <= set(label_schema.load(2).names)


def test_the_rule_labels_the_clips_of_the_readers() -> None:
    read_clips = {row.clip for row in read_table(PILOT / "readings.csv")}
    assert {row.clip for row in read_table(PILOT / "rule.csv")} <= read_clips


def test_the_draft_is_the_next_version_of_the_guideline() -> None:
    draft = read((PILOT / "draft.yaml").read_bytes(), "draft.yaml")
    assert draft.version == 3
    assert draft.names == label_schema.load(2).names
    assert {carry.label for carry in draft.migration} == set(draft.names)
