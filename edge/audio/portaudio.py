"""PortAudio, the library that records from sound hardware; no other module uses it.

Its callback runs in PortAudio's thread and only fills a bounded queue, which counts the frames that do not fit.
"""

import importlib
import itertools
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.audio.devices import (
    BusyMicrophoneError,
    InputDevice,
    MissingMicrophoneError,
    busy_error,
    find_busy_cards,
    find_device,
)
from edge.errors import MicrophoneError
from edge.records import SAMPLE_RATE, FloatArray

BUFFERED_BLOCKS = 4
"""Blocks that the device buffers for a late callback."""

# PortAudio's error codes, portaudio.h
INVALID_SAMPLE_RATE = -9997
INVALID_CHANNEL_COUNT = -9998
DEVICE_UNAVAILABLE = -9985


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of one callback."""

    samples: FloatArray
    """float32 [n, channels], -1..1, at the device's rate."""
    arrived_s: float
    """End of these frames, seconds on the monotonic clock."""
    dropped_frames: int = 0
    """Frames just before these that did not fit into the queue."""
    overflowed: bool = False
    """Whether the device has lost an unknown amount of sound before these."""


class FrameQueue:
    """A bounded queue between two threads; frames that do not fit are counted and dropped."""

    def __init__(self, max_blocks: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._queue: queue.Queue[Frames] = queue.Queue(max_blocks)
        self._clock = clock
        self._dropped_frames = 0
        self._overflowed = False

    def put(self, samples: FloatArray, overflowed: bool) -> None:
        """Add frames, or count them as dropped; for one thread."""
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
        """Return the oldest frames; None after ``timeout_s`` without any."""
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
        """Return the next frames; None after ``timeout_s`` without any, always for a dead device."""
        return self._frames.get(timeout_s)

    def close(self) -> None:
        """Close the device in any state."""
        self._stream.close(ignore_errors=True)


class PortAudio:
    """The machine's microphones; the library is loaded here, because replay needs no PortAudio."""

    def __init__(self, library: Any = None) -> None:
        """``library`` is sounddevice by default; tests pass a fake."""
        self._library = library or _sounddevice()
        self._is_initialized = False

    def devices(self) -> list[InputDevice]:
        """Return the recording devices present when PortAudio was initialized."""
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
        """Yield every device with a UTF-8 name; others cannot be opened."""
        for index in itertools.count():
            try:
                yield self._library.query_devices(index)
            except UnicodeDecodeError:
                continue
            except self._library.PortAudioError:  # after the last device
                return

    def open(self, name: str | None, block_seconds: float, queue_seconds: float) -> PortAudioInput:
        """Open the device of that name, at 16 kHz mono if possible; raise MicrophoneError with the reason."""
        try:
            self._refresh_devices()
            device = find_device(self.devices(), name)
        except MissingMicrophoneError as missing:
            raise (
                busy_error(name, find_busy_cards()) or missing
            ) from None  # PortAudio does not list a card that is held
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
                other = BusyMicrophoneError(f"{device.name} is busy: another program uses it; stop that program")
                raise (busy_error(device.name, find_busy_cards()) or other) from None
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
        def on_frames(samples: FloatArray, _count: int, _time: Any, status: Any) -> None:
            # a broken driver or ALSA plugin may deliver NaN or values beyond full scale; later stages rely on -1..1
            put(np.nan_to_num(np.clip(samples, -1.0, 1.0), copy=False), bool(status.input_overflow))

        stream = self._library.InputStream(
            device=device.index,
            samplerate=rate,
            channels=channels,
            dtype="float32",
            blocksize=round(rate * block_seconds),
            latency=BUFFERED_BLOCKS * block_seconds,
            callback=on_frames,
        )
        try:
            stream.start()
        except self._library.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    def _refresh_devices(self) -> None:
        """Initialize PortAudio again, because it lists devices only then; the first call is a no-op."""
        if self._is_initialized:
            if self._library._initialized:
                self._library._terminate()
            self._library._initialize()
        self._is_initialized = True


def _sounddevice() -> Any:
    """Import the library, which initializes PortAudio; raise MicrophoneError where that fails."""
    try:
        return importlib.import_module("sounddevice")
    except OSError:
        raise MicrophoneError("PortAudio is not installed: apt install libportaudio2") from None
    except Exception as error:
        if type(error).__name__ != "PortAudioError":  # that class is in the module whose import has failed
            raise
        raise MicrophoneError(f"PortAudio does not start: {error.args[0]}") from None
