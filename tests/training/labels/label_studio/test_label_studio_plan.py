"""Plans of batches: a stratified pilot in each labeler's own order, with hidden gold clips and repeats."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import label_schema
from edge.errors import HushdError
from tests.support.label_studio_exports import GUIDELINE, furnished, pilot
from tests.support.small_store import clip, label, sound
from training.labels import importers, validation
from training.labels.label_studio.batches import BatchSettings
from training.labels.label_studio.layout import configuration, instructions
from training.labels.label_studio.media import serve, write_files
from training.labels.label_studio.planning import plan_batch, read_queue
from training.labels.label_studio.segments import Segment, planned_segments
from training.labels.label_studio.selection import Candidate, order, seeded_rng, stratified
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore


@given(st.integers(0, 60), st.floats(0, 1), st.integers(0, 99))
def test_every_clip_is_planned_and_repeats_come_late(count: int, repeats: float, seed: int) -> None:
    clips = [str(number) for number in range(count)]
    heard = order(clips, repeats, seeded_rng(seed))
    assert heard == order(clips, repeats, seeded_rng(seed))
    assert sorted(each.clip for each in heard if each.round == 1) == sorted(clips)
    again = [index for index, each in enumerate(heard) if each.round == 2]
    assert len(again) == min(np.ceil(repeats * count), count // 3)
    for index in again:
        first = heard.index(Candidate(heard[index].clip))
        assert first < count // 3 <= count - count // 3 <= index


def test_a_pilot_is_balanced_over_kinds_and_infants() -> None:
    many = [Segment(clip(number, kind="cry")) for number in range(40)]
    few = [Segment(clip(number, kind="cat")) for number in range(40, 43)]
    chosen = stratified([*many, *few], {}, ["kind"], 8, seeded_rng(0))
    assert Counter(each.clip.attributes["kind"] for each in chosen) == {"cry": 5, "cat": 3}
    twins = [Segment(clip(1)), *(Segment(clip(2)) for _ in range(9))]
    assert {each.clip.group for each in stratified(twins, {}, ["source"], 2, seeded_rng(0))} == {"infant:1", "infant:2"}


@given(st.floats(0.1, 100))
def test_segments_cover_the_whole_recording(duration_s: float) -> None:
    whole = clip(1)
    long = type(whole)(whole.clip, whole.suffix, whole.size, duration_s, whole.source, whole.group)
    found = planned_segments({long.clip: long}, 5.0)
    if duration_s <= 5.05:
        assert found == [Segment(long)]
        return
    starts = [piece.at_s for piece in found if piece.at_s is not None]
    assert starts[0] == 0
    assert starts[-1] == pytest.approx(duration_s - 5)
    assert all(0 < later - earlier <= 5.06 for earlier, later in pairwise(starts))


def test_a_plan_is_stored_and_its_clips_are_shared(tmp_path: Path) -> None:
    with furnished(tmp_path) as store:
        (anna,) = pilot(store, "anna", size=9)
        kept, bo = pilot(store, "anna", "bo", size=3)
    assert kept == anna
    assert {task.clip for task in bo.tasks} == {task.clip for task in anna.tasks}
    assert [task.clip for task in bo.tasks] != [task.clip for task in anna.tasks]
    assert len({task.name for task in anna.tasks + bo.tasks}) == 20
    assert Counter(task.round for task in anna.tasks) == {1: 9, 2: 1}


def test_gold_clips_are_hidden_from_people_only(tmp_path: Path) -> None:
    with furnished(tmp_path) as store:
        golden = sorted(store.clips())[:2]
        store.add((), [label(store.clips()[each], "gold:panel", "none") for each in golden])
        anna, carla = pilot(store, "anna", "adjudication:carla", gold=0.1)
        assert [task.clip in golden for task in anna.tasks if task.gold] == [True]
        assert not any(task.gold or task.round > 1 for task in carla.tasks)
        served = serve(store, anna, tmp_path / "media", jobs=1)
    hidden = next(task for task in anna.tasks if task.gold)
    for data in served.tasks:
        assert data["audio"] == f"/data/local-files/?d={anna.key}/{data['task']}.flac"
        assert set(data) == {"audio", "task", "guideline", "digest"}
    shown = (served.sounds / f"{hidden.name}.flac").read_bytes()
    assert hidden.clip not in str(served.tasks)
    assert len(shown) > 0
    formats = {soundfile.info(path).subtype for path in served.sounds.iterdir()}
    assert formats == {"PCM_16"}
    assert len(list(served.sounds.iterdir())) == len(anna.tasks)


def test_the_large_batch_waits_for_agreement(tmp_path: Path) -> None:
    large = BatchSettings("large", ["anna", "bo"])
    with furnished(tmp_path) as store:
        with pytest.raises(HushdError, match="begin with the batch pilot, or add --anyway"):
            plan_batch(store, GUIDELINE, large)
        anna, bo = pilot(store, "anna", "bo", size=6, repeats=0)
        heard = sorted(task.clip for task in anna.tasks)
        clips = store.clips()
        names = [GUIDELINE.names[index % 4] for index in range(6)]
        store.add((), [label(clips[each], "anna", name) for each, name in zip(heard, names, strict=True)])
        store.add(
            (), [label(clips[each], "bo", name) for each, name in zip(heard, ["none"] * 2 + names[2:], strict=True)]
        )
        with pytest.raises(HushdError, match=r"below 0.8: not ready .* add --anyway"):
            plan_batch(store, GUIDELINE, large)
        unsure = plan_batch(store, GUIDELINE, BatchSettings("unsure", ["anna"], size=1, anyway=True))
        assert len(unsure[0].tasks) == 1
        for one in ("cy", "dee", "ed", "flo"):
            store.add((), [label(clips[each], one, name) for each, name in zip(heard, names, strict=True)])
        plans = plan_batch(store, GUIDELINE, large)
    for plan in plans:
        assert {task.clip for task in plan.tasks}.isdisjoint(heard)
    assert bo.batch == "pilot"


def test_long_recordings_are_cut_once(tmp_path: Path) -> None:
    sound(tmp_path / "clips" / "crying" / "long.wav", 1, seconds=11.0)
    with LabelStore(tmp_path / "store", create=True) as store:
        import_all(store, importers.folder(tmp_path / "clips"), ImportSettings(labeller="teacher:x"))
        (anna,) = pilot(store, "anna")
        cut = [each for each in store.clips().values() if "piece_of" in each.attributes]
        assert sorted(each.attributes["piece_at_s"] for each in cut) == ["0.000", "3.000", "6.000"]
        assert {each.duration_s for each in cut} == {5.0}
        assert len({each.group for each in store.clips().values()}) == 1
        assert {task.clip for task in anna.tasks} == {each.clip for each in cut}
        with pytest.raises(HushdError, match="have labeled every clip under guideline version"):
            plan_batch(store, GUIDELINE, BatchSettings("more", ["anna"], anyway=True))
        assert len(store.clips()) == 4
        assert list(validation.problems(store, deep=True)) == []


def test_a_queue_limits_the_clips(tmp_path: Path) -> None:
    with furnished(tmp_path) as store:
        wanted = sorted(store.clips())[:2]
        (tmp_path / "queue.csv").write_text(f"clip,label\n{wanted[0]},\n{wanted[1]},crying\n")
        (anna,) = pilot(store, "anna", queue=read_queue(tmp_path / "queue.csv"), repeats=0)
        assert [task.clip for task in anna.tasks] == [wanted[0]]
        with pytest.raises(HushdError, match="batch pilot is already planned with other clips"):
            pilot(store, "bo", queue=wanted[1:])
        with pytest.raises(HushdError, match="is not in this store"):
            plan_batch(store, GUIDELINE, BatchSettings("more", ["bo"], queue=["0" * 64], anyway=True))
    (tmp_path / "other.csv").write_text("file\na.wav\n")
    with pytest.raises(HushdError, match="no clip to label"):
        read_queue(tmp_path / "other.csv")


def test_an_impossible_batch_is_refused_in_one_line(tmp_path: Path) -> None:
    with furnished(tmp_path) as store:
        with pytest.raises(HushdError, match="labeller must be a name"):
            pilot(store, "a;b")
        (anna,) = pilot(store, "anna")
        path = next((store.folder / "label_studio").rglob("*.json"))
        path.write_text(path.read_text().replace(GUIDELINE.digest, "0" * 64))
        with pytest.raises(HushdError, match="another text of guideline version 2"):
            pilot(store, "anna")
        path.write_text("{")
        with pytest.raises(HushdError, match=r"is damaged .*: restore it from a backup"):
            pilot(store, "anna")
        assert anna.tasks


def test_the_configuration_contains_the_guideline(tmp_path: Path) -> None:
    view = Xml.fromstring(configuration(GUIDELINE))  # noqa: S314 - written by the package
    choices = view.find("Choices")
    audio = view.find("Audio")
    assert choices is not None
    assert audio is not None
    assert [(each.get("value"), each.get("hotkey")) for each in choices] == [
        ("crying", "1"), ("fussing", "2"), ("soothed-crying", "3"), ("none", "4"),
    ]  # fmt: skip
    assert [each.get("hint") for each in choices] == [each.definition for each in GUIDELINE.labels]
    assert (audio.get("hotkey"), audio.get("spectrogram"), audio.get("value")) == ("space", "true", "$audio")
    said = " ".join(each.get("value", "") for each in view.iter("Text"))
    for words in (*(step.ask for step in GUIDELINE.decision), *(case.sound for case in GUIDELINE.edge_cases)):
        assert words in said
    for version in label_schema.versions():
        assert "<script" not in instructions(label_schema.load(version))
        Xml.fromstring(f"<body>{instructions(label_schema.load(version))}</body>")  # noqa: S314 - written by the package
    with furnished(tmp_path, each=1) as store:
        (anna,) = pilot(store, "anna")
        folder = write_files(serve(store, anna, tmp_path / "media", 1), GUIDELINE, anna, tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == ["config.xml", "instructions.html", "tasks.json"]
