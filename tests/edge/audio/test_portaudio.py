"""The PortAudio adapter on a fake library, with sound cards that test machines lack."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edge.audio.devices import BusyMicrophoneError, MissingMicrophoneError
from edge.audio.portaudio import DEVICE_UNAVAILABLE, INVALID_CHANNEL_COUNT, INVALID_SAMPLE_RATE, PortAudio
from edge.records import FloatArray

NOT_IN_HARDWARE = -9999


class FakeError(Exception):
    """An error of sounddevice: a text and PortAudio's code."""


@dataclass
class Card:
    """A sound card and the formats that it accepts."""

    name: str = "USB PnP Sound Device: Audio (hw:1,0)"
    rates: Sequence[int] = (44_100, 48_000)
    channels: Sequence[int] = (1,)
    fails_with: int | None = None
    inputs: int = 1


@dataclass
class FakeLibrary:
    """Fake of the part of sounddevice that hushd uses."""

    cards: list[Card]
    calls: list[str] = field(default_factory=list)
    streams: list["FakeStream"] = field(default_factory=list)
    starts: bool = True
    PortAudioError: type[Exception] = FakeError
    _initialized: int = 1

    @property
    def default(self) -> SimpleNamespace:
        return SimpleNamespace(device=(len(self.cards) - 1, -1))

    def query_devices(self, index: int) -> dict[str, Any]:
        if index >= len(self.cards):
            raise FakeError(f"Error querying device {index}")
        card = self.cards[index]
        return {
            "index": index,
            "name": card.name.encode("utf-8", "surrogateescape").decode("utf-8"),
            "max_input_channels": card.inputs and max(card.channels),
            "default_samplerate": 48_000.0,
        }

    def InputStream(self, **options: Any) -> "FakeStream":  # noqa: N802 # sounddevice's name
        self.streams.append(FakeStream(self.cards[options["device"]], options))
        return self.streams[-1]

    def _terminate(self) -> None:
        self.calls.append("terminate")
        self._initialized -= 1

    def _initialize(self) -> None:
        self.calls.append("initialize")
        if not self.starts:
            raise FakeError("Error initializing PortAudio: host error", NOT_IN_HARDWARE)
        self._initialized += 1


class FakeStream:
    """A stream that fails to open like PortAudio's, or calls back on demand."""

    def __init__(self, card: Card, options: dict[str, Any]) -> None:
        self.options = options
        self.closed = False
        for refused, code in (
            (card.fails_with is not None, card.fails_with),
            (options["samplerate"] not in card.rates, INVALID_SAMPLE_RATE),
            (options["channels"] not in card.channels, INVALID_CHANNEL_COUNT),
        ):
            if refused:
                raise FakeError("Error opening InputStream", code)

    def start(self) -> None:
        pass

    def close(self, ignore_errors: bool) -> None:
        assert ignore_errors
        self.closed = True

    def call_back(self, samples: FloatArray, overflowed: bool = False) -> None:
        heard: Callable[..., None] = self.options["callback"]
        heard(samples, len(samples), None, SimpleNamespace(input_overflow=overflowed))


def portaudio(*cards: Card) -> tuple[PortAudio, FakeLibrary]:
    library = FakeLibrary(list(cards))
    return PortAudio(library), library


@pytest.mark.parametrize(
    ("card", "rate", "channels"),
    [
        (Card(rates=[16_000, 48_000]), 16_000, 1),
        (Card(rates=[48_000]), 48_000, 1),
        (Card(rates=[48_000], channels=[2]), 48_000, 2),
    ],
)
def test_a_card_is_opened_as_near_to_16_khz_mono_as_possible(card: Card, rate: int, channels: int) -> None:
    cards, library = portaudio(card)

    device = cards.open(None, block_seconds=0.1, queue_seconds=5.0)

    assert device.rate == rate
    options = library.streams[-1].options
    assert options["channels"] == channels
    assert options["blocksize"] == rate // 10


def test_frames_come_through_the_queue_as_copies_and_bounded() -> None:
    cards, library = portaudio(Card())
    device = cards.open("pnp", block_seconds=0.1, queue_seconds=1.0)
    buffer = np.array([[0.5], [np.nan], [np.inf], [-7.0]], np.float32)

    library.streams[-1].call_back(buffer, overflowed=True)
    buffer[:] = 0.0
    frames = device.read(0)

    assert frames is not None
    assert frames.overflowed
    np.testing.assert_array_equal(frames.samples[:, 0], [0.5, 0.0, 1.0, -1.0])
    assert device.read(0) is None
    for _ in range(12):
        library.streams[-1].call_back(buffer)
    assert [device.read(0) is None for _ in range(11)] == [False] * 10 + [True]


def test_portaudio_is_initialized_again_before_every_further_open() -> None:
    cards, library = portaudio()
    with pytest.raises(MissingMicrophoneError, match="no microphone found"):
        cards.open("pnp", 0.1, 5.0)
    assert library.calls == []

    library.cards.append(Card())
    cards.open("pnp", 0.1, 5.0).close()

    assert library.calls == ["terminate", "initialize"]
    assert library.streams[-1].closed


def test_a_portaudio_that_does_not_start_is_tried_again() -> None:
    cards, library = portaudio(Card())
    cards.open(None, 0.1, 5.0).close()
    library.starts = False
    for _ in range(2):
        with pytest.raises(MissingMicrophoneError, match="PortAudio does not start"):
            cards.open(None, 0.1, 5.0)

    library.starts = True
    cards.open(None, 0.1, 5.0).close()

    assert library.calls == ["terminate", "initialize", "initialize", "initialize"]


def test_a_busy_card_is_busy() -> None:
    cards, _ = portaudio(Card(fails_with=DEVICE_UNAVAILABLE))

    with pytest.raises(BusyMicrophoneError, match="USB PnP"):
        cards.open("usb", 0.1, 5.0)


@pytest.mark.parametrize("card", [Card(fails_with=NOT_IN_HARDWARE), Card(rates=[]), Card(channels=[2], rates=[8000])])
def test_a_card_that_cannot_be_opened_gives_the_reason(card: Card) -> None:
    cards, _ = portaudio(card)

    with pytest.raises(MissingMicrophoneError, match=r"cannot open the microphone USB PnP.*Error opening InputStream"):
        cards.open("usb", 0.1, 5.0)


def test_only_recording_devices_are_listed() -> None:
    cards, _ = portaudio(Card("HDMI", inputs=0), Card("USB"), Card("default", channels=[1, 32]))

    assert [(each.name, each.channels, each.rate, each.is_default) for each in cards.devices()] == [
        ("USB", 1, 48_000, False),
        ("default", 32, 48_000, True),
    ]


def test_a_device_with_an_invalid_name_does_not_hide_the_others() -> None:
    cards = [Card("bad \udcff"), Card("USB microphone")]
    found = PortAudio(FakeLibrary(cards)).devices()
    assert [(device.index, device.name) for device in found] == [(1, "USB microphone")]


def run(code: str, *, sounddevice: str, folder: Path) -> str:
    """Return the output of a Python process with this sounddevice module."""
    (folder / "sounddevice.py").write_text(sounddevice)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    repository = Path(__file__).parents[3]
    return subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=repository, text=True)


@pytest.mark.parametrize(
    ("sounddevice", "line"),
    [
        ('raise OSError("PortAudio library not found")', "PortAudio is not installed: apt install libportaudio2"),
        (
            "class PortAudioError(Exception): pass\nraise PortAudioError('Error initializing PortAudio: [-9999]')",
            "PortAudio does not start: Error initializing PortAudio: [-9999]",
        ),
    ],
)
def test_a_missing_or_broken_portaudio_is_one_line(tmp_path: Path, sounddevice: str, line: str) -> None:
    code = """
import sys, threading
from edge.audio.capture import Microphone, MicrophoneSettings
from edge.errors import MicrophoneError
with Microphone(MicrophoneSettings()) as microphone:
    try:
        next(microphone.stream(threading.Event()))
    except MicrophoneError as error:
        print(error)
"""

    assert run(code, sounddevice=sounddevice, folder=tmp_path) == f"{line}\n"


def test_replay_needs_no_portaudio(tmp_path: Path) -> None:
    code = "import edge.audio.recordings, edge.audio.capture; print('fine')"

    assert run(code, sounddevice="raise SystemExit('loaded')", folder=tmp_path) == "fine\n"
