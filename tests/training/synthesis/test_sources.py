"""Sound sources: when each sounds, its truth and its level, and that a drawn source renders the same each time."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from edge.records import SAMPLE_RATE
from training.data.workspace import read_workspace
from training.labels.weak_labels import loud_and_voiced
from training.synthesis.adults import draw_parent, draw_television
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.distributions import SceneDistribution
from training.synthesis.episodes import END_S, ONSET_S, STORIES, compose_episode
from training.synthesis.feature_shards import open_library
from training.synthesis.infants import draw_cry, draw_fuss
from training.synthesis.mixture import ATTENDING, CRY, WHIMPER, Track
from training.synthesis.room_acoustics import active_level
from training.synthesis.rooms import Room
from training.synthesis.scenes import SCENE_S, compose_scene, draw_scene
from training.synthesis.sources import Source, draw_background, draw_confuser, mix

ROOM = Room(rt60_s=0.3, cry_dbfs=-20)
SEEDS = range(6)


@pytest.fixture(scope="module", params=["train", "test"])
def library(request: pytest.FixtureRequest, tiny_data: Path, work: Path) -> ClipLibrary:
    """The library of the split with all kinds, and of the one without singing."""
    return open_library(read_workspace(tiny_data, work), request.param)


def render(library: ClipLibrary, *sources: Source) -> Track:
    return mix(SCENE_S, library, sources)


def dbfs(scene: Track, start_s: float, stop_s: float) -> float:
    return 20 * float(np.log10(active_level(scene.audio[round(start_s * SAMPLE_RATE) : round(stop_s * SAMPLE_RATE)])))


def seconds(scene: Track, track: int, start_s: float, stop_s: float) -> float:
    """Seconds of a truth track within a span."""
    return float(scene.tracks[round(start_s * 64) : round(stop_s * 64), track].sum()) / 64


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cry_fills_its_span_and_no_more(library: ClipLibrary, seed: int) -> None:
    scene = render(library, draw_cry(library, np.random.default_rng(seed), ROOM, (4.0, 12.0)))
    assert not scene.audio[: 4 * SAMPLE_RATE].any()
    assert not scene.audio[12 * SAMPLE_RATE :].any()
    assert seconds(scene, CRY, 4, 12) > 4
    assert not scene.tracks[:, ATTENDING].any()
    assert dbfs(scene, 4, 12) == pytest.approx(ROOM.cry_dbfs, abs=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_parent_attends_and_is_not_drowned_by_the_cry(library: ClipLibrary, seed: int) -> None:
    scene = render(library, draw_parent(library, np.random.default_rng(seed), ROOM, (4.0, 12.0)))
    assert seconds(scene, ATTENDING, 4, 12) > 2
    assert seconds(scene, ATTENDING, 0, 4) == seconds(scene, ATTENDING, 12, 16) == 0
    assert not scene.tracks[:, [CRY, WHIMPER]].any()
    assert -5.1 < dbfs(scene, 4, 12) - ROOM.cry_dbfs < 12.1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_television_has_no_truth(library: ClipLibrary, seed: int) -> None:
    scene = render(library, draw_television(library, np.random.default_rng(seed), ROOM, SCENE_S))
    assert not scene.tracks.any()
    assert -22.1 < dbfs(scene, 0, 16) - ROOM.cry_dbfs < 1.1


@pytest.mark.parametrize("seed", SEEDS)
def test_background_and_confusers_have_no_truth(library: ClipLibrary, seed: int) -> None:
    rng = np.random.default_rng(seed)
    background = draw_background(library, rng, ROOM, SCENE_S)
    scene = render(library, background, draw_confuser(library, rng, ROOM, SCENE_S, dbfs=-30))
    assert not scene.tracks.any()
    assert scene.audio.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_synthesized_confuser_has_no_truth(library: ClipLibrary, seed: int) -> None:
    only = SceneDistribution(kinds={"glissando": 1.0})
    scene = render(library, draw_confuser(library, np.random.default_rng(seed), ROOM, SCENE_S, -30, only))
    assert not scene.tracks.any()
    assert dbfs(scene, 0, SCENE_S) == pytest.approx(-30, abs=2)


def test_fussing_is_less_than_crying(library: ClipLibrary) -> None:
    """Over many scenes, most windows of 5 s hold less than the 2 s of cry of crying."""
    most = []
    for seed in range(20):
        scene = render(library, draw_fuss(library, np.random.default_rng(seed), ROOM, SCENE_S))
        assert seconds(scene, CRY, 0, 16) + seconds(scene, WHIMPER, 0, 16) > 0.3
        most.append(max(seconds(scene, CRY, start, start + 5) for start in range(12)))
    assert np.mean(np.array(most) < 2) > 0.8


def test_a_scene_is_what_its_seed_makes_it(library: ClipLibrary) -> None:
    scenes = [compose_scene(library, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    for scene in scenes:
        assert scene.seconds == SCENE_S
        assert np.abs(scene.audio).max() <= 1
    np.testing.assert_array_equal(scenes[0].audio, scenes[1].audio)
    np.testing.assert_array_equal(scenes[0].tracks, scenes[1].tracks)
    assert not np.array_equal(scenes[0].audio, scenes[2].audio)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_scene_renders_the_same_each_time(library: ClipLibrary, seed: int) -> None:
    """Rendering draws nothing: the record holds all parameters."""
    scene = draw_scene(library, np.random.default_rng(seed))
    first, second = scene.render(library), scene.render(library)
    np.testing.assert_array_equal(first.audio, second.audio)
    np.testing.assert_array_equal(first.tracks, second.tracks)


@pytest.mark.parametrize("kind", STORIES)
def test_an_episode_begins_quietly(library: ClipLibrary, kind: str) -> None:
    episode = compose_episode(kind, library, np.random.default_rng(1))
    assert episode.kind == kind
    assert len(episode.samples) == END_S * SAMPLE_RATE
    assert (episode.confuser != "", episode.infant != "") == (kind == "confuser", kind != "confuser")
    assert episode.infant in {"", *(clip.group for clip in episode.clips)}
    onset = round(ONSET_S * SAMPLE_RATE)
    if kind in ("cry", "soothed", "soothed_late", "soothing_stops"):
        assert active_level(episode.samples[:onset]) < 0.5 * active_level(episode.samples[onset : 2 * onset])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_background_has_no_voice(library: ClipLibrary, seed: int) -> None:
    drawn = draw_background(library, np.random.default_rng(seed), ROOM, SCENE_S)
    assert drawn.clips
    assert all(
        clip in library.without_speech(clip.kind) or clip in library.without_speech("phone_room")
        for clip in drawn.clips
    )


def test_a_wail_does_not_pause(library: ClipLibrary) -> None:
    """A fifth of the training cries are the longest burst, repeated without pause."""
    unbroken = 0
    for seed in range(30):
        scene = render(library, draw_cry(library, np.random.default_rng(seed), ROOM, (0.0, 12.0)))
        unbroken += seconds(scene, CRY, 0, 12) > 11.5
    assert 1 <= unbroken < 20


def test_hard_confusers_are_drawn_more_often(library: ClipLibrary) -> None:
    """A clip that is voiced like a cry is compared with one that is not."""
    both = [library.of_kind("cat")[0], library.of_kind("human")[0]]
    fewer = library.restrict_kinds({"cat": both})
    rng = np.random.default_rng(0)
    drawn = Counter(fewer.pick_cry_like(rng, "cat").file for _ in range(400))
    alike = [float(loud_and_voiced(library.audio(clip)).mean()) for clip in both]
    assert alike[0] > 2 * alike[1]
    assert drawn[both[0].file] > 1.5 * drawn[both[1].file] > 0
