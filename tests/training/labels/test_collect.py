"""``add-data``: imported recordings in the data folder, with tagger scores, as part of training."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edge.demo import infant
from edge.errors import AudioError
from edge.records import SAMPLE_RATE
from tests.support.command_line import run
from tests.support.fake_tagger import CryEars
from training.data.manifest import read_manifest
from training.data.score_with_tagger import add_scores
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import Workspace
from training.data.yamnet import YamnetStream
from training.labels.collect import SplitAssignment, collect
from training.labels.records import LabelError
from training.labels.store import LabelStore
from training.storage.paths import DataError, find_data
from training.synthesis.feature_shards import open_library

OURS = SplitAssignment("infant", None, "our own", "train")


@pytest.fixture
def data(tiny_data: Path, tmp_path: Path) -> Path:
    """A writable copy of the tiny data folder."""
    return shutil.copytree(tiny_data, tmp_path / "data")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LabelStore]:
    """A store with two infants' cries, one of them twice, and a click, as `error-analysis` recommends."""
    with (tmp_path / "clips.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "group", "kind"])
        for number in range(3):
            sound = infant.synthesize_crying(8.0, np.random.default_rng(100 + number)).astype(np.float32)
            soundfile.write(tmp_path / f"{number}.flac", 0.3 * sound / np.abs(sound).max(), SAMPLE_RATE)
            table.writerow([f"{number}.flac", f"ours:{number % 2}", ""])
        soundfile.write(tmp_path / "click.wav", np.full(160, 0.1), SAMPLE_RATE)
        table.writerow(["click.wav", "ours:click", "household"])
    run("import", "csv", tmp_path / "clips.csv", "--source", "ours", "--store", tmp_path / "store", "--jobs", "1")
    with LabelStore(tmp_path / "store") as opened:
        yield opened


def test_new_clips_are_used_in_training(data: Path, store: LabelStore, tmp_path: Path) -> None:
    before = load_tagger_scores(data)
    added = collect(store, "ours", OURS, data, tmp_path / "work", CryEars())
    clips = read_manifest(data)
    assert [clip for clip in clips if clip.source == "ours"] == added
    assert sorted((clip.group, clip.kind) for clip in added) == [
        ("ours:0", "infant"), ("ours:0", "infant"), ("ours:1", "infant"), ("ours:click", "household"),
    ]  # fmt: skip
    teachers = load_tagger_scores(data, clips)
    for file, scores in before.clips.items():
        np.testing.assert_array_equal(teachers.clips[file].yamnet, scores.yamnet)
    cry = next(clip for clip in added if clip.kind == "infant")
    assert teachers.yamnet_cry(cry.file, 5.0) == pytest.approx(0.9, abs=1e-3)
    assert teachers.peak(cry.file, "Speech") == 0
    assert len(teachers.clips[next(clip.file for clip in added if clip.kind == "household")].yamnet) == 1
    library = open_library(Workspace(data, tmp_path / "work", clips), "train")
    assert {"ours:0", "ours:1"} <= library.criers.keys()


def test_a_second_run_adds_only_missing_clips(data: Path, store: LabelStore, tmp_path: Path) -> None:
    manifest = (data / "manifest.csv").read_text()
    added = collect(store, "ours", OURS, data, tmp_path / "work", CryEars())
    complete = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert collect(store, "ours", OURS, data, tmp_path / "work", CryEars()) == []
    (data / "manifest.csv").write_text(manifest)  # as after a stop before the last step
    assert collect(store, "ours", OURS, data, tmp_path / "work", CryEars()) == added
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == complete


def test_a_group_stays_in_its_split(data: Path, store: LabelStore, tmp_path: Path) -> None:
    drawn = collect(store, "ours", SplitAssignment("infant", None, "our own"), data, tmp_path / "work", CryEars())
    by_group = {clip.group: {each.split for each in drawn if each.group == clip.group} for clip in drawn}
    assert all(len(splits) == 1 for splits in by_group.values())
    run("import", "csv", _one_more(tmp_path, "ours:0"), "--source", "../later", "--store", store.folder, "--jobs", "1")
    (later,) = collect(store, "../later", OURS, data, tmp_path / "work", CryEars())
    assert {later.split} == by_group["ours:0"]
    assert later.file.startswith("-later/")  # not outside the data folder


def _one_more(place: Path, group: str) -> Path:
    soundfile.write(place / "more.flac", infant.synthesize_crying(6.0, np.random.default_rng(9)) * 0.1, SAMPLE_RATE)
    (place / "later.csv").write_text(f"file,group\nmore.flac,{group}\n")
    return place / "later.csv"


def test_a_clip_without_kind_or_licence_changes_nothing(data: Path, store: LabelStore, tmp_path: Path) -> None:
    def refused(source: str, assignment: SplitAssignment) -> str:
        before = sorted(data.rglob("*")), (data / "manifest.csv").read_text()
        with pytest.raises(LabelError) as caught:
            collect(store, source, assignment, data, tmp_path / "work", CryEars())
        assert (sorted(data.rglob("*")), (data / "manifest.csv").read_text()) == before
        return str(caught.value)

    assert "no clip of source theirs; its sources: ours" in refused("theirs", OURS)
    assert "has no kind: name it with --kind" in refused("ours", SplitAssignment(None, None, "our own"))
    assert "has no licence: name it with --licence" in refused("ours", SplitAssignment("infant", None, None))
    assert "kind 'baby' is not one of infant, adult_speech" in refused("ours", SplitAssignment("baby", None, "our own"))


def test_an_undecodable_clip_is_named(data: Path) -> None:
    (data / "clips" / "broken.ogg").write_bytes(b"OggS")
    with pytest.raises(AudioError, match=r"broken\.ogg"):
        add_scores(data, ["broken.ogg"], CryEars())
    (data / "teacher_scores.npz").write_bytes(b"")
    with pytest.raises(DataError, match=r"teacher_scores\.npz cannot be read"):
        add_scores(data, [], CryEars())


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "problem"),
    [
        ("yamnet_start_s", None, "has no yamnet_start_s"),
        ("yamnet_classes", ["Yodel"], "scores of the class 'Yodel', which this"),
    ],
)
def test_scores_that_do_not_fit_are_named(data: Path, name: str, rows: list[str] | None, problem: str) -> None:
    with np.load(data / "teacher_scores.npz") as stored:
        table: dict[str, Any] = {each: stored[each] for each in stored.files if each != name}
    table |= {} if rows is None else {name: np.array(rows)}
    np.savez_compressed(data / "teacher_scores.npz", **table)
    with pytest.raises(DataError, match=problem):
        add_scores(data, [], CryEars())


def test_the_real_yamnet_reproduces_its_scores(tmp_path: Path) -> None:
    """A few clips of the real folder are removed from the table and scored again."""
    try:
        data = find_data()
    except DataError as error:
        pytest.skip(str(error))
    pytest.importorskip("ai_edge_litert", reason="the workshop is not installed")
    yamnet = data.parent / "peers" / "yamnet.tflite"
    if not yamnet.is_file():
        pytest.skip(f"no YAMNet at {yamnet}")
    with np.load(data / "teacher_scores.npz") as stored:
        table = {name: stored[name] for name in stored.files}
    files = [str(table["files"][number]) for number in (0, 2500, 3000)]
    kept = np.isin(table["yamnet_file"], [0, 2500, 3000], invert=True)
    for name in ("yamnet_file", "yamnet_start_s", "yamnet_scores"):
        table[name] = table[name][kept]
    np.savez(tmp_path / "teacher_scores.npz", **{**table, "files": np.char.add("old/", table["files"])})
    (tmp_path / "clips").symlink_to(data / "clips")
    add_scores(tmp_path, files, YamnetStream(yamnet))
    before, now = load_tagger_scores(data), load_tagger_scores(tmp_path)
    for file in files:
        np.testing.assert_allclose(now.clips[file].yamnet, before.clips[file].yamnet, atol=2e-3)
        np.testing.assert_allclose(now.clips[file].yamnet_centre_s, before.clips[file].yamnet_centre_s)
