"""The JSON messages that other programs rely on. A difference here needs an entry in the CHANGELOG."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.protocol import home_assistant, messages, synthetic_alert
from edge.protocol.messages import (
    BrokerStatus,
    CommandReply,
    CommandStatus,
    EventWriter,
    HealthMessage,
    StateMessage,
    StreamClock,
)
from edge.protocol.topics import Topics
from edge.records import Event, EventKind, MicrophoneHealth, MicrophoneState, OutboxCounts, Scores

GOLDEN = Path(__file__).parent / "golden"

NOW = datetime(2026, 1, 31, 3, 12, 45, 250_000, tzinfo=UTC)
EVENT = Event(
    EventKind.CRY_STARTED,
    episode_id="nursery-20260131T031235Z-1",
    label="crying",
    onset_s=61.0,
    at_s=70.0,
    confidence=0.93,
    why="Crying for 10 s and nobody is soothing",
)
SCORES = Scores({"crying": 0.93, "fussing": 0.05, "soothed-crying": 0.0199999, "none": 0.0000001}, 70.0, -31.26)

PAYLOADS = {
    "event": EventWriter("nursery").write(EVENT, StreamClock.from_reading(70.0, NOW)),
    "event_late": messages.mark_late(
        EventWriter("nursery").write(EVENT, StreamClock.from_reading(70.0, NOW)), late=True
    ),
    "event_muted": EventWriter("nursery").write(EVENT, StreamClock.from_reading(70.0, NOW), "alerts off"),
    "test_alert": synthetic_alert.alert("nursery", "test-4f1c", NOW),
    "test_answer_companion": synthetic_alert.answer(
        "test-4f1c", "companion", "3f2a9c10", address=None, problem=None, took_s=0.0, addresses=2
    ),
    "test_answer_push": synthetic_alert.answer(
        "test-4f1c", "push", "3f2a9c10", address="first 1 (ntfys)", problem="it refused", took_s=0.25, addresses=2
    ),
    "state": StateMessage(
        device="nursery",
        state="crying",
        label=SCORES.label,
        probabilities=SCORES.probabilities,
        level_dbfs=SCORES.level_dbfs,
        episode_id=EVENT.episode_id,
        alerts=False,
        snoozed_until=NOW + timedelta(minutes=30),
        sensitivity="high",
        acknowledged=EVENT.episode_id,
        last_alert=NOW - timedelta(minutes=2),
        lost_samples=0,
        model="cry-2026-01",
        version="0.1.0",
        uptime_s=71.25,
        heartbeat_s=10.0,
        utc=NOW,
    ).to_json(),
    "state_at_start": StateMessage(
        device="nursery",
        state="quiet",
        label=None,
        probabilities=None,
        level_dbfs=None,
        episode_id=None,
        alerts=True,
        snoozed_until=None,
        sensitivity="normal",
        acknowledged=None,
        last_alert=None,
        lost_samples=0,
        model="cry-2026-01",
        version="0.1.0",
        uptime_s=1.0,
        heartbeat_s=10.0,
        utc=NOW,
    ).to_json(),
    "health": HealthMessage(
        device="nursery",
        microphone=MicrophoneHealth(MicrophoneState.SILENT, "only digital silence for 10 s", lost_samples=1600),
        broker=BrokerStatus(None),
        outbox=OutboxCounts(waiting=2, dropped=0, expired=1),
        commands=CommandStatus(
            answers=(
                CommandReply("snooze", None, False, "it is longer than 512 bytes", NOW),
                CommandReply("alerts", "4f1c", True, "alerts are off", NOW),
            ),
            lost=0,
        ),
        utc=NOW,
    ).to_json(),
    "home_assistant": home_assistant.build_discovery(
        discovery_prefix="homeassistant",
        topics=Topics("hushd/nursery"),
        device="nursery",
        model="cry-2026-01",
        version="0.1.0",
        labels=("crying", "fussing", "soothed-crying", "none"),
        heartbeat_s=10.0,
    ).text,
    "replay_event": messages.replay_event(EVENT),
    "replay_event_of_several_files": messages.replay_event(EVENT, "night.wav"),
    "replay_scores": messages.replay_scores(SCORES),
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_payload(name: str) -> None:
    golden = (GOLDEN / f"{name}.json").read_text("utf-8")
    assert json.dumps(json.loads(PAYLOADS[name]), indent=2, ensure_ascii=False) + "\n" == golden


def test_no_golden_file_without_its_payload() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(PAYLOADS)
