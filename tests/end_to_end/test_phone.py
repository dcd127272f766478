"""``hushd phone`` as a process of its own: from sound to the push, signals, and what is wrong in one line."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM

import pytest
import soundfile

from edge.records import SAMPLE_RATE
from tests.edge.phone.sink import RING, Sink
from tests.end_to_end.hushd import Hushd
from tests.end_to_end.scenes import Clips, cry_in_a_quiet_room
from tests.mosquitto import Consumer, Mosquitto
from tests.sounds import quiet_then_loud
from tests.virtual_room import VirtualRoom
from training.catalog import DataError, find_data

PROMPT_S = 2.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def configuration(tmp_path: Path, sink: Sink, more: str = "") -> Path:
    path = tmp_path / "hushd.yaml"
    path.write_text(f"device: nursery\nphone:\n  serve_page: false\n  push:\n    first:\n      - {sink.url()}\n{more}")
    return path


def phone(tmp_path: Path, broker: Mosquitto, sink: Sink, *options: str, notify: str = "") -> Hushd:
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path), "NOTIFY_SOCKET": notify}
    return Hushd(
        "phone", "--config", configuration(tmp_path, sink), "--broker", broker.url, *options, environment=environment
    )


def test_a_recordings_cry_comes_to_the_phone(tmp_path: Path, model: Path, broker: Mosquitto, sink: Sink) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 1, 8)
    options = ("--model", model, "--device", "nursery", "--broker", broker.url)
    with phone(tmp_path, broker, sink) as companion:
        companion.says("connected to broker")
        with Hushd("run", "--source", recording, *options) as hushd:
            sink.wait_for(lambda pushed: len(pushed) == 1, timeout_s=30)
            assert hushd.ends(within_s=25) == 0
        (cry,) = sink.pushed()
        assert (cry.type, cry.title) == (RING, "The baby cries (nursery)")
        assert cry.message.startswith("crying for ")


@pytest.mark.data
def test_a_cry_in_the_room_comes_to_the_phone_within_a_second_of_the_event(
    tmp_path: Path, broker: Mosquitto, sink: Sink
) -> None:
    """The shipped model hears real sound through a real microphone; prints the delay after the event (pytest -s)."""
    try:
        clips = Clips(find_data())
    except DataError as error:
        pytest.skip(str(error))
    soundfile.write(tmp_path / "cry.wav", cry_in_a_quiet_room(clips, 8.0, 20.0), SAMPLE_RATE)
    with VirtualRoom() as room, phone(tmp_path, broker, sink) as companion:
        companion.says("connected to broker")
        options = ("--source", "microphone:room", "--broker", broker.url, "--device", "nursery")
        with Hushd("run", *options, environment=room.environment) as hushd, Consumer(broker) as consumer:
            hushd.says("microphone listening")
            room.play(tmp_path / "cry.wav")
            sink.wait_for(lambda pushed: len(pushed) >= 1)
            (event,) = [heard for heard in consumer.heard("/event") if heard.json["rings"]][:1]
            delay_s = sink.pushed()[0].at - event.at
    print(f"\nfrom the event on the broker to the phone: {delay_s:.3f} s")
    assert sink.pushed()[0].type == RING
    assert delay_s < 1.0


def test_it_tells_systemd_that_it_is_ready_and_ends_promptly(tmp_path: Path, broker: Mosquitto, sink: Sink) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        with phone(tmp_path, broker, sink, notify=str(tmp_path / "notify")) as companion:
            assert systemd.recv(1000) == b"READY=1\nSTATUS=watching, 1 push addresses"
            companion.says("connected to broker")
            companion.signal(SIGTERM)
            assert companion.ends(PROMPT_S) == 0


def test_it_ends_promptly_while_broker_and_service_are_away(tmp_path: Path, sink: Sink) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Mosquitto(tmp_path / "mosquitto") as broker:
        config = configuration(tmp_path, sink)
        sink.stop()
        environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
        url = f"mqtt://127.0.0.1:{silent.getsockname()[1]}"
        with Hushd("phone", "--config", config, "--broker", url, environment=environment) as companion:
            companion.says("pushes to first 1 (json)")
            companion.signal(SIGTERM)
            assert companion.ends(PROMPT_S) == 0
        assert broker.port


def test_a_test_message_reaches_every_phone_or_says_why_not(tmp_path: Path, broker: Mosquitto, sink: Sink) -> None:
    with phone(tmp_path, broker, sink, "--test-message") as test:
        assert test.ends(within_s=60) == 0
    assert test.output == "first 1 (json)        ok       has taken the test\n"
    assert [pushed.title for pushed in sink.pushed()] == ["Test of hushd (nursery)"]
    sink.stop()
    with phone(tmp_path, broker, sink, "--test-message") as test:
        assert test.ends(within_s=60) == 75
    assert test.output.startswith("first 1 (json)        PROBLEM  ")
    assert test.output.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "phones", "code", "says"),
    [
        (["--broker", "embedded"], "", 78, "hears the speakers through a broker, not through `embedded`"),
        ([], "push:\n    first: [nope://secret]", 78, "phone.push first 1 (nope): Apprise does not know this nope URL"),
        ([], "push:\n    first: nope://secret", 78, "hushd.yaml:4: phone.push.first must be a list"),
        ([], "serve_page: false", 78, "hushd phone would call nobody: set phone.push.first"),
        (["--test-message"], "serve_page: false", 78, "phone.push names nobody"),
        ([], "devices: [a b]", 78, "hushd.yaml:3: phone.devices must be names"),
        ([], "calling:\n    pause_s: 90", 78, "hushd.yaml:4: phone.calling.pause_s cannot be more than repeat_every_s"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, options: list[str], phones: str, code: int, says: str) -> None:
    (tmp_path / "hushd.yaml").write_text(f"device: nursery\nphone:\n  {phones}\n")
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
    with Hushd("phone", "--config", tmp_path / "hushd.yaml", *options, environment=environment) as companion:
        companion.says(says, timeout_s=60)
        assert companion.ends(within_s=20) == code
    assert companion.output.count("\n") == 1
    assert "secret" not in companion.output


def test_two_companions_do_not_push_everything_twice(tmp_path: Path, broker: Mosquitto, sink: Sink) -> None:
    with phone(tmp_path, broker, sink) as companion:
        companion.says("connected to broker")
        with phone(tmp_path, broker, sink) as second:
            second.says("another hushd is using it", timeout_s=60)
            assert second.ends(within_s=20) == 73
