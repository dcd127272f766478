"""Tracks keep audio, truth and tags aligned when they are added, concatenated and cropped; a library sorts clips."""

from itertools import cycle, repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.records import SAMPLE_RATE
from training.data.workspace import read_workspace
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import open_library
from training.synthesis.mixture import ATTENDING, CRY, WHIMPER, Track, concatenate, crop, is_active

STEP, FRAME = 4_000, 250
CLASSES = 2


def marked(samples: int) -> Track:
    """A track whose values show their position: sample, frame and step k hold k + 1."""
    frames, steps = -(-samples // FRAME), -(-samples // STEP)
    return Track(
        np.arange(1, samples + 1, dtype=np.float32),
        np.repeat(np.arange(1, frames + 1, dtype=np.float32)[:, None], 3, axis=1),
        np.repeat(np.arange(1, steps + 1, dtype=np.float32)[:, None], CLASSES, axis=1),
    )


def is_aligned(layer: Track) -> bool:
    """Whether audio, truth and tags have one length."""
    samples = len(layer.audio)
    return (len(layer.tracks), len(layer.tags)) == (-(-samples // FRAME), -(-samples // STEP))


@given(steps=st.integers(1, 12), samples=st.integers(0, 60_000), start_step=st.integers(-16, 16))
def test_a_track_is_added_at_its_position(steps: int, samples: int, start_step: int) -> None:
    whole = Track.silence(steps / 4, CLASSES)
    whole.add(marked(samples), start_step * STEP)
    assert is_aligned(whole)
    for each, unit in ((whole.audio, 1), (whole.tracks[:, CRY], FRAME), (whole.tags[:, 0], STEP)):
        start = start_step * STEP // unit
        expected = np.arange(len(each)) - start + 1
        sounds = (expected >= 1) & (expected <= samples // unit)
        np.testing.assert_array_equal(each[sounds], expected[sounds])
        assert not each[expected < 1].any()
        assert not each[expected > -(-samples // unit)].any()


@given(samples=st.integers(STEP, 60_000), start_sample=st.integers(-70_000, 70_000))
def test_adding_at_any_sample_keeps_the_length(samples: int, start_sample: int) -> None:
    whole = Track.silence(2.0, CLASSES)
    whole.add(marked(samples), start_sample)
    assert len(whole.audio) == 2 * SAMPLE_RATE
    assert is_aligned(whole)


def test_audio_is_summed_and_truth_takes_the_maximum() -> None:
    whole, other = Track.silence(1.0, CLASSES), Track.silence(1.0, CLASSES)
    whole.audio += np.float32(0.25)
    other.audio += np.float32(0.5)
    whole.tracks[:32, CRY] = other.tracks[16:, CRY] = 1
    other.tracks[:, ATTENDING] = 1
    whole.add(other, 0)
    np.testing.assert_array_equal(whole.audio, np.float32(0.75))
    np.testing.assert_array_equal(whole.tracks.max(axis=0), [1, 0, 1])
    assert whole.tracks[:, CRY].all()


@given(samples=st.integers(1, 60_000), start_s=st.floats(0, 5), length_s=st.floats(0, 5))
def test_a_crop_is_aligned_with_its_source(samples: int, start_s: float, length_s: float) -> None:
    part = crop(marked(samples), start_s, start_s + length_s)
    assert is_aligned(part)
    if len(part.audio):
        first = part.audio[0] - 1
        assert first == pytest.approx(start_s * SAMPLE_RATE, abs=STEP / 2)
        assert part.tracks[0, CRY] - 1 == first // FRAME
        assert part.tags[0, 0] - 1 == first // STEP


@given(
    seconds=st.floats(0.25, 8),
    samples=st.lists(st.integers(0, 40_000), min_size=1, max_size=5),
    pause_s=st.floats(0, 2),
    start_s=st.floats(0, 4),
)
def test_concatenated_tracks_have_their_length_and_truth_under_their_sound(
    seconds: float, samples: list[int], pause_s: float, start_s: float
) -> None:
    pieces = (
        Track(
            np.ones(count, np.float32),
            np.ones((-(-count // FRAME), 3), np.float32),
            np.ones((-(-count // STEP), CLASSES), np.float32),
        )
        for count in cycle(samples)
    )

    whole = concatenate(seconds, CLASSES, pieces, repeat(pause_s), start_s)
    assert len(whole.audio) == round(seconds * 4) * STEP
    assert is_aligned(whole)
    assert not whole.audio[: round(start_s * 4) * STEP].any()
    loud = whole.audio.reshape(-1, FRAME).max(axis=1) > 0
    truth = whole.tracks[:, CRY] > 0
    assert not (truth & ~loud).any()
    assert (loud & ~truth).sum() <= 1 + len(whole.audio) // STEP  # at most the last, broken frame of each piece


def test_concatenated_tracks_fade_in_and_out() -> None:
    piece = Track(np.ones(SAMPLE_RATE, np.float32), np.ones((64, 3), np.float32), np.ones((4, CLASSES), np.float32))
    whole = concatenate(2.0, CLASSES, [piece], [9.0])
    assert whole.audio[0] == 0
    assert whole.audio[SAMPLE_RATE // 2] == 1
    assert whole.audio[SAMPLE_RATE - 1] == 0
    assert np.abs(np.diff(whole.audio)).max() < 0.01


def test_activity_bridges_a_breath_and_not_a_pause() -> None:
    voice = np.random.default_rng(0).normal(0, 0.1, 4 * SAMPLE_RATE).astype(np.float32)
    voice[SAMPLE_RATE : round(1.2 * SAMPLE_RATE)] = 0
    voice[2 * SAMPLE_RATE : round(3.5 * SAMPLE_RATE)] = 0
    sounds = is_active(voice)
    assert sounds[: 2 * 64].all()
    assert not sounds[round(2.3 * 64) : round(3.2 * 64)].any()
    assert not is_active(np.zeros(SAMPLE_RATE, np.float32)).any()


@pytest.fixture(scope="module")
def library(tiny_data: Path, work: Path) -> ClipLibrary:
    return open_library(read_workspace(tiny_data, work), "train")


def test_infants_are_sorted_by_their_distress(library: ClipLibrary) -> None:
    assert list(library.criers) == list(library.steady_criers) == ["donateacry:0-train"]
    assert list(library.fussers) == ["donateacry:1-train"]
    assert [clip.group for clip in library.of_kind("phone_room")] == ["donateacry:2-train"]


def test_an_infant_clip_with_an_adult_is_not_used(library: ClipLibrary) -> None:
    file = "donateacry/03-train.ogg"
    assert library.distress[file].cry_s > 2
    assert file not in library.usable_infants
    assert all(clip.file != file for clips in library.criers.values() for clip in clips)


def test_cats_are_their_own_kind(library: ClipLibrary) -> None:
    assert [clip.source for clip in library.of_kind("cat")] == ["catmeows"]
    assert [clip.source for clip in library.of_kind("animal")] == ["esc"]


@pytest.mark.parametrize("speed", [0.9, 1.0, 1.12])
def test_truth_follows_the_playing_speed(library: ClipLibrary, speed: float) -> None:
    (clip,) = library.criers["donateacry:0-train"]
    layer = library.track(clip, speed)
    assert is_aligned(layer)
    assert layer.seconds == pytest.approx(clip.duration_s / speed, abs=0.01)
    assert layer.tracks[:, CRY].sum() / 64 == pytest.approx(library.distress[clip.file].cry_s / speed, abs=0.1)
    assert not layer.tracks[:, ATTENDING].any()
    assert layer.tags[:, 0] == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("speed", [0.65, 0.9, 1.0, 1.12, 1.55])
def test_a_clips_length_is_known_before_it_is_rendered(library: ClipLibrary, speed: float) -> None:
    for clip in (library.of_kind("cat")[0], library.fussers["donateacry:1-train"][0]):
        layer = library.track(clip, speed)
        assert library.samples(clip, speed) == len(layer.audio)
        np.testing.assert_array_equal(library.truth(clip, speed), layer.tracks)


def test_a_view_leaves_its_library_as_it_was(library: ClipLibrary) -> None:
    view = library.restrict_kinds({"cat": library.of_kind("cat"), "music": []})
    assert list(view.by_kind) == ["cat"]
    assert view.criers is library.criers
    assert len(library.by_kind) > 1
    with pytest.raises(TypeError):
        library.by_kind["cat"] = ()  # type: ignore[index]


def test_only_infants_cry(library: ClipLibrary) -> None:
    (cat,) = library.of_kind("cat")
    assert not library.track(cat).tracks.any()
    (fusser,) = library.fussers["donateacry:1-train"]
    tracks = library.track(fusser).tracks
    assert tracks[:, WHIMPER].sum() / 64 > 0.3
    assert tracks[:, CRY].sum() / 64 < 2
