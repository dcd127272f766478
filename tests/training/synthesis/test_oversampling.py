"""Oversampling of a slice: the sources that are added, their share of scenes, and their truth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import label_schema
from training.data.attributes import clip_attributes
from training.data.audio_cache import open_audio_cache
from training.data.manifest import Clip, read_manifest
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import read_workspace
from training.storage.paths import DataError
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import load_shard, make_shards
from training.synthesis.mixture import ATTENDING, CRY, WHIMPER
from training.synthesis.oversampling import Oversampling, draw_oversampled, parse_oversampling
from training.synthesis.rooms import Room
from training.synthesis.scenes import SCENE_S, compose_scene
from training.synthesis.sources import Confuser, Source, mix

pytestmark = pytest.mark.slow

ROOM = Room(rt60_s=0.3, cry_dbfs=-25.0)


@pytest.fixture(scope="module")
def library(tiny_data: Path, work: Path) -> ClipLibrary:
    audio = open_audio_cache(read_workspace(tiny_data, work))
    clips = [clip for clip in read_manifest(tiny_data) if clip.split == "train"]
    return ClipLibrary.of_clips(clips, audio, load_tagger_scores(tiny_data), label_schema.load())


def draw(library: ClipLibrary, text: str, before: Sequence[Source] = ()) -> list[Source]:
    """Draw one slice's source for a scene that has the sources ``before``."""
    rng = np.random.default_rng(5)
    return draw_oversampled(before, library, rng, ROOM, SCENE_S, [parse_oversampling(text)])


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("confuser=cat:1", {"catmeows"}),
        ("confuser=television:1", {"librispeech", "librosa", "mirdata"}),
        ("bed=moodist:1", {"moodist"}),
        ("source=ovos:1", {"ovos"}),
    ],
)
def test_a_source_without_an_infant_is_added_without_a_cry(library: ClipLibrary, text: str, sources: set[str]) -> None:
    (drawn,) = draw(library, text)
    assert drawn.clips
    assert {clip.source for clip in drawn.clips} <= sources
    scene = mix(SCENE_S, library, [drawn])
    assert np.abs(scene.audio).max() > 0
    assert not scene.tracks[:, (CRY, WHIMPER)].any()


def test_an_adult_over_a_cry_soothes_it(library: ClipLibrary) -> None:
    infant = draw(library, "infants=donateacry:1")
    scene = mix(SCENE_S, library, infant)
    assert scene.tracks[:, CRY].any()
    assert not scene.tracks[:, ATTENDING].any()
    scene = mix(SCENE_S, library, [*infant, *draw(library, "manner=humming:1", infant)])
    assert scene.tracks[:, ATTENDING].mean() > 0.5


def test_a_scene_gets_one_infant_at_most(library: ClipLibrary) -> None:
    infant = draw(library, "infants=donateacry:1")
    assert len(infant) == 1
    assert draw(library, "infants=donateacry:1", infant) == []


def test_a_confuser_beside_a_cry_is_under_it(library: ClipLibrary) -> None:
    """Without an infant its level is any of a scene's levels."""
    infant = draw(library, "infants=donateacry:1")
    wanted = [parse_oversampling("confuser=cat:1")]
    levels: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(40):
        for beside_cry, before in ((True, infant), (False, [])):
            rng = np.random.default_rng(seed)
            (drawn,) = draw_oversampled(before, library, rng, ROOM, SCENE_S, wanted)
            assert isinstance(drawn, Confuser)
            levels[beside_cry].append(drawn.placement.dbfs - ROOM.cry_dbfs)
    assert -20 <= min(levels[True]) < max(levels[True]) <= -3
    assert min(levels[False]) < -10
    assert max(levels[False]) > 10


def test_a_share_of_scenes(library: ClipLibrary) -> None:
    rng = np.random.default_rng(0)
    wanted = [parse_oversampling("bed=moodist:0.25")]
    counts = [len(draw_oversampled([], library, rng, ROOM, SCENE_S, wanted)) for _ in range(60)]
    assert 5 <= sum(counts) <= 25


def test_without_oversampling_scenes_stay_the_same(library: ClipLibrary) -> None:
    plain, same, more = (
        compose_scene(library, np.random.default_rng(1), wanted)
        for wanted in ((), (Oversampling("confuser", "cat", 0.0),), (Oversampling("confuser", "cat", 1.0),))
    )
    again = compose_scene(library, np.random.default_rng(1))
    np.testing.assert_array_equal(plain.audio, again.audio)
    np.testing.assert_array_equal(plain.tracks, same.tracks)
    assert np.abs(more.audio - plain.audio).max() > 0


def test_oversampling_makes_shards_of_its_own(tiny_data: Path, work: Path, shards: list[Path]) -> None:
    (other,) = make_shards(read_workspace(tiny_data, work), "train", 1, 1, [parse_oversampling("confuser=cat:0.5")])
    assert other.parent != shards[0].parent
    assert np.abs(load_shard(other)[0] - load_shard(shards[0])[0]).max() > 0


def test_a_slice_that_the_split_lacks_is_refused_in_one_line(library: ClipLibrary) -> None:
    with pytest.raises(DataError, match=r"--emphasize age=2-6 months:1: this split has no such clips"):
        draw(library, "age=2-6 months:1")


@pytest.mark.parametrize("text", ["cat", "cat:1", "confuser=cat", "confuser=:1", "weather=rain:1", "confuser=cat:2"])
def test_a_malformed_argument_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_oversampling(text)


@pytest.mark.parametrize("text", ["confuser=dragon:0.1", "manner=yodeling:0.1"])
def test_an_unknown_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="there is"):
        parse_oversampling(text)


def test_an_argument_is_formatted_as_it_is_typed() -> None:
    for text in ("confuser=adult near:0.3", "age=7 months-2 years:0.05"):
        assert str(parse_oversampling(text)) == text


def test_traits_of_a_clip() -> None:
    clip = Clip("a.ogg", "donateacry", "donateacry:1", "infant", "ios/m-72-hu", "ODbL", 7.0, "train")
    assert clip_attributes(clip) == {"source": "donateacry", "age": "7 months-2 years", "recorder": "ios"}
    esc = Clip("b.ogg", "esc", "esc:1", "infant", "crying_baby", "CC0", 5.0, "train")
    assert clip_attributes(esc) == {"source": "esc"}
