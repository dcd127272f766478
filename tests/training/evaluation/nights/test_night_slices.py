"""Slices and failures of handmade night events."""

from dataclasses import replace

from edge.records import EventKind
from tests.support.handmade_acts import CAT, CRYING, SOOTHED, event
from training.evaluation.nights.metrics import EventAnswer
from training.evaluation.nights.slices import NightSlice, event_attributes, failures, slices

RUNG = [event(EventKind.CRY_STARTED, 120)]


def test_traits_of_a_night_event() -> None:
    found = dict(event_attributes(SOOTHED))
    assert found["manner"] == "speech"
    assert found["infant"] == "app:1"
    assert found["adult over cry, dB"] == "0 to 6"
    assert found["level, dBFS"] == "-35 to -25"
    assert found["direct over reverberant, dB"] == "3 to 12"
    assert [value for trait, value in event_attributes(SOOTHED) if trait == "microphone"] == ["full band", "noisy"]
    assert "confuser" not in found
    assert "adult over cry, dB" not in dict(event_attributes(CRYING))


def test_bins_have_open_ends() -> None:
    assert dict(event_attributes(replace(CRYING, dbfs=-50)))["level, dBFS"] == "under -35"
    assert dict(event_attributes(replace(CRYING, dbfs=-35)))["level, dBFS"] == "-35 to -25"
    assert dict(event_attributes(replace(CRYING, dbfs=-3)))["level, dBFS"] == "-15 and more"


def test_slices_count_acts_and_failures() -> None:
    humming = replace(SOOTHED, manner="humming")
    told = [EventAnswer(SOOTHED, RUNG), EventAnswer(SOOTHED, []), EventAnswer(humming, []), EventAnswer(CRYING, RUNG)]
    by_manner = [each for each in slices(told) if each.trait == "manner"]
    assert by_manner == [NightSlice("soothed from the start, rang", "manner", "speech", 2, 1)]


def test_the_worst_slice_comes_first() -> None:
    dog = replace(CAT, confuser="animal")
    told = [EventAnswer(CAT, RUNG), EventAnswer(CAT, []), EventAnswer(dog, RUNG)]
    assert [each.value for each in slices(told) if each.trait == "confuser"] == ["animal", "cat"]


def test_failures_can_be_found_and_listened_to() -> None:
    (failure,) = failures([EventAnswer(CAT, RUNG), EventAnswer(CRYING, RUNG)])
    assert (failure.night, failure.at_s, failure.events) == (0, 100.0, ("cry_started +20 s",))
    assert "confuser cat" in failure.about
    assert failure.clips == CAT.clips
