"""Labels of people decide the use of a clip; clips without labels keep theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import label_schema
from edge.detection.classifier import WINDOW_STEPS
from edge.records import SAMPLE_RATE
from training.data import checksums, manifest
from training.data.annotations import PROGRAMS, UNDECIDED, ClipAnnotations, LabeledSegment
from training.data.manifest import Clip, read_manifest
from training.data.workspace import Workspace
from training.labels import training_labels
from training.labels.weak_labels import find_distress_by_sound
from training.storage.paths import DataError
from training.synthesis import labeled_clips
from training.synthesis.clip_labels import clip_label
from training.synthesis.feature_shards import load_shard, make_examples, make_shards, open_library
from training.synthesis.mixture import ATTENDING, CRY, WHIMPER, Track
from training.synthesis.targets import window_labels

GUIDELINE = label_schema.load()
CRIER, FUSSER, QUIET = "donateacry/00-train.flac", "donateacry/01-train.ogg", "donateacry/02-train.flac"
SPOKEN_OVER, CAT, FIVE_SECONDS = "donateacry/03-train.ogg", "catmeows/08-train.flac", "esc/07-train.ogg"


def annotate(tiny_data: Path, work: Path, labels: Mapping[str, str]) -> list[Clip]:
    """The manifest's clips, with these labels of these files."""
    clips = read_manifest(tiny_data)
    contents = checksums.compute(Workspace(tiny_data, work, clips))
    return training_labels.attach_annotations(
        clips, contents, {contents[file]: ClipAnnotations(word) for file, word in labels.items()}
    )


def annotate_segments(tiny_data: Path, work: Path, file: str, *segments: tuple[float, str]) -> list[Clip]:
    """The manifest's clips, with these segments of one file: start, seconds, and label."""
    said = ClipAnnotations(segments=tuple(LabeledSegment(start_s, word) for start_s, word in segments))
    return [replace(clip, annotations=said) if clip.file == file else clip for clip in annotate(tiny_data, work, {})]


def files(pool: Mapping[str, Sequence[Clip]]) -> set[str]:
    return {clip.file for clips in pool.values() for clip in clips}


def test_a_clip_labeled_fussing_is_no_crier(tiny_data: Path, work: Path) -> None:
    assert files(open_library(Workspace(tiny_data, work, annotate(tiny_data, work, {})), "train").criers) == {CRIER}
    clips = annotate(tiny_data, work, {CRIER: "fussing", SPOKEN_OVER: "crying"})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert files(library.criers) == files(library.steady_criers) == {SPOKEN_OVER}
    assert files(library.fussers) == {CRIER, FUSSER}
    assert library.distress[CRIER].cry_s < GUIDELINE.thresholds["crying_min_cry_s"]
    assert library.distress[CRIER].whimper_s > GUIDELINE.thresholds["fussing_min_distress_s"]
    assert {CRIER, SPOKEN_OVER} <= library.usable_infants


def test_a_clip_labeled_none_is_a_sound_without_distress(tiny_data: Path, work: Path) -> None:
    clips = annotate(tiny_data, work, {CRIER: "none", SPOKEN_OVER: "crying", CAT: "none"})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert CRIER not in files(library.criers) | files(library.fussers)
    assert CRIER in {clip.file for clip in library.of_kind(labeled_clips.NO_CRY_KIND)}
    assert not library.track(next(clip for clip in clips if clip.file == CRIER)).tracks.any()
    assert [clip.file for clip in library.of_kind("cat")] == [CAT]


def test_soothed_crying_and_undecided_clips_are_in_no_other_scene(tiny_data: Path, work: Path) -> None:
    clips = annotate(tiny_data, work, {CRIER: "soothed-crying", QUIET: UNDECIDED, SPOKEN_OVER: "crying"})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    used = files(library.criers) | files(library.steady_criers) | files(library.fussers) | files(library.by_kind)
    assert not {CRIER, QUIET} & (used | library.usable_infants)


def test_a_cat_labeled_crying_is_a_crier(tiny_data: Path, work: Path) -> None:
    library = open_library(Workspace(tiny_data, work, annotate(tiny_data, work, {CAT: "crying"})), "train")
    assert not library.of_kind("cat")
    assert CAT in files(library.criers)
    assert library.distress[CAT].cry_s >= GUIDELINE.thresholds["crying_min_cry_s"]


@pytest.mark.parametrize(
    ("file", "word", "missing"),
    [
        (CRIER, "none", "no infant that cries"),
        ("moodist/11-train.ogg", "fussing", "no room without a voice"),  # with the phone's quiet room, all of that kind
        ("librispeech/04-train.flac", UNDECIDED, "no adult's speech"),
        ("librosa/12-train.flac", "crying", "no music"),
    ],
)
def test_a_split_is_refused_where_labels_empty_a_pool(
    tiny_data: Path, work: Path, file: str, word: str, missing: str
) -> None:
    with pytest.raises(DataError, match=f"^the train split has {missing}"):
        open_library(Workspace(tiny_data, work, annotate(tiny_data, work, {file: word, QUIET: UNDECIDED})), "train")


def test_evaluations_use_labels_of_people(tiny_data: Path, work: Path) -> None:
    clips = {clip.file: clip for clip in annotate(tiny_data, work, {FUSSER: "none", CAT: "fussing"})}
    library = open_library(Workspace(tiny_data, work, list(clips.values())), "train")
    assert clip_label(clips[FUSSER], library) == ("none", "people")
    assert clip_label(clips[CAT], library) == ("fussing", "people")
    assert clip_label(replace(clips[CAT], annotations=ClipAnnotations(UNDECIDED)), library)[0] is None
    assert clip_label(replace(clips[CAT], annotations=ClipAnnotations("fussing", by=PROGRAMS)), library) == (
        "fussing",
        "programs",
    )
    assert clip_label(clips[CRIER], library)[0] == "crying"


@pytest.mark.parametrize("name", GUIDELINE.names)
def test_every_window_of_an_example_has_its_label_as_target(tiny_data: Path, work: Path, name: str) -> None:
    clips = annotate(tiny_data, work, {FIVE_SECONDS: name})
    library = open_library(Workspace(tiny_data, work, clips), "train")
    clip = next(clip for clip in clips if clip.file == FIVE_SECONDS)
    scene = labeled_clips.compose_example(library, labeled_clips.Example(clip, None, name), np.random.default_rng(0))
    assert scene.seconds == 16.0
    steps = torch.from_numpy(scene.tracks.reshape(64, 16, 3).mean(axis=1))[None]
    odds = window_labels(steps, GUIDELINE, WINDOW_STEPS)[0, :, GUIDELINE.names.index(name)]
    assert odds.min() >= labeled_clips.CONFIDENT


def test_weak_truth_stays_where_it_agrees_with_the_label(tiny_data: Path, work: Path) -> None:
    clips = read_manifest(tiny_data)
    library = open_library(Workspace(tiny_data, work, clips), "train")
    layer = library.track(next(clip for clip in clips if clip.file == CRIER))
    np.testing.assert_array_equal(labeled_clips.truth_tracks(layer, "crying", GUIDELINE), layer.tracks)
    soothed = labeled_clips.truth_tracks(layer, "soothed-crying", GUIDELINE)
    np.testing.assert_array_equal(soothed[:, CRY], soothed[:, ATTENDING])
    assert soothed[:, CRY].any()
    assert not labeled_clips.truth_tracks(layer, "fussing", GUIDELINE)[:, CRY].any()
    silence = Track.silence(5.0, library.classes)
    assert labeled_clips.truth_tracks(silence, "fussing", GUIDELINE)[:, WHIMPER].all()
    silent = replace(layer, tracks=np.zeros_like(layer.tracks))  # without a score of the taggers
    by_sound = find_distress_by_sound(layer.audio, GUIDELINE)
    np.testing.assert_array_equal(
        labeled_clips.truth_tracks(silent, "crying", GUIDELINE)[: len(by_sound.cry), CRY], by_sound.cry
    )


def test_labeled_clips_of_the_split_are_scenes_of_their_own(tiny_data: Path, work: Path, tmp_path: Path) -> None:
    clips = annotate(tiny_data, work, {FUSSER: "fussing", CAT: "none", "donateacry/00-test.flac": "crying"})
    shards = make_examples(Workspace(tiny_data, tmp_path, clips), "train", each=3, seed=1)
    frames, tracks, _ = load_shard(shards[0])
    assert len(shards) == 1
    assert len(frames) == 6
    assert np.isfinite(frames).all()
    assert (
        tracks.any(axis=(1, 2)).tolist() == [True, False] * 3 or tracks.any(axis=(1, 2)).tolist() == [False, True] * 3
    )
    assert not np.array_equal(frames[0], frames[2])  # another microphone
    assert shards == make_examples(Workspace(tiny_data, tmp_path, clips), "train", each=3, seed=1)


@pytest.mark.slow
def test_without_labels_scenes_stay_the_same(tiny_data: Path, work: Path, shards: list[Path]) -> None:
    clips = annotate(tiny_data, work, {})
    assert clips == read_manifest(tiny_data)
    assert make_examples(Workspace(tiny_data, work, clips), "train", each=4, seed=1) == []
    assert make_shards(Workspace(tiny_data, work, clips), "train", 2, seed=1) == shards
    some = annotate(tiny_data, work, {FUSSER: "none"})
    assert manifest.clips_digest(some) != manifest.clips_digest(clips)


SEGMENT_STARTS_S = (0.0, 2.2)
"""Starts of segments that cover ``SPOKEN_OVER``."""


def test_segments_with_one_label_label_the_clip(tiny_data: Path, work: Path) -> None:
    clips = annotate_segments(tiny_data, work, SPOKEN_OVER, *((at_s, "crying") for at_s in SEGMENT_STARTS_S))
    assert SPOKEN_OVER in files(open_library(Workspace(tiny_data, work, clips), "train").criers)
    clips = annotate_segments(tiny_data, work, SPOKEN_OVER, (0.0, "crying"), (2.2, "soothed-crying"))
    assert SPOKEN_OVER not in files(open_library(Workspace(tiny_data, work, clips), "train").criers)


def test_a_partly_labeled_clip_keeps_its_pool_unless_contradicted(tiny_data: Path, work: Path) -> None:
    first = ClipAnnotations(segments=(LabeledSegment(0.0, "fussing"),))
    clips = annotate_segments(tiny_data, work, CRIER, (3.0, "crying"))
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert files(library.criers) == {CRIER}
    assert CRIER in library.usable_infants
    assert clip_label(next(clip for clip in clips if clip.file == CRIER), library)[1].startswith("rule:")
    other = [
        replace(clip, annotations=ClipAnnotations("crying")) if clip.file == SPOKEN_OVER else clip for clip in clips
    ]
    clips = [replace(clip, annotations=first) if clip.file == CRIER else clip for clip in other]
    library = open_library(Workspace(tiny_data, work, clips), "train")
    assert files(library.criers) == {SPOKEN_OVER}
    assert CRIER not in files(library.fussers) | files(library.by_kind) | library.usable_infants
    assert clip_label(next(clip for clip in clips if clip.file == CRIER), library) == ("fussing", "people")


def test_a_labeled_segment_is_an_example_of_its_own(tiny_data: Path, work: Path) -> None:
    clips = annotate_segments(tiny_data, work, SPOKEN_OVER, (0.0, UNDECIDED), (2.0, "fussing"))
    library = open_library(Workspace(tiny_data, work, clips), "train")
    (chosen,) = labeled_clips.examples(clips, "train", each=1)
    assert (chosen.clip.file, chosen.start_s, chosen.label) == (SPOKEN_OVER, 2.0, "fussing")
    segment = labeled_clips.labeled_track(library, chosen)
    np.testing.assert_array_equal(segment.audio, library.audio(chosen.clip)[2 * SAMPLE_RATE : 7 * SAMPLE_RATE])
    assert segment.tracks[:, WHIMPER].any()
    assert not segment.tracks[:, CRY].any()
    others = annotate_segments(tiny_data, work, SPOKEN_OVER, (0.0, UNDECIDED), (2.0, "crying"))
    shards = [make_examples(Workspace(tiny_data, work, told), "train", each=1, seed=1) for told in (clips, others)]
    assert shards[0] != shards[1]
