"""The microphone: failures of devices with a fake device and clock, and the real PortAudio in a virtual room."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edge.audio.capture import Microphone
from edge.audio.devices import BusyMicrophoneError, MissingMicrophoneError
from edge.audio.portaudio import FrameQueue, Frames
from edge.audio.settings import MicrophoneSettings
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray, MicrophoneHealth, MicrophoneState
from tests.support.pulse_audio_room import VirtualRoom

TONE_HERTZ = 440.0


class Clock:
    """Manual clock that advances by each pause."""

    def __init__(self) -> None:
        self.now_s = 5000.0

    def __call__(self) -> float:
        return self.now_s

    def pause(self, stop: threading.Event, seconds: float) -> bool:
        self.now_s += seconds
        return stop.is_set()


@dataclass(frozen=True)
class Phase:
    """Behavior of the device for a number of seconds."""

    seconds: float
    what: str
    """sound, zeros, stuck, clipping, hangs, dies, unplugged, busy, drops (a block in ten) or overflows (likewise)."""


class FakeDevices:
    """A machine with one microphone that passes through a list of phases and sets ``stop`` after the last."""

    def __init__(self, phases: Sequence[Phase], clock: Clock, rate: int = SAMPLE_RATE, channels: int = 1) -> None:
        self.clock = clock
        self.rate = rate
        self.channels = channels
        self.stop = threading.Event()
        self.opened_s: list[float] = []
        self.closed = 0
        self._phases = phases
        self._started_s = clock.now_s

    def now(self) -> tuple[int, str]:
        """Return the index of the current phase, and the phase."""
        left_s = self.clock.now_s - self._started_s + 1e-9
        for number, phase in enumerate(self._phases):
            if left_s < phase.seconds:
                return number, phase.what
            left_s -= phase.seconds
        self.stop.set()
        return len(self._phases), "hangs"

    def open(self, name: str | None, block_seconds: float, queue_seconds: float) -> "FakeInput":
        assert name == "usb"
        assert queue_seconds > block_seconds
        phase, what = self.now()
        if what == "unplugged":
            raise MissingMicrophoneError("no microphone is called 'usb'")
        if what == "busy":
            raise BusyMicrophoneError("arecord (process 812) holds it")
        self.opened_s.append(self.clock.now_s - self._started_s)
        return FakeInput(self, phase, block_seconds)


class FakeInput:
    """The open microphone; after it is unplugged or dies, it stays dead."""

    def __init__(self, devices: FakeDevices, phase: int, block_seconds: float) -> None:
        self.rate = devices.rate
        self._devices = devices
        self._opened_in = phase
        self._frames = round(block_seconds * devices.rate)
        self._heard = 0
        self._dead = False

    def read(self, timeout_s: float) -> Frames | None:
        phase, what = self._devices.now()
        if what in ("unplugged", "busy") or (what == "dies" and phase != self._opened_in):
            self._dead = True
        if self._dead or what in ("hangs", "dies"):
            self._devices.clock.now_s += timeout_s
            return None
        tenth = self._heard // self._frames % 10 == 9
        dropped = self._frames if what == "drops" and tenth else 0
        gap = self._frames if what == "overflows" and tenth else 0
        self._heard += self._frames
        self._devices.clock.now_s += (self._frames + dropped + gap) / self.rate
        return Frames(self._samples(what), self._devices.clock.now_s, dropped, overflowed=gap > 0)

    def close(self) -> None:
        self._devices.closed += 1

    def _samples(self, what: str) -> FloatArray:
        times_s = np.arange(self._heard - self._frames, self._heard) / self.rate
        tone = np.sin(2 * np.pi * TONE_HERTZ * times_s)
        mono = {"zeros": 0.0 * tone, "stuck": 0.0 * tone + 0.125, "clipping": np.clip(4 * tone, -1, 1)}.get(
            what, 0.5 * tone
        )
        return np.repeat(mono.astype(np.float32)[:, None], self._devices.channels, axis=1)


@dataclass
class Recording:
    """All items of a fake microphone."""

    blocks: list[AudioBlock]
    health: list[tuple[float, MicrophoneHealth]]
    devices: FakeDevices

    @property
    def changes(self) -> list[MicrophoneState]:
        states = [health.state for _, health in self.health]
        return [state for index, state in enumerate(states) if index == 0 or state is not states[index - 1]]

    def first_report_s(self, state: MicrophoneState) -> float:
        """Return the time of the first report of a state."""
        return next(at_s for at_s, health in self.health if health.state is state)

    @property
    def samples(self) -> FloatArray:
        return np.concatenate([block.samples for block in self.blocks])


def listen(*phases: Phase, rate: int = SAMPLE_RATE, channels: int = 1) -> Recording:
    clock = Clock()
    devices = FakeDevices(phases, clock, rate, channels)
    heard = Recording([], [], devices)
    with Microphone(MicrophoneSettings("usb"), devices, clock, clock.pause) as microphone:
        for item in microphone.stream(devices.stop):
            if isinstance(item, AudioBlock):
                heard.blocks.append(item)
            else:
                heard.health.append((clock() - 5000.0, item))
    assert devices.closed == len(devices.opened_s), "every opened device is closed"
    position = 0
    for block in heard.blocks:
        position += block.lost_before
        assert block.start_sample == position
        assert len(block.samples) > 0
        assert not block.samples.flags.writeable
        position += len(block.samples)
    return heard


LISTENING, NO_FRAMES, MISSING = MicrophoneState.LISTENING, MicrophoneState.NO_FRAMES, MicrophoneState.MISSING


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (48_000, 6)])
def test_sound_arrives_at_16_khz_mono(rate: int, channels: int) -> None:
    heard = listen(Phase(10, "sound"), rate=rate, channels=channels)

    times_s = np.arange(len(heard.samples)) / SAMPLE_RATE
    assert times_s[-1] == pytest.approx(10, abs=0.05)
    inner = slice(SAMPLE_RATE // 10, -SAMPLE_RATE // 10)
    np.testing.assert_allclose(heard.samples[inner], 0.5 * np.sin(2 * np.pi * TONE_HERTZ * times_s)[inner], atol=2e-3)
    assert heard.changes[0] is LISTENING
    assert all(block.lost_before == 0 for block in heard.blocks)


def test_a_stopped_callback_is_detected_and_the_device_opened_again() -> None:
    heard = listen(Phase(20, "sound"), Phase(6, "dies"), Phase(20, "sound"))

    assert heard.changes[:3] == [LISTENING, NO_FRAMES, LISTENING]
    assert heard.first_report_s(NO_FRAMES) == pytest.approx(24, abs=0.5)
    assert len(heard.devices.opened_s) >= 2


def test_stream_time_keeps_up_with_the_clock_while_the_device_is_away() -> None:
    heard = listen(Phase(20, "sound"), Phase(40, "unplugged"), Phase(20, "sound"))

    assert sum(block.lost_before for block in heard.blocks) == pytest.approx(40 * SAMPLE_RATE, abs=6 * SAMPLE_RATE)
    last = heard.blocks[-1]
    assert (last.start_sample + len(last.samples)) / SAMPLE_RATE == pytest.approx(80, abs=0.2)
    assert heard.health[-1][1].lost_samples == sum(block.lost_before for block in heard.blocks)


def test_unplugged_and_plugged_in_again() -> None:
    heard = listen(Phase(20, "sound"), Phase(300, "unplugged"), Phase(20, "sound"))

    assert heard.changes[:4] == [LISTENING, NO_FRAMES, MISSING, LISTENING]
    assert heard.first_report_s(NO_FRAMES) < 30
    assert 320 <= heard.devices.opened_s[-1] <= 326, "tried again every 5 s"
    assert "usb" in next(health.detail for _, health in heard.health if health.state is MISSING)


def test_a_microphone_that_appears_late_is_used() -> None:
    heard = listen(Phase(30, "unplugged"), Phase(10, "sound"))

    assert heard.changes[:2] == [MISSING, LISTENING]
    assert heard.blocks[0].start_sample == 0, "stream time begins with the first sound"


def test_a_busy_microphone_is_used_once_it_is_free() -> None:
    heard = listen(Phase(30, "busy"), Phase(10, "sound"))

    assert heard.changes[:2] == [MicrophoneState.BUSY, LISTENING]
    assert "arecord" in heard.health[0][1].detail


def test_health_comes_every_second_while_no_audio_comes() -> None:
    heard = listen(Phase(20, "hangs"), Phase(20, "unplugged"), Phase(20, "busy"))

    assert max(np.diff([at_s for at_s, _ in heard.health])) <= 1.0


@pytest.mark.parametrize(
    ("what", "state"),
    [
        ("zeros", MicrophoneState.SILENT),
        ("stuck", MicrophoneState.STUCK),
        ("clipping", MicrophoneState.CLIPPING),
    ],
)
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_a_deaf_microphone_is_reported_within_ten_seconds_and_recovers(
    what: str, state: MicrophoneState, rate: int
) -> None:
    heard = listen(Phase(20, "sound"), Phase(30, what), Phase(20, "sound"), rate=rate)

    assert heard.changes[:3] == [LISTENING, state, LISTENING]
    assert 28 <= heard.first_report_s(state) <= 30
    healed_s = [at_s for at_s, health in heard.health if health.state is LISTENING][1]
    assert healed_s == pytest.approx(50.1, abs=0.15)
    assert len(heard.samples) == pytest.approx(70 * SAMPLE_RATE, abs=1600), "the blocks go on meanwhile"


def test_a_silent_device_is_opened_again_at_intervals() -> None:
    heard = listen(Phase(700, "zeros"))

    assert heard.devices.opened_s == pytest.approx([0, 300, 600], abs=0.5)


def test_a_full_queue_is_counted_exactly() -> None:
    heard = listen(Phase(22, "drops"))

    lost = [block.lost_before for block in heard.blocks if block.lost_before]
    assert lost == [1600] * 20


def test_an_overflow_of_the_device_is_measured_by_the_clock() -> None:
    heard = listen(Phase(22, "overflows"), rate=48_000)

    lost = [block.lost_before for block in heard.blocks if block.lost_before]
    assert lost == pytest.approx([1600] * 20, abs=1)
    last = heard.blocks[-1]
    assert (last.start_sample + len(last.samples)) / SAMPLE_RATE == pytest.approx(22, abs=0.05)


def test_stop_ends_the_stream_while_no_device_is_there() -> None:
    stop = threading.Event()
    devices = FakeDevices([Phase(1e6, "unplugged")], Clock())
    with Microphone(MicrophoneSettings("usb"), devices) as microphone:
        for _ in microphone.stream(stop):
            stop.set()  # the real pause must end at once


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: MicrophoneSettings(block_seconds=0.0),
        lambda: MicrophoneSettings(queue_seconds=1e3),
        lambda: MicrophoneSettings(no_frames_seconds=0.1),
        lambda: MicrophoneSettings(deaf_seconds=-1.0),
        lambda: MicrophoneSettings(reopen_silent_seconds=float("nan")),
        lambda: MicrophoneSettings(retry_seconds=0.0),
        lambda: MicrophoneSettings(name="  "),
    ],
)
def test_settings_out_of_range_are_rejected(wrong: Callable[[], MicrophoneSettings]) -> None:
    with pytest.raises(ValueError, match="must"):
        wrong()


def test_the_queue_delivers_frames_and_counts_those_that_do_not_fit() -> None:
    frames = FrameQueue(max_blocks=2)
    for value in range(5):
        frames.put(np.full((10, 1), value, np.float32), overflowed=value == 3)

    first, second = frames.get(0), frames.get(0)
    frames.put(np.full((10, 1), 9, np.float32), overflowed=False)
    third, none = frames.get(0), frames.get(0)

    assert first is not None
    assert second is not None
    assert third is not None
    assert [float(each.samples[0, 0]) for each in (first, second, third)] == [0, 1, 9]
    assert [each.dropped_frames for each in (first, second, third)] == [0, 0, 30]
    assert [each.overflowed for each in (first, second, third)] == [False, False, True], "even if the block was dropped"
    assert none is None


LISTENER = """
import json, signal, sys, threading
import numpy as np
from edge.audio.capture import Microphone, MicrophoneSettings
from edge.records import AudioBlock

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
with Microphone(MicrophoneSettings(sys.argv[1], queue_seconds=1.0)) as microphone:
    for item in microphone.stream(stop):
        if isinstance(item, AudioBlock):
            spectrum = np.abs(np.fft.rfft(item.samples))
            said = {"rms": float(np.sqrt(np.mean(item.samples**2))), "start": item.start_sample,
                    "lost_before": item.lost_before, "hertz": int(np.argmax(spectrum) * 16000 / len(item.samples))}
        else:
            said = {"state": item.state, "detail": item.detail, "lost_samples": item.lost_samples}
        print(json.dumps(said), flush=True)
"""


class Listener:
    """A process that records with the real PortAudio, so that a crash in a driver does not end pytest."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", LISTENER, name],
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            cwd=Path(__file__).parents[3],
        )

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first matching item; the test's timeout limits the wait."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            print(line, end="")  # pytest shows it where the test fails
            said: dict[str, Any] = json.loads(line)
            if wanted(said):
                return said
        pytest.fail(f"the listener ended with {self._process.wait()}")

    def until_state(self, *states: MicrophoneState) -> dict[str, Any]:
        return self.until(lambda said: said.get("state") in states)

    def until_sound(self) -> dict[str, Any]:
        return self.until(lambda said: said.get("rms", 0.0) > 0.3)

    def end(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=10)
        return self._process.returncode

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def room() -> Iterator[VirtualRoom]:
    with VirtualRoom() as room:
        yield room


@pytest.fixture
def listen_to(room: VirtualRoom) -> Iterator[Callable[[str], Listener]]:
    listeners: list[Listener] = []

    def start(name: str) -> Listener:
        listeners.append(Listener(name, room.environment))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.kill()


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    times_s = np.arange(60 * SAMPLE_RATE) / SAMPLE_RATE
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * TONE_HERTZ * times_s), SAMPLE_RATE)
    return path


@pytest.mark.real
@pytest.mark.timeout(60)
def test_portaudio_records_a_tone(room: VirtualRoom, listen_to: Callable[[str], Listener], tone: Path) -> None:
    listener = listen_to("ROOM")
    listener.until_state(LISTENING)

    room.start_playing(tone)
    listener.until_sound()
    said = listener.until_sound()

    assert said["hertz"] == pytest.approx(TONE_HERTZ, abs=10)
    assert said["rms"] == pytest.approx(0.5 / np.sqrt(2), abs=0.05)
    assert listener.end() == 0


@pytest.mark.real
@pytest.mark.timeout(120)
def test_portaudio_recovers_when_the_sound_server_was_killed(
    room: VirtualRoom, listen_to: Callable[[str], Listener], tone: Path
) -> None:
    listener = listen_to("room")
    room.start_playing(tone)
    listener.until_sound()

    room.kill()
    listener.until_state(NO_FRAMES, MISSING)
    room.start()
    back = listener.until(lambda said: said.get("lost_before", 0) > 0)
    room.start_playing(tone)
    listener.until_sound()

    assert back["lost_before"] > SAMPLE_RATE
    assert listener.end() == 0


@pytest.mark.real
@pytest.mark.timeout(60)
def test_a_flooded_queue_loses_only_counted_frames(
    room: VirtualRoom, listen_to: Callable[[str], Listener], tone: Path
) -> None:
    raw = soundfile.read(tone, dtype="int16")[0].tobytes()
    (room.folder / "tone.raw").write_bytes(raw)
    with room.alsa_config.open("a") as config:  # ALSA's file plugin has no clock and reads as fast as possible
        config.write(
            f"pcm.filemic {{ type plug slave {{ format S16_LE rate 16000 channels 1 pcm {{ type file slave.pcm null"
            f' file "/dev/null" infile "{room.folder}/tone.raw" format "raw" }} }} }}\n'
        )

    listener = listen_to("filemic")
    listener.until_sound()
    said = listener.until(lambda said: said.get("lost_before", 0) > 0)

    assert said["lost_before"] % 1600 == 0
    assert said["rms"] == pytest.approx(0.5 / np.sqrt(2), abs=0.05)
    assert listener.end() == 0


@pytest.mark.real
@pytest.mark.timeout(60)
def test_an_unknown_name_lists_the_microphones(listen_to: Callable[[str], Listener]) -> None:
    listener = listen_to("nursery")

    said = listener.until_state(MISSING)

    assert "'nursery'" in said["detail"]
    assert "room" in said["detail"]
    assert listener.end() == 0
