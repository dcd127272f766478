"""Messages: stream time becomes UTC, events are numbered, and every message is valid JSON."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocol import messages
from edge.protocol.messages import EventWriter, StreamClock
from edge.records import Event, EventKind, Scores

START = datetime(2026, 1, 31, 3, 0, 0, tzinfo=UTC)
CLOCK = StreamClock(START)
CRY = Event(EventKind.CRY_STARTED, "e1", "crying", onset_s=61.0, at_s=70.0, confidence=0.93, why="10 s of crying")


def test_stream_time_becomes_utc() -> None:
    event = json.loads(EventWriter("nursery").write(CRY, CLOCK))
    assert event["onset"] == "2026-01-31T03:01:01.000Z"
    assert event["at"] == "2026-01-31T03:01:10.000Z"


def test_another_time_zone_is_still_utc() -> None:
    india = START.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert messages.iso(StreamClock(india).utc(0.25)) == "2026-01-31T03:00:00.250Z"


def test_a_clock_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        StreamClock(START.replace(tzinfo=None))


@given(st.floats(0, 1e7), st.floats(-1e5, 1e5))
def test_a_clock_reads_what_it_was_set_to(stream_s: float, later_s: float) -> None:
    clock = StreamClock.from_reading(stream_s, START)
    expected = START + timedelta(seconds=later_s)
    assert abs(clock.utc(stream_s + later_s) - expected) < timedelta(milliseconds=1)


def test_events_are_numbered_within_their_episode() -> None:
    writer = EventWriter("nursery")
    kinds = [EventKind.CRY_STARTED, EventKind.CRY_REMINDER, EventKind.CRY_REMINDER, EventKind.CRY_ENDED]
    first = [json.loads(writer.write(replace(CRY, kind=kind), CLOCK)) for kind in kinds]
    second = json.loads(writer.write(replace(CRY, episode_id="e2"), CLOCK))
    assert [event["seq"] for event in first] == [1, 2, 3, 4]
    assert [event["id"] for event in [*first, second]] == ["e1:1", "e1:2", "e1:3", "e1:4", "e2:1"]


def test_the_time_without_an_answer() -> None:
    writer = EventWriter("nursery")
    night = [
        (EventKind.CRY_STARTED, 70.0, 0.0),
        (EventKind.CRY_REMINDER, 130.0, 60.0),
        (EventKind.CRY_SOOTHED, 140.0, None),
        (EventKind.CRY_RESUMED, 200.0, 0.0),
        (EventKind.CRY_REMINDER, 260.0, 60.0),
        (EventKind.CRY_REMINDER, 321.0, 121.0),
        (EventKind.CRY_ENDED, 360.0, None),
    ]
    for kind, at_s, unanswered_s in night:
        event = json.loads(writer.write(replace(CRY, kind=kind, at_s=at_s), CLOCK))
        assert event["unanswered_s"] == unanswered_s


@pytest.mark.parametrize("kind", EventKind)
def test_the_kinds_that_ring(kind: EventKind) -> None:
    event = json.loads(EventWriter("nursery").write(replace(CRY, kind=kind), CLOCK))
    assert event["rings"] == (kind.value in {"cry_started", "cry_reminder", "cry_resumed"})


@pytest.mark.parametrize("kind", EventKind)
def test_a_muted_event_does_not_ring_and_has_the_reason(kind: EventKind) -> None:
    event = json.loads(EventWriter("nursery").write(replace(CRY, kind=kind), CLOCK, "alerts off"))
    assert event["rings"] is False
    assert event["muted"] == ("alerts off" if kind.rings else None)


def test_marking_changes_only_late() -> None:
    event = EventWriter("nursery").write(CRY, CLOCK)
    assert messages.mark_late(event, late=False) == event
    assert json.loads(messages.mark_late(event, late=True)) == {**json.loads(event), "late": True}


def test_numbers_that_are_not_json_are_rejected() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        messages.replay_scores(Scores({"crying": float("nan")}, 5.0, -20.0))


@given(st.text(), st.text())
def test_any_text_stays_on_one_line(why: str, device: str) -> None:
    line = EventWriter(device).write(replace(CRY, why=why), CLOCK)
    assert "\n" not in line
    assert "\r" not in line
    assert json.loads(line)["why"] == why
