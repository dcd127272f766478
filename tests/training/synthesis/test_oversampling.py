"""Augmentation aimed at a slice: what is mixed in, into how much, and that the truth goes with it."""

from pathlib import Path

import numpy as np
import pytest

from edge.records import FloatArray
from training.data.attributes import clip_attributes
from training.data.audio_cache import AudioCache, open_audio_cache
from training.data.manifest import Clip, read_manifest
from training.data.tagger_scores import load_tagger_scores
from training.data.workspace import read_workspace
from training.storage.paths import DataError
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import load_shard, make_shards
from training.synthesis.mixture import ATTENDING, CRY, WHIMPER, Track
from training.synthesis.oversampling import Oversampling, mix_in, parse_oversampling
from training.synthesis.scenes import SCENE_S, compose_scene
from training.synthesis.sources import Room

pytestmark = pytest.mark.slow

ROOM = Room(rt60_s=0.3, cry_dbfs=-25.0)


class NotedBank(AudioCache):
    """Remembers which clips were read."""

    def __init__(self, bank: AudioCache) -> None:
        self.bank = bank
        self.read: list[Clip] = []

    def __getitem__(self, clip: Clip) -> FloatArray:
        self.read.append(clip)
        return self.bank[clip]


@pytest.fixture(scope="module")
def bank(tiny_data: Path, work: Path) -> NotedBank:
    return NotedBank(open_audio_cache(read_workspace(tiny_data, work)))


@pytest.fixture(scope="module")
def library(tiny_data: Path, bank: NotedBank) -> ClipLibrary:
    clips = [clip for clip in read_manifest(tiny_data) if clip.split == "train"]
    return ClipLibrary(clips, bank, load_tagger_scores(tiny_data))


def silence(library: ClipLibrary) -> Track:
    return Track.silence(SCENE_S, library.classes)


def mix(library: ClipLibrary, text: str, scene: Track) -> None:
    mix_in(scene, library, np.random.default_rng(5), ROOM, [parse_oversampling(text)])


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("confuser=cat:1", {"catmeows"}),
        ("confuser=television:1", {"librispeech", "librosa", "mirdata"}),
        ("bed=moodist:1", {"moodist"}),
        ("source=ovos:1", {"ovos"}),
    ],
)
def test_what_is_no_infant_is_mixed_in_without_a_cry(
    library: ClipLibrary, bank: NotedBank, text: str, sources: set[str]
) -> None:
    scene = silence(library)
    bank.read.clear()
    mix(library, text, scene)
    assert bank.read
    assert {clip.source for clip in bank.read} <= sources
    assert np.abs(scene.audio).max() > 0
    assert not scene.tracks[:, (CRY, WHIMPER)].any()


def test_an_adult_laid_over_a_cry_soothes_it(library: ClipLibrary) -> None:
    scene = silence(library)
    mix(library, "infants=donateacry:1", scene)
    assert scene.tracks[:, CRY].any()
    assert not scene.tracks[:, ATTENDING].any()
    mix(library, "manner=humming:1", scene)
    assert scene.tracks[:, ATTENDING].mean() > 0.5


def test_one_infant_is_enough(library: ClipLibrary) -> None:
    scene = silence(library)
    mix(library, "infants=donateacry:1", scene)
    before = scene.audio.copy()
    mix(library, "infants=donateacry:1", scene)
    np.testing.assert_array_equal(scene.audio, before)


def test_a_share_of_scenes(library: ClipLibrary) -> None:
    rng = np.random.default_rng(0)
    heard = []
    for _ in range(60):
        scene = silence(library)
        mix_in(scene, library, rng, ROOM, [parse_oversampling("bed=moodist:0.25")])
        heard.append(bool(scene.audio.any()))
    assert 5 <= sum(heard) <= 25


def test_without_an_emphasis_scenes_are_what_they_were(library: ClipLibrary) -> None:
    plain, same, more = (
        compose_scene(library, np.random.default_rng(1), wanted)
        for wanted in ((), (Oversampling("confuser", "cat", 0.0),), (Oversampling("confuser", "cat", 1.0),))
    )
    again = compose_scene(library, np.random.default_rng(1))
    np.testing.assert_array_equal(plain.audio, again.audio)
    np.testing.assert_array_equal(plain.tracks, same.tracks)
    assert np.abs(more.audio - plain.audio).max() > 0


def test_an_emphasis_makes_shards_of_its_own(tiny_data: Path, work: Path, shards: list[Path]) -> None:
    (other,) = make_shards(read_workspace(tiny_data, work), "train", 1, 1, [parse_oversampling("confuser=cat:0.5")])
    assert other.parent != shards[0].parent
    assert np.abs(load_shard(other)[0] - load_shard(shards[0])[0]).max() > 0


def test_what_the_split_does_not_have_is_said_in_one_line(library: ClipLibrary) -> None:
    with pytest.raises(DataError, match=r"--emphasize age=2-6 months:1: this split has no such clips"):
        mix(library, "age=2-6 months:1", silence(library))


@pytest.mark.parametrize("text", ["cat", "cat:1", "confuser=cat", "confuser=:1", "weather=rain:1", "confuser=cat:2"])
def test_a_slip_on_the_command_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_oversampling(text)


@pytest.mark.parametrize("text", ["confuser=dragon:0.1", "manner=yodeling:0.1"])
def test_what_no_scene_knows_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="there is"):
        parse_oversampling(text)


def test_an_emphasis_is_written_as_it_is_typed() -> None:
    for text in ("confuser=adult near:0.3", "age=7 months-2 years:0.05"):
        assert str(parse_oversampling(text)) == text


def test_traits_of_a_clip() -> None:
    clip = Clip("a.ogg", "donateacry", "donateacry:1", "infant", "ios/m-72-hu", "ODbL", 7.0, "train")
    assert clip_attributes(clip) == {"source": "donateacry", "age": "7 months-2 years", "recorder": "ios"}
    esc = Clip("b.ogg", "esc", "esc:1", "infant", "crying_baby", "CC0", 5.0, "train")
    assert clip_attributes(esc) == {"source": "esc"}
