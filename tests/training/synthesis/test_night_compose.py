"""A night as a stream: seeded, without gaps, of one split's clips, with the truth about each event."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.records import SAMPLE_RATE, FloatArray
from training.data.manifest import read_manifest
from training.data.workspace import read_workspace
from training.synthesis import distributions, sources
from training.synthesis.clip_library import ClipLibrary
from training.synthesis.feature_shards import open_library
from training.synthesis.night_events import compose_event, draw_event
from training.synthesis.night_plan import ADULT_NEAR, TELEVISION, NightEvent, NightEventKind, PlannedEvent
from training.synthesis.night_setting import NightSetting, draw_setting
from training.synthesis.nights import NightRecipe, compose_night, list_confusers
from training.synthesis.rooms import Room

RECIPE = NightRecipe("dev", seed=3, number=0, seconds=1_000.0)
ROOM = Room(rt60_s=0.4, cry_dbfs=-25.0)
MANNER_SOURCES = {"speech": {"librispeech"}, "sung speech": {"librispeech"}, "singing": {"mirdata"}}
"""Sources of the adults in the tiny data folder; the other manners are synthesized."""


@pytest.fixture(scope="module")
def library(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> ClipLibrary:
    return open_library(read_workspace(tiny_data, tmp_path_factory.mktemp("work")), "dev")


Night = tuple[list[FloatArray], list[NightEvent]]


def compose(recipe: NightRecipe, library: ClipLibrary) -> Night:
    pieces = list(compose_night(recipe, library))
    return [samples for samples, _ in pieces], [event for _, event in pieces if event]


@pytest.fixture(scope="module")
def night(library: ClipLibrary) -> Night:
    return compose(RECIPE, library)


def compose_one(library: ClipLibrary, seed: int = 0, **plan: object) -> tuple[FloatArray, NightEvent]:
    planned = PlannedEvent(**({"kind": NightEventKind.CRY, "confuser": "", "span": (100.0, 140.0)} | plan))  # type: ignore[arg-type]
    return compose_event(planned, (100.0, 190.0), library, np.random.default_rng(seed), setting(library))


def setting(library: ClipLibrary) -> NightSetting:
    return replace(draw_setting(0, library, np.random.default_rng(0)), room=ROOM)


def test_the_seed_determines_the_night(library: ClipLibrary) -> None:
    shorter = NightRecipe("dev", 3, 0, 400.0)
    first, events = compose(shorter, library)
    again, same_events = compose(shorter, library)
    assert events == same_events
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(again))
    assert compose(NightRecipe("dev", 4, 0, 400.0), library)[1] != events


def test_a_night_has_its_length_and_no_silence(night: Night) -> None:
    pieces, events = night
    samples = np.concatenate(pieces)
    assert samples.dtype == np.float32
    assert len(samples) == RECIPE.seconds * SAMPLE_RATE
    quarters = samples.reshape(-1, SAMPLE_RATE // 4)
    assert np.square(quarters).mean(axis=1).min() > 0
    assert len(events) >= 5
    assert max(map(len, pieces)) <= 200 * SAMPLE_RATE  # never a whole night in memory


def test_events_sound_where_the_truth_says(night: Night) -> None:
    """Crying is far louder than the gap before it."""
    pieces, events = night
    samples = np.concatenate(pieces).astype(np.float64)

    def power(start_s: float, stop_s: float) -> float:
        return float(np.mean(samples[round(start_s * SAMPLE_RATE) : round(stop_s * SAMPLE_RATE)] ** 2))

    cries = [event.cry for event in events[1:] if event.cry and event.kind is not NightEventKind.CRY_TELEVISION]
    assert cries
    assert all(power(*cry) > 3 * power(cry[0] - 20, cry[0] - 5) for cry in cries)


def test_one_background_a_night(night: Night, library: ClipLibrary) -> None:
    """The background is under all events, and always present."""
    _, events = night
    quiet = {clip.file for kind in sources.QUIET_BACKGROUNDS for clip in library.of_kind(kind)}
    assert len({event.bed for event in events}) == 1
    assert len({event.microphone for event in events}) == 1
    assert events[0].microphone
    assert events[0].bed in quiet
    assert min(event.bed_below_db for event in events if event.cry) > 5


def test_a_background_has_no_voice(library: ClipLibrary) -> None:
    assert library.without_speech("adult_speech") == []
    assert library.without_speech("ambience") == list(library.of_kind("ambience")) != []


def test_only_clips_of_the_split(night: Night, tiny_data: Path) -> None:
    mine = {clip.file for clip in read_manifest(tiny_data) if clip.split == "dev"}
    _, events = night
    assert {clip for event in events for clip in event.clips} <= mine


def test_every_kind_the_split_has_is_a_confuser(library: ClipLibrary) -> None:
    named = list_confusers(library)
    assert named[-2:] == [ADULT_NEAR, TELEVISION]
    assert set(named[:-2]) == {kind for kind in distributions.CONFUSERS if library.of_kind(kind)}


def test_truth_of_a_cry(library: ClipLibrary) -> None:
    samples, truth = compose_one(library, cry=(102.0, 137.0))
    assert len(samples) == 40 * SAMPLE_RATE
    assert truth.cry
    assert 102 <= truth.cry[0] < 104
    assert 130 < truth.cry[1] <= 137
    assert truth.infant in library.steady_criers
    assert {clip.group for clip in library.steady_criers[truth.infant]} == {truth.infant}
    assert truth.sources == ("donateacry",)
    assert truth.adult is None
    assert truth.manner == ""
    assert abs(truth.dbfs - ROOM.cry_dbfs) <= 4.1
    assert truth.near_db is not None
    assert -3 <= truth.near_db <= 20


@pytest.mark.parametrize("seed", range(12))
def test_the_manner_fits_the_clips(library: ClipLibrary, seed: int) -> None:
    _, truth = compose_one(library, seed, kind=NightEventKind.SOOTHED, cry=(102.0, 137.0), adult=(101.0, 137.0))
    assert truth.manner in distributions.EVALUATION_MANNERS
    assert truth.adult
    assert 101 <= truth.adult[0] < truth.adult[1] <= 137
    assert truth.adult_over_cry_db is not None
    of_adult = set(truth.sources) - {"donateacry"}
    assert of_adult == MANNER_SOURCES.get(truth.manner, set())


def test_an_event_knows_its_draws(library: ClipLibrary) -> None:
    planned = PlannedEvent(NightEventKind.SOOTHED, "", (100.0, 140.0), (102.0, 137.0), (101.0, 137.0))
    drawn = draw_event(planned, library, np.random.default_rng(1), ROOM)
    _, truth = compose_event(planned, (100.0, 190.0), library, np.random.default_rng(1), setting(library))
    assert drawn.infant
    assert drawn.parent
    assert (truth.infant, truth.manner, truth.near_db) == (drawn.infant.name, drawn.parent.manner, drawn.near_db)
    assert set(truth.clips) == {clip.file for clip in drawn.clips}
    assert (drawn.infant.start_s, drawn.parent.start_s) == (2.0, 1.0)


@pytest.mark.parametrize("confuser", ["cat", "music", "household", ADULT_NEAR, TELEVISION])
def test_a_confuser_holds_no_cry(library: ClipLibrary, confuser: str) -> None:
    _, truth = compose_one(library, kind=NightEventKind.CONFUSER, confuser=confuser)
    infants = {clip.file for clips in library.criers.values() for clip in clips}
    assert truth.cry is None
    assert truth.infant == ""
    assert not infants & set(truth.clips)
    assert (truth.manner != "") == (confuser == ADULT_NEAR)
    if confuser in library.by_kind:
        assert set(truth.clips) <= {clip.file for clip in library.of_kind(confuser)}
