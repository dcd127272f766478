"""The main function on real sound: a room, a microphone, hushd, a real broker, and the events for phones."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGTERM

import pytest
import soundfile

from edge.records import SAMPLE_RATE
from tests.support.hushd_process import Hushd
from tests.support.mosquitto import Consumer, Mosquitto
from tests.support.pulse_audio_room import VirtualRoom
from tests.support.real_scenes import Clips, cry_in_a_quiet_room, soothed_from_the_start
from training.storage.paths import DataError, find_data

pytestmark = [pytest.mark.real, pytest.mark.data]

QUIET_S, CRY_S, SOOTHED_S = 8.0, 30.0, 62.0


@pytest.fixture(scope="module")
def clips() -> Clips:
    try:
        return Clips(find_data())
    except DataError as error:
        pytest.skip(str(error))


@pytest.fixture
def room() -> Iterator[VirtualRoom]:
    with VirtualRoom() as room:
        yield room


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture
def hushd(room: VirtualRoom, broker: Mosquitto) -> Iterator[Hushd]:
    """Run hushd in the room with the shipped model and the default settings."""
    options = ("--source", "microphone:room", "--broker", broker.url, "--device", "nursery")
    with Hushd("run", *options, environment=room.environment) as hushd:
        hushd.says("microphone listening")
        yield hushd


def kinds(consumer: Consumer) -> list[str]:
    return [heard.json["kind"] for heard in consumer.heard("hushd/nursery/event")]


def test_a_cry_rings_once_and_quickly(
    room: VirtualRoom, broker: Mosquitto, hushd: Hushd, clips: Clips, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "cry.wav", cry_in_a_quiet_room(clips, QUIET_S, CRY_S), SAMPLE_RATE)
    with Consumer(broker) as consumer:
        onset, onset_s = datetime.now(UTC) + timedelta(seconds=QUIET_S), time.monotonic() + QUIET_S
        room.play(tmp_path / "cry.wav")

        assert kinds(consumer) == ["cry_started"], hushd.output
        (started,) = consumer.heard("hushd/nursery/event")
        assert abs(datetime.fromisoformat(started.json["onset"]) - onset) <= timedelta(seconds=3)
        assert 0 < started.at - onset_s <= 10
        assert started.json["rings"] is True
        assert "RING  cry started" in hushd.output

    hushd.signal(SIGTERM)
    assert hushd.ends(within_s=2) == 0


def test_a_soothed_cry_does_not_ring(
    room: VirtualRoom, broker: Mosquitto, hushd: Hushd, clips: Clips, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "soothed.wav", soothed_from_the_start(clips, SOOTHED_S), SAMPLE_RATE)
    with Consumer(broker) as consumer:
        room.play(tmp_path / "soothed.wav")
        assert "cry_started" not in kinds(consumer), hushd.output
        states = {heard.json["state"] for heard in consumer.heard("hushd/nursery/state")}
    assert "soothed" in states, f"it did not hear the baby at all: {states}"
