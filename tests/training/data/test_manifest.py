"""The manifest: every row is a clip, and a wrong row is named in one line."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.tiny_data import write_manifest
from training.data.manifest import Clip, clips_digest, read_manifest
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.storage.paths import DataError, find_data
from training.synthesis.feature_shards import open_library

CLIP = Clip("a.ogg", "esc", "esc:1", "infant", "crying_baby", "CC0", 5.0, "train")
HEADER = "file,source,group,kind,source_label,licence,duration_s,split"


def test_every_row_is_a_clip(tmp_path: Path) -> None:
    clips = [CLIP, replace(CLIP, file="b, or so.ogg", group="esc:2", kind="rir", duration_s=0.25, split="test")]
    write_manifest(tmp_path, clips)
    assert read_manifest(tmp_path) == clips


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("b.ogg,esc,esc:2,infant,cry,CC0,long,train", "long"),
        ("b.ogg,esc,esc:2,infant,cry,CC0", "not a clip row"),
        ("b.ogg,esc,esc:2,infant,cry,CC0,5.0", "not a clip row"),
        ("b.ogg,esc,esc:2,infant,cry,CC0,5.0,train,more", "not a clip row"),
        ("b.ogg,esc,esc:2,infant,cry,CC0,5.0,tset", "split 'tset' is not one of train, dev, test"),
        ("b.ogg,esc,esc:2,infnat,cry,CC0,5.0,train", "kind 'infnat' is not one of infant, "),
        ("b.ogg,esc,esc:1,infant,cry,CC0,5.0,test", "group esc:1 is in two splits"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, why: str) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(f"{HEADER}\na.ogg,esc,esc:1,infant,cry,CC0,5.0,train\n{row}\n")
    with pytest.raises(DataError) as caught:
        read_manifest(tmp_path)
    line = str(caught.value)
    assert line.startswith(f"{manifest}:3: ")
    assert why in line
    assert "\n" not in line


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(
        "file,source,kind,source_label,licence,duration_s,split\na,b,c,d,e,1.0,dev\n"
    )
    with pytest.raises(DataError, match=r"manifest.csv:2: .*group"):
        read_manifest(tmp_path)


def test_the_data_folder_is_the_option_else_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, other = tmp_path / "named", tmp_path / "other"
    for folder in (named, other):
        folder.mkdir()
        write_manifest(folder, [CLIP])
    monkeypatch.setenv("HUSHD_DATA", str(other))
    assert find_data(named) == named
    assert find_data() == other


def test_a_missing_data_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^no training data at .*nowhere .*--data or HUSHD_DATA$"):
        find_data(tmp_path / "nowhere")


def test_the_digest_depends_on_clips_and_splits() -> None:
    other = replace(CLIP, file="b.ogg", group="esc:2")
    assert clips_digest([CLIP, other]) == clips_digest([other, CLIP])
    assert clips_digest([CLIP]) != clips_digest([CLIP, other])
    assert clips_digest([CLIP]) != clips_digest([replace(CLIP, split="test")])


def test_a_clip_without_tagger_scores_is_named(tiny_data: Path) -> None:
    with pytest.raises(DataError, match=r"teacher_scores.npz has no scores of a.ogg and 1 more: score them, or"):
        load_tagger_scores(tiny_data, [*read_manifest(tiny_data), CLIP, replace(CLIP, file="b.ogg")])


@pytest.mark.parametrize(
    ("kinds", "missing"),
    [
        (
            ["ambience", "adult_speech", "music"],
            "infant that cries, no infant that cries steadily, no infant",
        ),
        (["infant", "adult_speech", "music"], "room without a voice (ambience)"),
        (["infant", "ambience"], "adult's speech (adult_speech), no music"),
    ],
)
def test_a_split_that_lacks_a_part_of_the_scenes_is_one_line(
    tiny_data: Path, tmp_path: Path, kinds: list[str], missing: str
) -> None:
    quiet = "donateacry/02-"  # a phone's recording without an infant is a room, too
    clips = [clip for clip in read_manifest(tiny_data) if clip.kind in kinds and not clip.file.startswith(quiet)]
    with pytest.raises(DataError, match=rf"^the dev split has no {re.escape(missing)}"):
        open_library(Workspace(tiny_data, tmp_path, clips), "dev")
