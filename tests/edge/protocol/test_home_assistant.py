"""Discovery: its topic, its repetition, and special characters in names."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from edge.mqtt.publisher import Publisher
from edge.mqtt.settings import BrokerSettings
from edge.protocol import home_assistant, synthetic_alert
from edge.protocol.commands import Command, CommandMessage, parse
from edge.protocol.topics import Topics
from edge.records import EventKind
from edge.storage.outbox import Outbox, OutboxSettings
from tests.support.mosquitto import Consumer, Mosquitto


def build_message(device: str = "nursery", prefix: str = "hushd/{device}") -> home_assistant.DiscoveryMessage:
    return home_assistant.build_discovery(
        discovery_prefix="homeassistant",
        topics=Topics.of(prefix, device),
        device=device,
        model="cry-1",
        version="1.2.3",
        labels=("crying", "none"),
        heartbeat_s=10.0,
    )


@pytest.fixture
def components() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(build_message().text)["components"]
    return found


@pytest.mark.parametrize(
    ("device", "topic"),
    [
        ("nursery", "homeassistant/device/hushd_nursery/config"),
        ("Kind.2", "homeassistant/device/hushd_Kind_2_1788f550/config"),
        ("küche", "homeassistant/device/hushd_k_che_f08d3c12/config"),
    ],
)
def test_any_device_name_gives_a_valid_topic(device: str, topic: str) -> None:
    message = build_message(device)
    assert message.topic == topic
    assert json.loads(message.text)["device"]["name"] == device


def test_names_that_differ_in_special_characters_are_two_devices() -> None:
    names = ("baby_room", "baby.room", "baby-room", "babyéroom", "babyüroom")
    texts = [json.loads(build_message(name).text) for name in names]
    assert len({build_message(name).topic for name in names}) == len(names)
    assert len({text["device"]["identifiers"][0] for text in texts}) == len(names)
    assert len({text["components"]["crying"]["unique_id"] for text in texts}) == len(names)


def test_every_topic_is_under_the_prefix() -> None:
    text = build_message(prefix="home/baby").text
    assert "hushd/nursery" not in text
    assert '"state_topic":"home/baby/state"' in text


def test_entities_from_sound_need_a_microphone_and_heartbeats(components: dict[str, dict[str, Any]]) -> None:
    heard = {name for name, fields in components.items() if "expire_after" in fields}
    assert heard == {"crying", "state", "label", "level"}
    for name, fields in components.items():
        assert ("hushd/nursery/listening" in json.dumps(fields)) == (name in heard)
    assert components["crying"]["expire_after"] == 30


def test_every_command_of_a_button_is_valid(components: dict[str, dict[str, Any]]) -> None:
    sent = 0
    for fields in components.values():
        name = fields.get("command_topic", "").rpartition("/")[2]
        payloads = [fields[key] for key in ("payload_press", "payload_on", "payload_off") if key in fields]
        payloads += fields["options"] if fields["platform"] == "select" else []
        for text in payloads:
            assert isinstance(parse(CommandMessage(name, text.encode(), retained=False)), Command)
            sent += 1
    assert sent == 4 + 2 + 3


def test_every_event_can_start_an_automation(components: dict[str, dict[str, Any]]) -> None:
    triggers = [fields for fields in components.values() if fields["platform"] == "device_automation"]
    assert {fields["payload"] for fields in triggers} == set(EventKind)
    assert {fields["type"] for fields in triggers} == {
        "started", "reminder", "resumed", "soothed", "ended", "soothing_long",
    }  # fmt: skip


def alert_attributes(event: dict[str, Any], prefix: str = "hushd/{device}") -> str:
    """Return the attributes that Home Assistant reads from an event."""
    template = json.loads(build_message(prefix=prefix).text)["components"]["alert"]["value_template"]
    return Environment(autoescape=False).from_string(template).render(value_json=event)  # noqa: S701


def test_a_test_alert_is_ignored() -> None:
    assert alert_attributes(json.loads(synthetic_alert.alert("nursery", "test-1", datetime.now(UTC)))) == ""


@pytest.mark.parametrize("prefix", ["hushd/{device}", """it's/a "quoted" \\ one"""])
def test_the_alert_has_the_root_of_its_topics(prefix: str) -> None:
    rendered = alert_attributes({"kind": "cry_started"}, prefix)
    root = prefix.replace("{device}", "nursery")
    assert json.loads(rendered) == {"kind": "cry_started", "event_type": "cry_started", "root": root}


@pytest.mark.real
def test_it_is_sent_at_each_connection_and_start_of_home_assistant(tmp_path: Path) -> None:
    message = build_message()
    outbox = Outbox(OutboxSettings())
    with Mosquitto(tmp_path) as broker:
        publisher = Publisher(BrokerSettings(broker.url), "nursery", outbox, message)
        publisher.publish_state("{}")
        with Consumer(broker) as home:
            publisher.start()
            home.wait_for(lambda heard: len(heard) == 1, message.topic)
            home.publish("homeassistant/status", "offline")
            home.publish("homeassistant/status", "online")
            home.wait_for(lambda heard: len(heard) == 2, message.topic)
            home.wait_for(lambda heard: len(heard) == 2, "hushd/nursery/state")
            assert {message.text for message in home.heard(message.topic)} == {message.text}
        with Consumer(broker, client_id="late", topic=message.topic) as late:
            late.wait_for(lambda heard: [message.retained for message in heard] == [True])
        publisher.stop()
    outbox.close()
