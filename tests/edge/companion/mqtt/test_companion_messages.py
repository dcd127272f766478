"""Payloads of speakers become records; any other payload on their topics is a ValueError."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.companion.mqtt import messages
from edge.companion.mqtt.messages import EventMessage, Health, Heartbeat, MicrophoneMessage, Status
from edge.companion.mqtt.topic_map import TopicMap

GOLDEN = Path(__file__).parents[3] / "contract" / "golden"
LEAVES = ("event", "state", "health", "status", "listening")


def golden(name: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    return fields


def read(leaf: str, content: object, *, retained: bool = False) -> messages.SpeakerMessage:
    return messages.read("nursery", leaf, json.dumps(content).encode(), retained=retained)


def test_every_event_of_the_contract() -> None:
    event = read("event", golden("event"))
    assert isinstance(event, EventMessage)
    assert (event.kind, event.rings, event.muted, event.late, event.test) == ("cry_started", True, None, False, False)
    muted, late, test = (read("event", golden(name)) for name in ("event_muted", "event_late", "test_alert"))
    assert isinstance(muted, EventMessage)
    assert (muted.rings, muted.muted) == (False, "alerts off")
    assert isinstance(late, EventMessage)
    assert late.late
    assert isinstance(test, EventMessage)
    assert (test.test, test.rings) == (True, False)


def test_every_other_message_of_the_contract() -> None:
    beat = read("state", golden("state"), retained=True)
    assert isinstance(beat, Heartbeat)
    assert (beat.live, beat.alerts, beat.snoozed, beat.state) == (False, False, True, "crying")
    assert beat.acknowledged == beat.episode_id
    assert beat.heartbeat_s == 10
    older = read("state", {name: value for name, value in golden("state").items() if name != "heartbeat_s"})
    assert isinstance(older, Heartbeat)
    assert older.heartbeat_s is None
    health = read("health", golden("health"))
    assert isinstance(health, Health)
    assert [(answer.name, answer.accepted) for answer in health.replies] == [("snooze", False), ("alerts", True)]
    assert messages.read("nursery", "status", b"online", retained=True) == Status("nursery", True)
    assert messages.read("nursery", "listening", b"offline", retained=True) == MicrophoneMessage("nursery", False)


@pytest.mark.parametrize(
    ("leaf", "content", "says"),
    [
        ("event", b"{", "Expecting"),
        ("event", b"\xff", "not UTF-8"),
        ("event", b"[1]", "must be a JSON object"),
        ("event", b"{}", "v must be 1"),
        ("event", json.dumps(golden("event") | {"v": 2}).encode(), "v must be 1, is 2"),
        ("event", json.dumps(golden("event") | {"at": "2026-01-31T03:12:45"}).encode(), "at needs a time zone"),
        ("event", json.dumps(golden("event") | {"at": "0001-01-01T00:00:00+23:00"}).encode(), "at must be between"),
        ("event", json.dumps(golden("event") | {"episode_id": 7}).encode(), "`episode_id` must be text, is 7"),
        ("event", json.dumps(golden("event") | {"id": None}).encode(), "`id` must be text, is null"),
        ("event", json.dumps({"v": 1, "confidence": 0.9}).encode(), "`id` is missing"),
        (
            "health",
            json.dumps(golden("health") | {"microphone": None}).encode(),
            "`microphone` must be an object, is null",
        ),
        ("state", json.dumps(golden("state") | {"heartbeat_s": 0}).encode(), "`heartbeat_s` must be above 0 .* is 0"),
        ("state", b" " * 20_000, "longer than"),
        ("state", b"[" * 5_000, "nested"),
        (
            "event",
            json.dumps(golden("event")).replace("0.93", "NaN").encode(),
            "`confidence` must be a finite number, is nan",
        ),
    ],
)
def test_an_invalid_payload_is_a_value_error_with_its_reason(leaf: str, content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        messages.read("nursery", leaf, content, retained=False)


@pytest.mark.parametrize("leaf", ["status", "listening", "state", "health"])
def test_a_topic_that_was_cleared_forgets_its_speaker(leaf: str) -> None:
    assert messages.read("nursery", leaf, b"", retained=False) == messages.TopicCleared("nursery")


def test_a_retained_event_is_refused() -> None:
    with pytest.raises(ValueError, match="retained"):
        read("event", golden("event"), retained=True)


@given(st.sampled_from(LEAVES), st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_message_or_a_value_error(leaf: str, content: bytes, retained: bool) -> None:
    with suppress(ValueError):
        messages.read("nursery", leaf, content, retained=retained)


junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(("event", "state", "health")), st.data())
def test_a_message_with_any_field_replaced_is_read_or_a_value_error(leaf: str, data: st.DataObject) -> None:
    fields = golden(leaf)
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(junk)
    with suppress(ValueError):
        read(leaf, fields)


@pytest.mark.parametrize(
    ("prefix", "topic_filter", "topic", "whose"),
    [
        ("hushd/{device}", "hushd/+/event", "hushd/attic/event", ("attic", "event")),
        ("home/hushd-{device}/x", "home/+/x/event", "home/hushd-attic/x/event", ("attic", "event")),
        ("home/hushd-{device}/x", "home/+/x/event", "home/lamp/x/event", None),
        ("baby", "baby/event", "baby/event", ("nursery", "event")),
        ("hushd/{device}", "hushd/+/event", "hushd/a b/event", None),
    ],
)
def test_the_device_of_a_topic(prefix: str, topic_filter: str, topic: str, whose: tuple[str, str] | None) -> None:
    speakers = TopicMap(prefix, only="nursery")
    assert speakers.filter("event") == topic_filter
    assert speakers.device_of(topic) == whose
    if whose:
        assert speakers.topics_of(whose[0]).event == topic
