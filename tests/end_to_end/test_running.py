"""``hushd run`` as a real process with a real broker: a cry arrives, and signals end or reload it in time."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest

from tests.support.hushd_process import Hushd
from tests.support.mosquitto import USERNAME, Consumer, Mosquitto
from tests.support.recordings import quiet_then_loud

pytestmark = pytest.mark.real

NO_MICROPHONE = ("--source", "microphone:no such microphone")
PROMPT_S = 2.0
PATIENCE_S = 60.0


@pytest.fixture
def silent_host() -> Iterator[str]:
    """Yield the port of a host that accepts connections and never replies."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"mqtt://127.0.0.1:{server.getsockname()[1]}"


def test_a_recording_is_played_once_and_its_cry_arrives(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 1, 8)
    with Mosquitto(tmp_path) as broker, Consumer(broker) as consumer:
        options = ("--model", model, "--device", "nursery", "--broker", broker.url)
        with Hushd("run", "--source", recording, *options) as hushd:
            assert hushd.ends(within_s=PATIENCE_S) == 0
        consumer.wait_for(lambda heard: len(heard) >= 1, "/event")
    (event,) = consumer.heard("hushd/nursery/event")
    assert event.json["kind"] == "cry_started"
    assert event.json["late"] is False
    assert f"RING  cry started: {event.json['why']}" in hushd.output
    assert [heard.text for heard in consumer.heard("/status")] == ["online", "offline"]
    listening = [heard.text for heard in consumer.heard("/listening")]
    assert listening.count("online") == 1
    assert listening[-1] == "offline"
    states = [heard.json["state"] for heard in consumer.heard("/state")]
    assert states[0] == "quiet"
    assert states[-1] == "crying"
    assert consumer.heard("/health")[-1].json["microphone"]["state"] == "listening"


def test_it_runs_without_a_broker(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 0, 10)
    with Hushd("run", "--source", recording, "--model", model, "--broker", "none", "--device", "nursery") as hushd:
        assert f"is nursery: source {recording}, broker none, model loudness-1" in hushd.says("hushd ")
        hushd.says("RING  cry started")
        assert hushd.ends(within_s=PATIENCE_S) == 0


@pytest.mark.parametrize("number", [SIGTERM, SIGINT])
def test_it_ends_promptly_with_neither_microphone_nor_broker(model: Path, silent_host: str, number: Signals) -> None:
    with Hushd("run", *NO_MICROPHONE, "--model", model, "--broker", silent_host) as hushd:
        hushd.says("microphone missing: no microphone")
        hushd.signal(number)
        assert hushd.ends(PROMPT_S) == 0


def test_it_ends_promptly_in_the_middle_of_a_recording(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 60, 0)
    with Mosquitto(tmp_path) as broker, Consumer(broker) as consumer:
        with Hushd("run", "--source", recording, "--model", model, "--broker", broker.url) as hushd:
            consumer.wait_for(lambda heard: [each.text for each in heard][-1:] == ["online"], "/listening")
            hushd.signal(SIGTERM)
            assert hushd.ends(PROMPT_S) == 0
        consumer.wait_for(lambda heard: heard[-1].text == "offline", "/status")


def test_a_broker_that_rejects_the_password_is_named_and_hushd_continues(tmp_path: Path, model: Path) -> None:
    with Mosquitto(tmp_path, password=True) as broker:
        url = broker.url.replace("//", f"//{USERNAME}:lullaby@")
        recording = quiet_then_loud(tmp_path / "a.wav", 0, 10)
        with Hushd("run", "--source", recording, "--model", model, "--broker", url) as hushd:
            hushd.says(f"broker localhost:{broker.port} rejects")
            hushd.says("RING  cry started")
            assert hushd.ends(within_s=PATIENCE_S) == 0
        assert "lullaby" not in hushd.output


def test_sighup_applies_a_good_configuration_and_rejects_a_broken_one(tmp_path: Path, model: Path) -> None:
    file = tmp_path / "hushd.yaml"
    file.write_text(f"device: nursery\nmodel: {model}\n")
    with Hushd("run", *NO_MICROPHONE, "--config", file, "--broker", "none") as hushd:
        hushd.says("is nursery: source microphone no such microphone")
        hushd.says("microphone missing")

        file.write_text(f"device: nursery\nmodle: {model}\n")
        hushd.signal(SIGHUP)
        hushd.says(f"not reloaded, the old settings stay: {file}:2: unknown key `modle`; did you mean `model`?")

        file.write_text(f"device: nursery\nmodel: {tmp_path}/gone.onnx\n")
        hushd.signal(SIGHUP)
        hushd.says(f"not reloaded, the old settings stay: model {tmp_path}/gone.onnx not found")

        file.write_text(f"device: cradle\nmodel: {model}\n")
        hushd.signal(SIGHUP)
        hushd.says("is cradle: source microphone no such microphone")
        hushd.signal(SIGTERM)
        assert hushd.ends(PROMPT_S) == 0


def test_sighup_within_an_episode_continues_it(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 0, 60)
    file = tmp_path / "hushd.yaml"
    file.write_text(f"device: nursery\nmodel: {model}\ndecision: {{reminder_every_s: 12}}\n")
    with Mosquitto(tmp_path) as broker, Consumer(broker) as consumer:
        options = ("--source", recording, "--config", file, "--broker", broker.url)
        with Hushd("run", *options) as hushd:
            consumer.wait_for(lambda heard: len(heard) == 1, "/event", timeout_s=PATIENCE_S)
            hushd.signal(SIGHUP)
            consumer.wait_for(lambda heard: len(heard) == 2, "/event", timeout_s=PATIENCE_S)
            assert hushd.output.count("is nursery") == 2
    started, reminder = (heard.json for heard in consumer.heard("/event"))
    assert (started["kind"], reminder["kind"]) == ("cry_started", "cry_reminder")
    assert (reminder["episode_id"], reminder["seq"]) == (started["episode_id"], 2)
    assert reminder["unanswered_s"] >= 12


def test_an_event_survives_a_daemon_without_a_broker(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 0, 10)
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
    with Mosquitto(tmp_path / "mosquitto", started=False) as broker:
        options = ("--model", model, "--device", "nursery", "--broker", broker.url)
        with Hushd("run", "--source", recording, *options, environment=environment) as hushd:
            assert hushd.ends(within_s=PATIENCE_S) == 0
            hushd.says("RING  cry started")
        broker.start()
        with Consumer(broker) as consumer, Hushd("run", *NO_MICROPHONE, *options, environment=environment):
            consumer.wait_for(lambda heard: len(heard) == 1, "hushd/nursery/event")
            assert consumer.heard("/event")[0].json["kind"] == "cry_started"


def test_a_snoozed_cry_is_published_without_ringing_even_after_a_restart(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 0, 10)
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
    with Mosquitto(tmp_path / "mosquitto") as broker, Consumer(broker) as parent:
        options = ("--model", model, "--device", "nursery", "--broker", broker.url)
        with Hushd("run", *NO_MICROPHONE, *options, environment=environment):
            parent.wait_for(lambda heard: len(heard) >= 1, "/status")
            parent.publish("hushd/nursery/set/snooze", "5")
            parent.wait_for(lambda heard: any(each.json["snoozed_until"] for each in heard), "/state")
            parent.wait_for(lambda heard: heard != [] and heard[-1].json["commands"]["answers"] != [], "/health")
            (answer,) = parent.heard("/health")[-1].json["commands"]["answers"]
            assert (answer["name"], answer["accepted"]) == ("snooze", True)
        with Hushd("run", "--source", recording, *options, environment=environment) as hushd:
            assert hushd.ends(within_s=PATIENCE_S) == 0
        parent.wait_for(lambda heard: len(heard) == 1, "/event")
        (event,) = parent.heard("/event")
        assert (event.json["kind"], event.json["rings"]) == ("cry_started", False)
        assert event.json["muted"].startswith("snoozed until ")
