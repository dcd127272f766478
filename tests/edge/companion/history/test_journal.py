"""The journal: events, answers and gaps across restarts."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.companion.history.journal import BROKER, Journal
from edge.companion.mqtt.messages import EventMessage
from edge.config.companion import JournalSettings
from tests.support.speaker_messages import build_event

NOW = datetime.now(UTC)
EVER = datetime.fromtimestamp(0, UTC)
MINUTE = timedelta(minutes=1)
FAR = NOW + 99_999 * MINUTE


def at(event: EventMessage, minutes: float) -> EventMessage:
    """Return the event with its times moved to this many minutes before now."""
    when = NOW - timedelta(minutes=minutes)
    return replace(event, at=when, onset=when - timedelta(seconds=6))


def test_an_event_is_stored_once_and_survives_a_restart(tmp_path: Path) -> None:
    event = at(build_event("cry_started", 0), 5)
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.add(event)
    assert not journal.add(event)
    journal.close()
    journal = Journal(tmp_path / "journal.sqlite")
    assert not journal.add(event)
    (episode,) = journal.episodes("nursery", EVER)
    assert episode.events == (event,)
    assert journal.episodes("attic", EVER) == ()
    journal.close()


def test_an_episode_contains_all_its_events_even_those_before_the_time() -> None:
    journal = Journal()
    events = [
        at(build_event(kind, 0), minutes)
        for kind, minutes in (("cry_started", 9), ("cry_soothed", 5), ("cry_ended", 1))
    ]
    for event in reversed(events):
        journal.add(event)
    journal.add(at(build_event("cry_started", 0, "b"), 0.5))
    journal.add_answer("nursery", events[0].episode_id, "acknowledged", NOW)
    journal.add_answer("nursery", events[0].episode_id, "acknowledged", NOW + timedelta(minutes=1))
    first, second = journal.episodes("nursery", NOW - timedelta(minutes=2))
    assert first.events == tuple(events)
    assert (first.onset, first.ended, first.has_rung) == (events[0].onset, events[2].at, True)
    assert first.answers == (("acknowledged", NOW),)
    assert (second.id, second.ended) == ("b", None)


def test_a_test_alert_is_rejected_by_the_journal() -> None:
    with pytest.raises(ValueError, match="test alert"):
        Journal().add(replace(build_event("cry_started", 0), test=True))


def test_old_and_surplus_events_are_deleted() -> None:
    journal = Journal(settings=JournalSettings(keep_days=1, max_events=3))
    journal.add(at(build_event("cry_started", 0, "old"), 60 * 30))
    assert journal.episodes("nursery", EVER) == ()
    for minute in range(10):
        journal.add(at(build_event("cry_started", 0, f"e{minute}"), minute))
    assert [episode.id for episode in journal.episodes("nursery", EVER)] == ["e2", "e1", "e0"]


def test_gaps_of_a_speaker_and_of_the_broker() -> None:
    journal = Journal()
    journal.open_gap("nursery", NOW - timedelta(hours=3), "it is deaf")
    assert journal.open_gaps() == {"nursery": "it is deaf"}
    journal.close_gap("nursery", NOW - timedelta(hours=2))
    journal.open_gap(BROKER, NOW - timedelta(hours=1), "the broker is away")
    assert [gap.why for gap in journal.gaps("nursery", EVER)] == ["it is deaf", "the broker is away"]
    assert [gap.why for gap in journal.gaps("nursery", NOW)] == ["the broker is away"]
    assert journal.open_gaps() == {BROKER: "the broker is away"}


def test_the_time_before_the_first_start_is_a_gap(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.sqlite").close()
    journal = Journal(tmp_path / "journal.sqlite")
    (gap,) = journal.gaps("nursery", NOW - timedelta(days=7))
    assert gap.began == EVER
    assert gap.ended is not None
    assert NOW <= gap.ended <= datetime.now(UTC)
    assert journal.open_gaps() == {}
    journal.close()


def test_nights_that_an_older_hushd_monitored_are_no_gap(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    Journal(path).close()
    with closing(sqlite3.connect(path)) as older, older:
        older.execute("DROP TABLE companion")
        older.execute("PRAGMA user_version = 1")
        older.execute("UPDATE gap SET ended_s = ?", ((NOW - 600 * MINUTE).timestamp(),))
    journal = Journal(path)
    assert [gap.ended for gap in journal.gaps("nursery", EVER)] == [NOW - 600 * MINUTE]
    journal.close()


def test_without_its_folder_the_journal_stays_in_memory(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gone" / "journal.sqlite")
    assert journal.add(at(build_event("cry_started", 0), 1))
    assert journal.problem is not None
    assert "it cannot be opened" in journal.problem


def test_settings_that_could_not_work() -> None:
    with pytest.raises(ValueError, match="keep_days must be"):
        JournalSettings(keep_days=0)
    with pytest.raises(ValueError, match="max_events must be"):
        JournalSettings(max_events=0)


def gaps(journal: Journal) -> list[tuple[float, float]]:
    """Return the gaps in minutes from now, without the time before the journal."""
    found = [gap for gap in journal.gaps("nursery", EVER) if gap.began > EVER]
    return [((gap.began - NOW) / MINUTE, ((gap.ended or FAR) - NOW) / MINUTE) for gap in found]


def minutes(number: float) -> datetime:
    """Return the time this many minutes from now."""
    return NOW + number * MINUTE


def test_a_time_without_a_running_companion_is_a_gap(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    for minute in range(30):
        journal.record_watched(minutes(minute))
    journal.close()
    journal = Journal(tmp_path / "journal.sqlite")
    journal.record_watched(minutes(35))
    assert gaps(journal) == []
    journal.record_watched(minutes(44))
    journal.record_watched(minutes(100))
    journal.close()
    journal = Journal(tmp_path / "journal.sqlite")
    journal.record_watched(minutes(700))
    assert gaps(journal) == [(44, 100), (100, 700)]
    journal.close()


def test_a_crash_leaves_no_gap_of_minutes(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path)
    for minute in range(20):
        journal.record_watched(minutes(minute))
    for name in ("journal.sqlite", "journal.sqlite-wal"):
        (tmp_path / f"crashed-{name}").write_bytes((tmp_path / name).read_bytes())
    journal.close()
    journal = Journal(tmp_path / "crashed-journal.sqlite")
    journal.record_watched(minutes(20))
    assert gaps(journal) == []
    journal.close()


def test_a_clock_that_was_ahead_leaves_no_gap_in_the_future() -> None:
    journal = Journal()
    journal.record_watched(minutes(1))
    journal.record_watched(minutes(9_000))
    journal.open_gap("nursery", minutes(9_001), "gone")
    journal.record_watched(minutes(2))
    assert gaps(journal) == [(1, 2), (2, 99_999)]


def test_every_journal_has_its_own_identity(tmp_path: Path) -> None:
    def identity(name: str) -> str:
        journal = Journal(tmp_path / name)
        journal.close()
        return journal.identity

    assert identity("a") == identity("a") != identity("b")
