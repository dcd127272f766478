"""``hushd check``: one line for each part, and the exit code of the first problem."""

from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.app.check import check, check_broker, check_microphone
from edge.audio.sources import Item, Source
from edge.config.configuration import Configuration
from edge.errors import BrokerError, ConfigurationError, MicrophoneError
from edge.mqtt.settings import BrokerSettings
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray, MicrophoneHealth, MicrophoneState
from tests.support.mosquitto import PASSWORD, USERNAME, Mosquitto


def items(given: Iterable[Item]) -> Generator[Item, None, None]:
    yield from given


def usable_microphone(samples: FloatArray) -> Generator[Item, None, None]:
    """Yield the samples in blocks of 0.1 s, after the report of a listening microphone."""
    step = SAMPLE_RATE // 10
    yield MicrophoneHealth(MicrophoneState.LISTENING, "listening", 0)
    for start in range(0, len(samples), step):
        yield AudioBlock(samples[start : start + step], start)


def noise(rms: float) -> FloatArray:
    return np.random.default_rng(0).normal(0, rms, 3 * SAMPLE_RATE).clip(-1, 1).astype(np.float32)


def test_a_working_microphone_shows_its_level() -> None:
    assert check_microphone(usable_microphone(noise(0.001))) == "hears the room at -60 dBFS"


@pytest.mark.parametrize(
    ("samples", "problem"),
    [
        (noise(0), "delivers digital silence: switch it on, unmute it"),
        (noise(0) + np.float32(0.25), "repeats one value: unplug it"),
        (noise(5), "is overdriven: turn its level down"),
        (noise(0.0001), r"is too quiet \(-80 dBFS\): turn its level up"),
    ],
)
def test_a_deaf_microphone_is_named_with_its_remedy(samples: FloatArray, problem: str) -> None:
    with pytest.raises(MicrophoneError, match=problem):
        check_microphone(usable_microphone(samples))


@pytest.mark.parametrize("state", [MicrophoneState.MISSING, MicrophoneState.BUSY, MicrophoneState.NO_FRAMES])
def test_a_microphone_without_sound_gives_the_reason(state: MicrophoneState) -> None:
    with pytest.raises(MicrophoneError, match="arecord holds it"):
        check_microphone(items([MicrophoneHealth(state, "arecord holds it", 0)]))


@pytest.mark.real
def test_a_broker_that_accepts_the_connection(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, password=True) as mosquitto:
        settings = BrokerSettings(mosquitto.url, USERNAME, PASSWORD)
        assert check_broker(settings, "nursery") == f"localhost:{mosquitto.port} accepts the connection"
        with pytest.raises(BrokerError, match=r"user name or password|not authorized"):
            check_broker(replace(settings, password="wrong"), "nursery")


def test_no_broker_and_the_embedded_one() -> None:
    assert check_broker(BrokerSettings("none"), "nursery").startswith("none: events are printed only")
    assert check_broker(BrokerSettings("embedded"), "nursery") == "embedded: starts with hushd"


@pytest.fixture
def quiet_room() -> Source:
    return Source(lambda _: "a fake", lambda *_: usable_microphone(noise(0.001)))


def test_each_part_has_a_line_and_the_first_problem_sets_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet_room: Source
) -> None:
    configuration = Configuration(device="nursery", model=tmp_path / "gone.onnx", broker=BrokerSettings("none"))
    assert check(lambda: configuration, quiet_room) == 65
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "configuration  ok       device nursery"
    assert lines[1].startswith(f"model          PROBLEM  model {tmp_path}/gone.onnx not found: ")
    assert lines[2] == "microphone     ok       hears the room at -60 dBFS"
    assert lines[3].startswith("broker         ok       none: ")


def test_a_broken_configuration_ends_the_check(capsys: pytest.CaptureFixture[str], quiet_room: Source) -> None:
    def read() -> Configuration:
        raise ConfigurationError("hushd.yaml:3: unknown key `x`")

    assert check(read, quiet_room) == 78
    assert capsys.readouterr().out == "configuration  PROBLEM  hushd.yaml:3: unknown key `x`\n"
