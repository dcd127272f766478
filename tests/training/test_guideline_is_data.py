"""The guideline is data: a changed number of its YAML changes labels, scenes, clip scores and the page."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import label_schema
from edge.detection.classifier import WINDOW_STEPS
from edge.detection.features import FRAMES_PER_SECOND
from edge.detection.model_loading import load_classifier
from edge.records import WINDOW_SAMPLES
from label_schema import Guideline
from label_schema.page import page
from label_schema.versions import FOLDER, read_file
from training.data.annotations import ClipAnnotations, LabeledSegment
from training.data.audio_cache import open_audio_cache
from training.data.manifest import Clip, read_manifest
from training.data.tagger_scores import TaggerScores, load_tagger_scores
from training.data.workspace import read_workspace
from training.evaluation.clip_scores import score_clips
from training.labels.weak_labels import find_distress, find_distress_by_sound
from training.storage.paths import DataError
from training.synthesis.clip_labels import weak_label
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.infants import draw_fuss
from training.synthesis.labeled_clips import label_of
from training.synthesis.mixture import STEPS_PER_SECOND
from training.synthesis.recipe_digests import guideline_numbers
from training.synthesis.rooms import Room
from training.synthesis.scenes import compose_scene
from training.synthesis.targets import window_labels

GUIDELINE = label_schema.load(2)
CRIER = "donateacry/00-dev.flac"
"""Its two bursts of cry last 1.0 s and 4.5 s."""
ROOM = Room(rt60_s=0.3, cry_dbfs=-20)

Change = Callable[..., Guideline]
Sort = Callable[[Guideline], ClipLibrary]


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """A function that loads a copy of version 2 with other numbers."""

    def load_changed(clip_seconds: float = GUIDELINE.clip_seconds, **thresholds: float) -> Guideline:
        text = (FOLDER / "v2.yaml").read_text(encoding="utf-8")
        text = re.sub(r"(?m)^clip_seconds: .*$", f"clip_seconds: {clip_seconds}", text)
        for name, value in thresholds.items():
            text, count = re.subn(rf"(- name: {name}\n    value: ).*", rf"\g<1>{value}", text)
            assert count == 1
        path = tmp_path / "v2.yaml"
        path.write_text(text, encoding="utf-8")
        return read_file(path)

    return load_changed


@pytest.fixture(scope="module")
def clips(tiny_data: Path) -> list[Clip]:
    return [clip for clip in read_manifest(tiny_data) if clip.split == "dev"]


@pytest.fixture(scope="module")
def scores(tiny_data: Path) -> TaggerScores:
    return load_tagger_scores(tiny_data)


@pytest.fixture
def sort(tiny_data: Path, work: Path, clips: list[Clip], scores: TaggerScores) -> Sort:
    """A function that sorts the dev split under a guideline."""
    audio = open_audio_cache(read_workspace(tiny_data, work))

    def sort_clips(guideline: Guideline) -> ClipLibrary:
        return ClipLibrary.of_clips(clips, audio, scores, guideline)

    return sort_clips


def window_names(library: ClipLibrary, guideline: Guideline, seeds: range) -> list[str]:
    """The most probable label of every window of some scenes."""
    tracks = np.stack([compose_scene(library, np.random.default_rng(seed)).tracks for seed in seeds])
    frames = FRAMES_PER_SECOND // STEPS_PER_SECOND
    steps = torch.from_numpy(tracks.reshape(len(tracks), -1, frames, tracks.shape[2]).mean(axis=2))
    return [guideline.names[best] for best in window_labels(steps, guideline, WINDOW_STEPS).argmax(-1).flatten()]


def test_the_full_burst_decides_between_cry_and_whimper(
    change: Change, sort: Sort, clips: list[Clip], scores: TaggerScores
) -> None:
    other = change(full_burst_min_s=2.0)
    clip = next(clip for clip in clips if clip.file == CRIER)
    audio = sort(GUIDELINE).audio(clip)
    before, after = (find_distress(audio, scores.clips[CRIER], each) for each in (GUIDELINE, other))
    assert before.cry_s - after.cry_s == pytest.approx(1.0, abs=0.1)
    assert 0.8 < after.whimper_s - before.whimper_s < 1.1  # the short pauses inside a burst are no whimper
    assert find_distress_by_sound(audio, other).cry_s < find_distress_by_sound(audio, GUIDELINE).cry_s


def test_the_least_cry_and_distress_sort_the_clips_and_their_weak_labels(change: Change, sort: Sort) -> None:
    library = sort(change(full_burst_min_s=2.0))
    more_cry = sort(change(full_burst_min_s=2.0, crying_min_cry_s=5.0))
    more_distress = sort(change(fussing_min_distress_s=5.0))
    (infant,) = library.criers
    clip = library.criers[infant][0]
    assert (infant in library.fussers, infant in more_cry.fussers) == (False, True)
    assert infant not in more_cry.criers
    assert (weak_label(clip, library), weak_label(clip, more_cry)) == ("crying", "fussing")
    assert library.fussers.keys() - more_distress.fussers.keys() == {"donateacry:1-dev"}


def test_scenes_follow_the_thresholds(change: Change, sort: Sort) -> None:
    library, other = sort(GUIDELINE), change(crying_min_cry_s=5.0, soothed_min_cry_s=5.0)
    before, after = (window_names(library, each, range(8)) for each in (GUIDELINE, other))
    assert before.count("crying") > after.count("crying")
    assert before.count("soothed-crying") > after.count("soothed-crying")
    assert before.count("fussing") < after.count("fussing")
    assert guideline_numbers(GUIDELINE) != guideline_numbers(other)


def test_composed_fussing_stays_below_the_least_cry(change: Change, sort: Sort) -> None:
    library = sort(change(crying_min_cry_s=1.0))
    drawn = [draw_fuss(library, np.random.default_rng(seed), ROOM, 16.0) for seed in range(20)]
    spans = [each.span for infant in drawn for each in infant.voice.excerpts if each.span]
    assert spans
    assert max(stop_s - start_s for start_s, stop_s in spans) < 0.5


def test_clip_scores_follow_the_thresholds(change: Change, sort: Sort, clips: list[Clip], scores: TaggerScores) -> None:
    infants = [clip for clip in clips if clip.kind == "infant"]
    truths = [
        {each.name: each.truth for each in score_clips(load_classifier(), infants, sort(guideline), scores, 0, seed=0)}
        for guideline in (GUIDELINE, change(full_burst_min_s=2.0, crying_min_cry_s=5.0))
    ]
    assert (truths[0][CRIER], truths[1][CRIER]) == ("crying", "fussing")
    assert {name for name, truth in truths[0].items() if truth != truths[1].get(name)} == {CRIER}


def test_scored_mixtures_follow_the_thresholds(change: Change, sort: Sort, scores: TaggerScores) -> None:
    """A mixture is scored where the guideline is sure of its label."""
    counts = [
        Counter(each.truth for each in score_clips(load_classifier(), [], sort(guideline), scores, 8, seed=0))
        for guideline in (GUIDELINE, change(crying_min_cry_s=4.5))
    ]
    assert counts[0]["crying"] > counts[1]["crying"]


def test_segments_are_as_long_as_the_guidelines_clips(change: Change) -> None:
    segments = (LabeledSegment(0.0, "crying"), LabeledSegment(4.0, "crying"))
    clip = Clip("a.ogg", "esc", "esc:1", "infant", "", "CC0", 9.0, "train", ClipAnnotations(segments=segments))
    assert label_of(clip, GUIDELINE) == "crying"
    assert label_of(clip, change(clip_seconds=6.0)) == "crying"
    longer = Clip("a.ogg", "esc", "esc:1", "infant", "", "CC0", 10.0, "train", ClipAnnotations(segments=segments))
    assert label_of(longer, GUIDELINE) is None
    assert label_of(longer, change(clip_seconds=6.0)) == "crying"


def test_a_guideline_of_another_window_is_refused(change: Change, sort: Sort) -> None:
    assert GUIDELINE.clip_seconds * 16_000 == WINDOW_SAMPLES
    with pytest.raises(DataError, match="clip_seconds is 6 s"):
        sort(change(clip_seconds=6.0))


def test_the_page_shows_the_numbers(change: Change) -> None:
    assert "4.7" in page(change(crying_min_cry_s=4.7))
    assert "4.7" not in page(GUIDELINE)
