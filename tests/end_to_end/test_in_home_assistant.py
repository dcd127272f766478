"""hushd in a real Home Assistant: it appears, a cry shows, buttons work, and its end is noticed."""

import json
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.end_to_end.hushd import Hushd
from tests.home_assistant import HomeAssistant
from tests.mosquitto import Consumer, Mosquitto
from tests.sounds import quiet_then_loud

PATIENCE_S = 60.0

DISCOVERY = "homeassistant/device/hushd_nursery/config"

ENTITIES = {
    "binary_sensor/nursery_crying", "binary_sensor/nursery_microphone", "event/nursery_alert",
    "sensor/nursery_baby", "sensor/nursery_heard", "sensor/nursery_level", "sensor/nursery_model",
    "sensor/nursery_last_alert", "sensor/nursery_snoozed_until",
    "select/nursery_sensitivity", "switch/nursery_alerts",
    "button/nursery_snooze_30_minutes", "button/nursery_end_snooze", "button/nursery_acknowledge",
    "button/nursery_false_alarm",
}  # fmt: skip


class Home:
    """What Home Assistant shows, and what a parent does in it."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    def shows(self, entity: str, text: str, *, since: int = 0) -> None:
        """Wait until this state or attribute has this value, in a message after the first ``since``."""
        self._consumer.wait_for(
            lambda heard: [each.text for each in heard[since:]][-1:] == [text], f"ha/{entity}", PATIENCE_S
        )

    def messages(self, entity: str) -> int:
        """How many there have been."""
        return len(self._consumer.heard(f"ha/{entity}"))

    def does(self, action: str, entity: str, **data: str) -> None:
        self._consumer.publish("test/act", json.dumps({"action": action, "entity": entity, "data": data}))

    def hushd_says(self, key: str, value: object) -> None:
        """Wait until hushd's own state has this value."""
        self._consumer.wait_for(
            lambda heard: heard != [] and heard[-1].json[key] == value, "hushd/nursery/state", PATIENCE_S
        )

    def entities(self) -> set[str]:
        return {
            each.topic.removeprefix("ha/").removesuffix("/state")
            for each in self._consumer.heard("/state")
            if each.topic.startswith("ha/") and "/nursery_" in each.topic
        }


@pytest.mark.timeout(1200)  # a minute where Home Assistant is installed already
def test_a_cry_in_home_assistant(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "cry.wav", 25, 400)
    options = ("--source", recording, "--model", model, "--device", "nursery")
    with (
        Mosquitto(tmp_path / "mosquitto") as broker,
        HomeAssistant(tmp_path / "home", broker),
        Consumer(broker) as consumer,
        Hushd("run", *options, "--broker", broker.url) as hushd,
    ):
        home = Home(consumer)
        home.shows("binary_sensor/nursery_crying/state", "off")
        home.shows("binary_sensor/nursery_microphone/state", "off")
        home.shows("sensor/nursery_model/state", "loudness-1")
        home.shows("select/nursery_sensitivity/state", "normal")

        home.shows("binary_sensor/nursery_crying/state", "on")
        home.shows("event/nursery_alert/event_type", '"cry_started"')
        home.shows("sensor/nursery_baby/state", "crying")
        assert home.entities() == ENTITIES

        (event,) = consumer.heard("hushd/nursery/event")
        home.does("button.press", "button.nursery_acknowledge")
        home.hushd_says("acknowledged", event.json["episode_id"])
        home.does("switch.turn_off", "switch.nursery_alerts")
        home.shows("switch/nursery_alerts/state", "off")
        home.hushd_says("alerts", False)
        home.does("select.select_option", "select.nursery_sensitivity", option="high")
        home.shows("select/nursery_sensitivity/state", "high")
        home.hushd_says("sensitivity", "high")

        before = home.messages("binary_sensor/nursery_crying/state")
        told = len(consumer.heard(DISCOVERY))
        broker.stop()  # and with it goes all that was retained
        broker.start()
        consumer.wait_for(lambda heard: len(heard) > told, DISCOVERY, PATIENCE_S)
        home.shows("binary_sensor/nursery_crying/state", "on", since=before)

        hushd.signal(SIGKILL)
        home.shows("binary_sensor/nursery_crying/state", "unavailable")
        home.shows("switch/nursery_alerts/state", "unavailable")
