"""Discovery: where it goes, when it is said again, and what a name must not break."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from edge.mqtt.publisher import Publisher
from edge.mqtt.settings import BrokerSettings
from edge.protocol import home_assistant, synthetic_alert
from edge.protocol.commands import Command, Message, parse
from edge.protocol.topics import Topics
from edge.records import EventKind
from edge.storage.outbox import Outbox, OutboxSettings
from tests.support.mosquitto import Consumer, Mosquitto


def announced(device: str = "nursery", prefix: str = "hushd/{device}") -> home_assistant.DiscoveryMessage:
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
    found: dict[str, dict[str, Any]] = json.loads(announced().text)["components"]
    return found


@pytest.mark.parametrize(
    ("device", "topic"),
    [
        ("nursery", "homeassistant/device/hushd_nursery/config"),
        ("Kind.2", "homeassistant/device/hushd_Kind_2_1788f550/config"),
        ("küche", "homeassistant/device/hushd_k_che_f08d3c12/config"),
    ],
)
def test_any_device_name_gives_a_topic_that_home_assistant_takes(device: str, topic: str) -> None:
    news = announced(device)
    assert news.topic == topic
    assert json.loads(news.text)["device"]["name"] == device


def test_names_that_differ_only_in_odd_signs_are_two_devices_in_home_assistant() -> None:
    names = ("baby_room", "baby.room", "baby-room", "babyéroom", "babyüroom")
    texts = [json.loads(announced(name).text) for name in names]
    assert len({announced(name).topic for name in names}) == len(names)
    assert len({text["device"]["identifiers"][0] for text in texts}) == len(names)
    assert len({text["components"]["crying"]["unique_id"] for text in texts}) == len(names)


def test_every_topic_is_under_the_prefix() -> None:
    text = announced(prefix="home/baby").text
    assert "hushd/nursery" not in text
    assert '"state_topic":"home/baby/state"' in text


def test_what_is_heard_needs_a_microphone_and_a_heart_that_beats(components: dict[str, dict[str, Any]]) -> None:
    heard = {name for name, fields in components.items() if "expire_after" in fields}
    assert heard == {"crying", "state", "label", "level"}
    for name, fields in components.items():
        assert ("hushd/nursery/listening" in json.dumps(fields)) == (name in heard)
    assert components["crying"]["expire_after"] == 30


def test_every_command_a_button_sends_is_one_hushd_understands(components: dict[str, dict[str, Any]]) -> None:
    sent = 0
    for fields in components.values():
        name = fields.get("command_topic", "").rpartition("/")[2]
        payloads = [fields[key] for key in ("payload_press", "payload_on", "payload_off") if key in fields]
        payloads += fields["options"] if fields["platform"] == "select" else []
        for text in payloads:
            assert isinstance(parse(Message(name, text.encode(), retained=False)), Command)
            sent += 1
    assert sent == 4 + 2 + 3


def test_every_event_can_start_an_automation(components: dict[str, dict[str, Any]]) -> None:
    triggers = [fields for fields in components.values() if fields["platform"] == "device_automation"]
    assert {fields["payload"] for fields in triggers} == set(EventKind)
    assert {fields["type"] for fields in triggers} == {
        "started", "reminder", "resumed", "soothed", "ended", "soothing_long",
    }  # fmt: skip


def shown_as_alert(event: dict[str, Any], prefix: str = "hushd/{device}") -> str:
    """What Home Assistant makes of an event."""
    template = json.loads(announced(prefix=prefix).text)["components"]["alert"]["value_template"]
    return Environment(autoescape=False).from_string(template).render(value_json=event)  # noqa: S701


def test_a_test_alert_is_passed_over() -> None:
    assert shown_as_alert(json.loads(synthetic_alert.alert("nursery", "test-1", datetime.now(UTC)))) == ""


@pytest.mark.parametrize("prefix", ["hushd/{device}", """it's/a "quoted" \\ one"""])
def test_the_alert_says_where_it_can_be_answered(prefix: str) -> None:
    rendered = shown_as_alert({"kind": "cry_started"}, prefix)
    root = prefix.replace("{device}", "nursery")
    assert json.loads(rendered) == {"kind": "cry_started", "event_type": "cry_started", "root": root}


def test_it_is_said_at_each_connection_and_when_home_assistant_starts(tmp_path: Path) -> None:
    news = announced()
    outbox = Outbox(OutboxSettings())
    with Mosquitto(tmp_path) as broker:
        publisher = Publisher(BrokerSettings(broker.url), "nursery", outbox, news)
        publisher.publish_state("{}")
        with Consumer(broker) as home:
            publisher.start()
            home.wait_for(lambda heard: len(heard) == 1, news.topic)
            home.publish("homeassistant/status", "offline")
            home.publish("homeassistant/status", "online")
            home.wait_for(lambda heard: len(heard) == 2, news.topic)
            home.wait_for(lambda heard: len(heard) == 2, "hushd/nursery/state")
            assert {message.text for message in home.heard(news.topic)} == {news.text}
        with Consumer(broker, client_id="late", topic=news.topic) as late:
            late.wait_for(lambda heard: [message.retained for message in heard] == [True])
        publisher.stop()
    outbox.close()
