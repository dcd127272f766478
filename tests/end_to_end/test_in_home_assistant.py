"""hushd in a real Home Assistant: discovery, alerts on phones, answers to the speaker, and its end.

An automation made from the blueprint calls three phones, of which the first is unreachable, and a fourth without an
answer. There are two speakers: the nursery is a real hushd, and the test controls the cradle.

No test depends on speed: where a test acts during a cry, the cry lasts until it is done.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL
from typing import Any

import numpy as np
import pytest
import soundfile

from edge.protocol import home_assistant, synthetic_alert
from edge.protocol.commands import Acknowledge, Action, Command, CommandMessage, Feedback, Snooze, Verdict, parse
from edge.protocol.messages import EventWriter, StreamClock
from edge.protocol.topics import Topics
from edge.records import SAMPLE_RATE, Event, EventKind
from tests.support.companion_app import Phone, Push, PushServer
from tests.support.home_assistant import HomeAssistant
from tests.support.hushd_process import REPOSITORY, Hushd
from tests.support.mosquitto import Consumer, Heard, Mosquitto
from tests.support.recordings import hiss, quiet_then_loud

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]  # two minutes where Home Assistant is installed already

PATIENCE_S = 180.0
REMINDER_S = 4.0
"""Of the nursery."""
LONG_S = 900.0
"""A recording is never over before a test is."""
BLUEPRINT = REPOSITORY / "edge" / "blueprints" / "hushd_alert.yaml"
DISCOVERY = "homeassistant/device/hushd_nursery/config"

ENTITIES = {
    "binary_sensor/nursery_crying", "binary_sensor/nursery_microphone", "event/nursery_alert",
    "sensor/nursery_baby", "sensor/nursery_heard", "sensor/nursery_level", "sensor/nursery_model",
    "sensor/nursery_last_alert", "sensor/nursery_snoozed_until",
    "select/nursery_sensitivity", "switch/nursery_alerts",
    "button/nursery_snooze_30_minutes", "button/nursery_end_snooze", "button/nursery_acknowledge",
    "button/nursery_false_alarm",
}  # fmt: skip

MUTE = Phone("A mute iPhone", "anna", push=False)
ANNA, BEN = Phone("Anna's iPhone", "anna"), Phone("Ben's Pixel 9", "ben")
GRANDMA = Phone("Grandma's phone", "grandma")
PHONES = (MUTE, ANNA, BEN, GRANDMA)

CLEARED = "clear_notification"
GONE = "nursery Microphone: the speaker or its MQTT broker is gone"
UNREACHABLE = "hushd cannot be reached: nothing has been changed."


def ANY(_: Push) -> bool:  # noqa: N802 - reads as a value
    """Matches any push."""
    return True


class HomeAssistantBench:
    """Home Assistant with its states, its pushes to phones, and the parents' actions."""

    def __init__(self, broker: Mosquitto, home: HomeAssistant, push: PushServer, consumer: Consumer) -> None:
        self.broker = broker
        self.home = home
        self._push = push
        self.consumer = consumer
        self._read = dict.fromkeys(PHONES, 0)

    def shows(self, entity: str, *texts: str) -> None:
        """Wait until this state or attribute has the last of these values, and has had the others, in this order."""

        def wait_for_event(heard: list[Heard]) -> bool:
            values = iter([each.text for each in heard])
            return all(text in values for text in texts) and heard[-1].text == texts[-1]

        self.consumer.wait_for(wait_for_event, f"ha/{entity}", PATIENCE_S)

    def returns(self, entity: str) -> None:
        """Wait until this state is known again."""
        known = ("unavailable", "unknown")
        self.consumer.wait_for(lambda heard: heard[-1].text not in known, f"ha/{entity}", PATIENCE_S)

    def does(self, action: str, entity: str, **data: str) -> None:
        self.consumer.publish("test/act", json.dumps({"action": action, "entity": entity, "data": data}))

    def wait_for_nursery_state(self, key: str, value: object) -> datetime:
        """Wait until the nursery's own state has this value; when it said so."""
        return self._heartbeat(lambda beat: beat[key] == value)

    def wait_for_heartbeat(self, until: datetime) -> None:
        """Wait for a heartbeat of then."""
        self._heartbeat(lambda beat: datetime.fromisoformat(beat["utc"]) >= until)

    def _heartbeat(self, wanted: Callable[[dict[str, Any]], bool]) -> datetime:
        topic = "hushd/nursery/state"
        self.consumer.wait_for(lambda heard: any(wanted(each.json) for each in heard[-1:]), topic, PATIENCE_S)
        return datetime.fromisoformat(self.consumer.heard(topic)[-1].json["utc"])

    def events(self, since: datetime) -> list[str]:
        """What the nursery has told of since."""
        told = [each.json for each in self.consumer.heard("hushd/nursery/event")]
        return [event["kind"] for event in told if datetime.fromisoformat(event["at"]) > since]

    def entities(self, speaker: str) -> set[str]:
        """What Home Assistant shows of it."""
        return {
            each.topic.removeprefix("ha/").removesuffix("/state")
            for each in self.consumer.heard("/state")
            if each.topic.startswith("ha/") and f"/{speaker}_" in each.topic
        }

    def rings(self, phone: Phone, speaker: str = "cradle") -> Push:
        """The next push to this phone because of this speaker that breaks through silence, on both systems."""
        push = self.gets(phone, lambda push: push["title"] == f"{speaker}: the baby cries")
        data = push["data"]
        assert data["push"] == {
            "interruption-level": "critical",
            "sound": {"name": "default", "critical": 1, "volume": 1},
        }
        assert (data["ttl"], data["priority"], data["channel"]) == (0, "high", "alarm_stream")
        assert [action["title"] for action in data["actions"]] == ["I am going", "Snooze 30 minutes", "False alarm"]
        return push

    def gets(self, phone: Phone, wanted: Callable[[Push], bool]) -> Push:
        """The next push to this phone that is wanted; those before it are passed over."""
        number = self._push.wait_for(phone, wanted, since=self._read[phone], timeout_s=PATIENCE_S)
        self._read[phone] = number + 1
        return self._push.pushes(phone)[number]

    def count(self, phone: Phone, message: str) -> int:
        """How often this phone has got this message."""
        return sum(push["message"] == message for push in self._push.pushes(phone))

    def unread(self, phone: Phone) -> list[str]:
        """The messages this phone has got since, which are read by this."""
        pushes = self._push.pushes(phone)[self._read[phone] :]
        self._read[phone] += len(pushes)
        return [push["message"] for push in pushes]

    def taps(self, phone: Phone, alert: Push, title: str) -> None:
        """Choose an action of an alert that this phone shows."""
        (action,) = [each["action"] for each in alert["data"]["actions"] if each["title"] == title]
        phone.taps(action, self.home.port)


class Cradle:
    """A speaker whose messages come from the test."""

    topics = Topics("hushd/cradle")

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._writer = EventWriter("cradle")
        news = home_assistant.build_discovery(
            discovery_prefix="homeassistant", topics=self.topics, device="cradle", model="m", version="1",
            labels=("crying", "none"), heartbeat_s=10,
        )  # fmt: skip
        consumer.publish(news.topic, news.text, retain=True)
        self.is_there(True)
        self.hears("listening")

    def says(self, kind: EventKind, *, episode_id: str = "e1", at_s: float = 0.0, muted: str | None = None) -> None:
        event = Event(kind, episode_id, "crying", 0.0, at_s, 0.9, f"{kind} of {episode_id}")
        text = self._writer.write(event, StreamClock.from_reading(at_s, datetime.now(UTC)), muted)
        self._consumer.publish(self.topics.event, text)

    def hears(self, state: str) -> None:
        microphone = {"state": state, "detail": "only digital silence for 10 s"}
        self._consumer.publish(self.topics.health, json.dumps({"microphone": microphone}), retain=True)

    def is_there(self, there: bool) -> None:
        self._consumer.publish(self.topics.status, "online" if there else "offline", retain=True)

    def wait_for_command(self, name: str) -> Action:
        """The first command of this name, waited for."""
        topic = self.topics.command(name)
        self._consumer.wait_for(lambda heard: heard != [], topic, PATIENCE_S)
        order = parse(CommandMessage(name, self._consumer.heard(topic)[0].text.encode(), retained=False))
        assert isinstance(order, Command)
        assert order.id is not None  # so that it is applied once
        return order.action


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HomeAssistantBench]:
    folder = tmp_path_factory.mktemp("bench")
    with (
        PushServer() as push,
        Mosquitto(folder / "mosquitto") as broker,
        HomeAssistant(folder / "home", broker, PHONES, push.url) as home,
        Consumer(broker) as consumer,
    ):
        blueprint = home.install_blueprint(BLUEPRINT)
        ids = [home.device_id(consumer, f"device_tracker.{phone.key}") for phone in PHONES]
        bench = HomeAssistantBench(broker, home, push, consumer)
        inputs = {
            "speakers": ["event.nursery_alert", "event.cradle_alert"],
            "phones": ids[:3], "second_phones": ids[3:], "second_after": 0.1,
            "microphones": ["binary_sensor.nursery_microphone", "binary_sensor.cradle_microphone"], "deaf_for": 0.03,
        }  # fmt: skip
        home.automate(consumer, {"alias": "phones", "use_blueprint": {"path": blueprint, "input": inputs}})
        yield bench


@pytest.fixture(scope="module")
def cradle(bench: HomeAssistantBench) -> Cradle:
    cradle = Cradle(bench.consumer)
    bench.shows("event/cradle_alert/state", "unknown")
    bench.shows("binary_sensor/cradle_microphone/state", "off")
    return cradle


@contextmanager
def nursery(recording: Path, model: Path, bench: HomeAssistantBench, tmp_path: Path) -> Iterator[Hushd]:
    """A real hushd with quick reminders; on leaving it is killed."""
    configuration = tmp_path / "hushd.yaml"
    configuration.write_text(f"decision: {{reminder_every_s: {REMINDER_S:g}, quiet_s: 8}}")
    options = ("--config", configuration, "--model", model, "--device", "nursery", "--broker", bench.broker.url)
    with Hushd("run", "--source", recording, *options) as hushd:
        yield hushd
        for phone in ANNA, BEN:
            bench.unread(phone)
        hushd.signal(SIGKILL)
        bench.shows("binary_sensor/nursery_crying/state", "unavailable")
        bench.shows("switch/nursery_alerts/state", "unavailable")
        for phone in ANNA, BEN:
            warning = bench.gets(phone, lambda push: push["message"] == GONE)
            assert warning["title"] == "Nobody listens to the baby"


def test_a_speaker_appears_and_applies_commands(bench: HomeAssistantBench, tmp_path: Path, model: Path) -> None:
    with nursery(quiet_then_loud(tmp_path / "quiet.wav", LONG_S, 0), model, bench, tmp_path):
        bench.shows("binary_sensor/nursery_crying/state", "off")
        bench.shows("sensor/nursery_baby/state", "quiet")
        bench.shows("binary_sensor/nursery_microphone/state", "off")
        bench.shows("sensor/nursery_model/state", "loudness-1")
        bench.shows("select/nursery_sensitivity/state", "normal")
        bench.consumer.wait_for(lambda _: bench.entities("nursery") >= ENTITIES, timeout_s=PATIENCE_S)
        assert bench.entities("nursery") == ENTITIES

        bench.does("switch.turn_off", "switch.nursery_alerts")
        bench.shows("switch/nursery_alerts/state", "off")
        bench.wait_for_nursery_state("alerts", False)
        bench.does("switch.turn_on", "switch.nursery_alerts")
        bench.shows("switch/nursery_alerts/state", "on")
        bench.does("select.select_option", "select.nursery_sensitivity", option="high")
        bench.shows("select/nursery_sensitivity/state", "high")
        bench.wait_for_nursery_state("sensitivity", "high")


def test_a_cry_appears_and_rings_until_it_ends(bench: HomeAssistantBench, tmp_path: Path, model: Path) -> None:
    recording = tmp_path / "cry.wav"
    soundfile.write(recording, np.concatenate([hiss(20, 0.2), hiss(LONG_S, 0.001)]), SAMPLE_RATE)
    with nursery(recording, model, bench, tmp_path):
        for phone in ANNA, BEN:
            assert bench.rings(phone, "nursery")["message"].startswith("crying for")
        assert bench.rings(BEN, "nursery")["message"].startswith("still crying after")
        assert bench.rings(GRANDMA, "nursery")["message"].startswith("still crying after")
        bench.shows("binary_sensor/nursery_crying/state", "on", "off")
        bench.shows("sensor/nursery_baby/state", "crying", "quiet")
        for phone in ANNA, BEN, GRANDMA:
            bench.gets(phone, lambda push: push["message"] == CLEARED)
    assert bench.unread(GRANDMA) == []


def test_the_notifications_follow_the_episode(bench: HomeAssistantBench, cradle: Cradle) -> None:
    cradle.says(EventKind.CRY_STARTED, episode_id="muted", muted="alerts off")
    cradle.says(EventKind.CRY_STARTED, at_s=10)
    cradle.says(EventKind.CRY_REMINDER, at_s=15)
    for phone in ANNA, BEN:
        assert bench.rings(phone)["message"] == "cry_started of e1"
        assert bench.rings(phone)["message"] == "cry_reminder of e1"
    cradle.says(EventKind.CRY_REMINDER, at_s=16)  # 6 s after the alert
    bench.rings(GRANDMA)
    cradle.says(EventKind.CRY_SOOTHED, at_s=20)
    cradle.says(EventKind.CRY_RESUMED, at_s=40)
    for phone in ANNA, BEN:
        assert bench.rings(phone)["message"] == "cry_reminder of e1"
        assert bench.gets(phone, ANY)["message"] == CLEARED
        assert bench.rings(phone)["message"] == "cry_resumed of e1"
    cradle.says(EventKind.SOOTHING_LONG, at_s=70)
    cradle.says(EventKind.CRY_ENDED, at_s=80)
    for phone in ANNA, BEN:
        told = bench.gets(phone, ANY)
        assert told["message"] == "soothing_long of e1"
        assert (told["data"]["importance"], told["data"]["push"]["interruption-level"]) == ("low", "passive")
        assert bench.gets(phone, ANY)["message"] == CLEARED
    bench.gets(GRANDMA, ANY)
    assert bench.gets(GRANDMA, ANY)["message"] == CLEARED
    for phone in PHONES:
        assert bench.unread(phone) == []


@pytest.mark.parametrize(
    ("title", "name", "command", "told"),
    [
        ("I am going", "acknowledge", Acknowledge("e2"), "Ben is going."),
        ("Snooze 30 minutes", "snooze", Snooze(30), "Ben has snoozed hushd for 30 minutes."),
        ("False alarm", "feedback", Feedback("e2", Verdict.FALSE_ALARM), "Ben says it was a false alarm."),
    ],
)
def test_every_answer_reaches_the_speaker(
    bench: HomeAssistantBench, cradle: Cradle, title: str, name: str, command: Action, told: str
) -> None:
    cradle.says(EventKind.CRY_STARTED, episode_id="e2")
    bench.taps(BEN, bench.rings(BEN), title)
    assert bench.gets(BEN, ANY)["message"] == told
    assert cradle.wait_for_command(name) == command


def test_an_undeliverable_answer_is_reported_and_the_old_alert_stays_silent(
    bench: HomeAssistantBench, cradle: Cradle
) -> None:
    cradle.says(EventKind.CRY_STARTED, episode_id="e3")
    alert = bench.rings(BEN)
    cradle.is_there(False)
    bench.shows("event/cradle_alert/state", "unavailable")
    bench.taps(BEN, alert, "I am going")
    bench.gets(BEN, lambda push: push["message"] == UNREACHABLE)
    cradle.is_there(True)
    bench.returns("event/cradle_alert/state")
    cradle.says(EventKind.CRY_STARTED, episode_id="e4")
    assert bench.rings(BEN)["message"] == "cry_started of e4"


def test_answers_to_other_automations_are_ignored(bench: HomeAssistantBench, cradle: Cradle) -> None:
    for action in "OK", "hushd acknowledge event.kitchen e1", "hushd format event.cradle_alert e1", "a b c d", "":
        BEN.taps(action, bench.home.port)
    cradle.says(EventKind.CRY_ENDED, episode_id="e4")
    assert bench.gets(BEN, ANY)["message"] == CLEARED
    assert "Template variable" not in bench.home.log


def test_a_test_alert_is_ignored(bench: HomeAssistantBench, cradle: Cradle) -> None:
    bench.consumer.publish(cradle.topics.event, synthetic_alert.alert("cradle", "test-1", datetime.now(UTC)))
    cradle.says(EventKind.CRY_ENDED, episode_id="e4")
    assert bench.gets(BEN, ANY)["message"] == CLEARED
    assert "Invalid event type" not in bench.home.log


def test_a_deaf_microphone_is_reported_without_ringing(bench: HomeAssistantBench, cradle: Cradle) -> None:
    cradle.hears("silent")
    warning = bench.gets(BEN, ANY)
    assert warning["title"] == "Nobody listens to the baby"
    assert warning["message"] == "cradle Microphone: only digital silence for 10 s"
    assert warning["data"]["push"] == {"interruption-level": "time-sensitive"}
    cradle.hears("listening")
    assert bench.gets(BEN, ANY)["message"] == CLEARED


def test_device_triggers(bench: HomeAssistantBench, cradle: Cradle) -> None:
    device_id = bench.home.device_id(bench.consumer, "event.cradle_alert")
    types = ["started", "reminder", "resumed", "soothed", "ended", "soothing_long"]
    common = {"trigger": "device", "domain": "mqtt", "device_id": device_id, "subtype": "crying"}
    triggered = {"action": "mqtt.publish", "data": {"topic": "test/triggered", "payload": "{{ trigger.id }}"}}
    bench.home.automate(
        bench.consumer,
        {
            "alias": "triggers",
            "mode": "queued",
            "triggers": [{**common, "type": each, "id": each} for each in types],
            "actions": [triggered],
        },
    )
    for kind in EventKind:
        cradle.says(
            kind, episode_id="muted", muted="alerts off"
        )  # but the events soothed and ended, which do not ring, are published
    for kind in EventKind:
        cradle.says(kind)
    bench.consumer.wait_for(lambda heard: len(heard) == 9, "test/triggered", PATIENCE_S)
    assert [each.text for each in bench.consumer.heard("test/triggered")] == [*types[3:], *types]


def test_everything_returns_after_restarts_and_no_old_alert_rings(
    bench: HomeAssistantBench, cradle: Cradle, tmp_path: Path, model: Path
) -> None:
    cradle.says(EventKind.CRY_STARTED, episode_id="e5")
    bench.gets(BEN, lambda push: push["message"] == "cry_started of e5")
    with nursery(quiet_then_loud(tmp_path / "cry.wav", 0, LONG_S), model, bench, tmp_path):
        bench.rings(BEN, "nursery")

        bench.home.stop()
        bench.unread(BEN)
        bench.home.start()
        assert bench.rings(BEN, "nursery")["message"].startswith("still crying")
        bench.home.await_state(bench.consumer, "binary_sensor.nursery_crying", "on")

        told = len(bench.consumer.heard(DISCOVERY))
        bench.broker.stop()  # and with it all retained messages
        bench.unread(BEN)
        bench.broker.start()
        bench.consumer.wait_for(lambda heard: len(heard) > told, DISCOVERY, PATIENCE_S)
        alert = bench.rings(BEN, "nursery")
        assert alert["message"].startswith("still crying")
        bench.home.await_state(bench.consumer, "binary_sensor.nursery_crying", "on")

        episode_id = bench.consumer.heard("hushd/nursery/event")[-1].json["episode_id"]
        bench.taps(BEN, alert, "I am going")
        acknowledged = bench.wait_for_nursery_state("acknowledged", episode_id)
        for phone in ANNA, BEN:
            bench.gets(phone, lambda push: push["message"] == "Ben is going.")
        bench.wait_for_heartbeat(acknowledged + timedelta(seconds=2 * REMINDER_S))
        assert bench.events(since=acknowledged) == []

        bench.taps(BEN, alert, "Snooze 30 minutes")
        bench.gets(ANNA, lambda push: push["message"] == "Ben has snoozed hushd for 30 minutes.")
        bench.consumer.wait_for(
            lambda heard: '"accepted":true,"detail":"snoozed until ' in heard[-1].text,
            "hushd/nursery/health",
            PATIENCE_S,
        )
    assert bench.count(BEN, "cry_started of e5") == 1
