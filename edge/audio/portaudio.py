"""PortAudio: the one file that touches sound hardware. Its callback runs in PortAudio's own thread and only fills a
bounded queue; whoever reads learns what did not fit.
"""

import importlib
import itertools
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.audio.devices import BusyMicrophoneError, InputDevice, MissingMicrophoneError, busy, held_cards, pick
from edge.errors import MicrophoneError
from edge.records import SAMPLE_RATE, FloatArray

BUFFERED_BLOCKS = 4
"""Blocks the device itself may hold back for a callback that is late."""

# PortAudio's error codes, portaudio.h
INVALID_SAMPLE_RATE = -9997
INVALID_CHANNEL_COUNT = -9998
DEVICE_UNAVAILABLE = -9985


@dataclass(frozen=True, slots=True)
class Frames:
    """What one callback brought."""

    samples: FloatArray
    """float32 [n, channels], -1..1, at the device's rate."""
    arrived_s: float
    """When, on the monotonic clock: the end of these frames."""
    dropped_frames: int = 0
    """Frames the queue had no room for just before these."""
    overflowed: bool = False
    """Whether the device itself lost sound before these; it does not tell how much."""


class FrameQueue:
    """A bounded queue of frames from one thread to another: what does not fit is counted, never waited for."""

    def __init__(self, most_blocks: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._queue: queue.Queue[Frames] = queue.Queue(most_blocks)
        self._clock = clock
        self._dropped_frames = 0
        self._overflowed = False

    def put(self, samples: FloatArray, overflowed: bool) -> None:
        """Add frames, or count them as dropped; called by one thread only."""
        overflowed = overflowed or self._overflowed
        try:
            self._queue.put_nowait(Frames(samples, self._clock(), self._dropped_frames, overflowed))
        except queue.Full:
            self._dropped_frames += len(samples)
            self._overflowed = overflowed
        else:
            self._dropped_frames = 0
            self._overflowed = False

    def get(self, timeout_s: float) -> Frames | None:
        """The oldest frames, waited for so long; None if none came."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None


class PortAudioInput:
    """An open device."""

    def __init__(self, stream: Any, frames: FrameQueue, rate: int) -> None:
        self.rate = rate
        self._stream = stream
        self._frames = frames

    def read(self, timeout_s: float) -> Frames | None:
        """The next frames, or None if none came within the timeout. A dead device gives None for ever."""
        return self._frames.get(timeout_s)

    def close(self) -> None:
        """Close the device, whatever state it is in."""
        self._stream.close(ignore_errors=True)


class PortAudio:
    """The machine's microphones. Only now is the library loaded: replaying recordings needs no PortAudio."""

    def __init__(self, library: Any = None) -> None:
        """Without ``library``, a stand-in for tests, it is sounddevice."""
        self._library = library or _sounddevice()
        self._stale = False

    def devices(self) -> list[InputDevice]:
        """The devices that record, as PortAudio saw them when it was initialized."""
        default = self._library.default.device[0]
        return [
            InputDevice(
                index=found["index"],
                name=found["name"],
                channels=found["max_input_channels"],
                rate=round(found["default_samplerate"]),
                is_default=found["index"] == default,
            )
            for found in self._query()
            if found["max_input_channels"] > 0
        ]

    def _query(self) -> Iterator[dict[str, Any]]:
        """Every device that has a name: one whose name is not UTF-8 could not be opened either."""
        for index in itertools.count():
            try:
                yield self._library.query_devices(index)
            except UnicodeDecodeError:
                continue
            except self._library.PortAudioError:  # there are no more
                return

    def open(self, name: str | None, block_seconds: float, queue_seconds: float) -> PortAudioInput:
        """Open the device of that name, at 16 kHz mono if it can; raises the MicrophoneError that tells why not."""
        try:
            self._look_again()
            device = pick(self.devices(), name)
        except MissingMicrophoneError as missing:
            raise (busy(name, held_cards()) or missing) from None  # PortAudio does not list a card that is held
        except self._library.PortAudioError as error:
            raise MissingMicrophoneError(f"PortAudio does not start: {error.args[0]}") from None
        reason = ""
        for rate, channels in ((SAMPLE_RATE, 1), (device.rate, 1), (device.rate, device.channels)):
            frames = FrameQueue(max(1, round(queue_seconds / block_seconds)))
            try:
                return PortAudioInput(self._start(device, rate, channels, block_seconds, frames.put), frames, rate)
            except self._library.PortAudioError as error:
                reason, code = error.args[0], (*error.args, 0)[1]
            if code == DEVICE_UNAVAILABLE:
                other = BusyMicrophoneError(f"{device.name} is busy: another program holds it")
                raise (busy(device.name, held_cards()) or other) from None
            if code not in (INVALID_SAMPLE_RATE, INVALID_CHANNEL_COUNT):
                break
        raise MissingMicrophoneError(f"cannot open the microphone {device.name}: {reason}")

    def _start(
        self,
        device: InputDevice,
        rate: int,
        channels: int,
        block_seconds: float,
        put: Callable[[FloatArray, bool], None],
    ) -> Any:
        def heard(samples: FloatArray, _count: int, _time: Any, status: Any) -> None:
            # a broken driver or ALSA plugin may give what is no sample; nothing behind this line has to fear that
            put(np.nan_to_num(np.clip(samples, -1.0, 1.0), copy=False), bool(status.input_overflow))

        stream = self._library.InputStream(
            device=device.index,
            samplerate=rate,
            channels=channels,
            dtype="float32",
            blocksize=round(rate * block_seconds),
            latency=BUFFERED_BLOCKS * block_seconds,
            callback=heard,
        )
        try:
            stream.start()
        except self._library.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    def _look_again(self) -> None:
        """PortAudio lists the devices once, when initialized; what was plugged in since needs a second look."""
        if self._stale:
            if self._library._initialized:
                self._library._terminate()
            self._library._initialize()
        self._stale = True


def _sounddevice() -> Any:
    """The library, which starts PortAudio when it is imported."""
    try:
        return importlib.import_module("sounddevice")
    except OSError:
        raise MicrophoneError("PortAudio is not installed: apt install libportaudio2") from None
    except Exception as error:
        if type(error).__name__ != "PortAudioError":  # the class is in the module that could not be imported
            raise
        raise MicrophoneError(f"PortAudio does not start: {error.args[0]}") from None
