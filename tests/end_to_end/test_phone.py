"""``hushd phone`` as a process: from sound to the push, signals, and problems in one line."""

import math
import os
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGTERM
from typing import Any

import numpy as np
import pytest
import soundfile

from edge.records import SAMPLE_RATE
from tests.support.http_sink import RING, ReceivedPush, Sink
from tests.support.hushd_process import Hushd
from tests.support.mosquitto import Consumer, Mosquitto
from tests.support.pulse_audio_room import VirtualRoom
from tests.support.real_scenes import Clips, cry_in_a_quiet_room
from tests.support.recordings import quiet_then_loud
from training.storage.paths import DataError, find_data

pytestmark = pytest.mark.real

PROMPT_S = 2.0
EPISODES = int(os.environ.get("HUSHD_TEST_EPISODES", "2"))
MOST_ROOMS = 5
QUIET_S, CRY_S = 13.0, 13.0
"""Of each episode in a room: quiet for so long that the one before is over, and the parents may be rung again."""
FIRST_S = 6.0
"""Of the first; one room begins a second after another."""


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


def test_a_cry_in_a_recording_reaches_the_phone(tmp_path: Path, model: Path, broker: Mosquitto, sink: Sink) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 1, 8)
    options = ("--model", model, "--device", "nursery", "--broker", broker.url)
    with phone(tmp_path, broker, sink) as companion:
        companion.says("connected to broker")
        with Hushd("run", "--source", recording, *options) as hushd:
            sink.wait_for(lambda pushed: len(pushed) == 1, timeout_s=30)
            assert hushd.ends(within_s=25) == 0
        (cry,) = sink.pushes()
        assert (cry.type, cry.title) == (RING, "The baby cries (nursery)")
        assert cry.message.startswith("crying for ")


@pytest.mark.data
@pytest.mark.timeout(60 + 30 * EPISODES)
def test_cries_in_rooms_reach_the_phone_within_a_second(tmp_path: Path, broker: Mosquitto, sink: Sink) -> None:
    """The shipped model on real sound from real microphones, in real time; prints the delays (pytest -s)."""
    try:
        clips = Clips(find_data())
    except DataError as error:
        pytest.skip(str(error))
    with ExitStack() as stack:
        stack.enter_context(phone(tmp_path, broker, sink)).says("connected to broker")
        consumer = stack.enter_context(Consumer(broker))
        rooms = [stack.enter_context(VirtualRoom()) for _ in range(min(EPISODES, MOST_ROOMS))]
        names = [f"room-{number}" for number in range(len(rooms))]
        speakers = [stack.enter_context(listening(tmp_path, broker, *each)) for each in zip(rooms, names, strict=True)]
        for speaker in speakers:
            speaker.says("microphone listening", timeout_s=60)
        for number, room in enumerate(rooms):
            cries = [
                cry_in_a_quiet_room(clips, FIRST_S + number if cry == number else QUIET_S, CRY_S, skip_s=cry * CRY_S)
                for cry in range(number, EPISODES, len(rooms))
            ]
            soundfile.write(tmp_path / f"{number}.wav", np.concatenate(cries), SAMPLE_RATE)
            room.start_playing(tmp_path / f"{number}.wav")
        sink.wait_for(lambda pushed: sum(each.type == RING for each in pushed) >= EPISODES, 60 + 30 * EPISODES)
        decided = [heard.json for heard in consumer.heard("/event") if heard.json["rings"]]
    delays_s = sorted(delay_s(push, decided) for push in sink.pushes(kind=RING))
    p95_s = delays_s[math.ceil(0.95 * len(delays_s)) - 1]
    print(f"\nfrom the decision to the phone, {len(delays_s)} cries in {len(rooms)} rooms: ", end="")
    print(f"median {statistics.median(delays_s):.3f} s, p95 {p95_s:.3f} s, longest {delays_s[-1]:.3f} s")
    assert p95_s < 1.0


def listening(tmp_path: Path, broker: Mosquitto, room: VirtualRoom, device: str) -> Hushd:
    """Run a hushd in a room, with a short quiet time."""
    path = tmp_path / "quick.yaml"
    path.write_text("decision: {quiet_s: 6}\n")
    options = ("--config", path, "--source", "microphone:room", "--broker", broker.url, "--device", device)
    return Hushd("run", *options, environment=room.environment)


def delay_s(push: ReceivedPush, decided: list[dict[str, Any]]) -> float:
    """Return the seconds from the decision to the push, by the last decision of its speaker before it."""
    pushed_at = datetime.now(UTC) - timedelta(seconds=time.monotonic() - push.at)
    times = [datetime.fromisoformat(event["at"]) for event in decided if f"({event['device']})" in push.title]
    return min((pushed_at - at).total_seconds() for at in times if at <= pushed_at)


def test_it_notifies_systemd_and_ends_promptly(tmp_path: Path, broker: Mosquitto, sink: Sink) -> None:
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


def test_a_test_message_reaches_every_phone_or_gives_the_reason(tmp_path: Path, broker: Mosquitto, sink: Sink) -> None:
    with phone(tmp_path, broker, sink, "--test-message") as test:
        assert test.ends(within_s=60) == 0
    assert test.output == "first 1 (json)        ok       has taken the test\n"
    assert [pushed.title for pushed in sink.pushes()] == ["Test of hushd (nursery)"]
    sink.stop()
    with phone(tmp_path, broker, sink, "--test-message") as test:
        assert test.ends(within_s=60) == 75
    assert test.output.startswith("first 1 (json)        PROBLEM  ")
    assert test.output.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "phones", "code", "says"),
    [
        (["--broker", "embedded"], "", 78, "not `embedded`: set broker.url"),
        ([], "push:\n    first: [nope://secret]", 78, "phone.push first 1 (nope): Apprise does not know this nope URL"),
        ([], "push:\n    first: nope://secret", 78, "hushd.yaml:4: phone.push.first must be a list"),
        ([], "serve_page: false", 78, ": set phone.push.first, or phone.serve_page"),
        (["--test-message"], "serve_page: false", 78, "set phone.push.first to a list"),
        ([], "devices: [a b]", 78, "hushd.yaml:3: phone.devices must be names"),
        (
            [],
            "calling:\n    pause_s: 90",
            78,
            "hushd.yaml:4: phone.calling.pause_s must be at most repeat_every_s (60), is 90",
        ),
    ],
)
def test_a_problem_is_one_line(tmp_path: Path, options: list[str], phones: str, code: int, says: str) -> None:
    (tmp_path / "hushd.yaml").write_text(f"device: nursery\nphone:\n  {phones}\n")
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
    with Hushd("phone", "--config", tmp_path / "hushd.yaml", *options, environment=environment) as companion:
        companion.says(says, timeout_s=60)
        assert companion.ends(within_s=20) == code
    assert companion.output.count("\n") == 1
    assert "secret" not in companion.output


def test_a_second_companion_does_not_start(tmp_path: Path, broker: Mosquitto, sink: Sink) -> None:
    with phone(tmp_path, broker, sink) as companion:
        companion.says("connected to broker")
        with phone(tmp_path, broker, sink) as second:
            second.says("another hushd is using it", timeout_s=60)
            assert second.ends(within_s=20) == 73
