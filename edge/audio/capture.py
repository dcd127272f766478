"""The microphone as an endless stream of blocks that recovers by itself from failures of the device.

The port ``Inputs`` hides PortAudio (portaudio.py); liveness.py decides whether the sound is usable.
A device whose driver blocks while it is closed stops this stream, too. Then the daemon's watchdog expires, because only
classified windows feed it, and systemd restarts the daemon.
"""

import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Protocol, Self

from edge.audio.devices import BusyMicrophoneError
from edge.audio.liveness import BlockStatistics, Liveness
from edge.audio.portaudio import Frames, PortAudio
from edge.audio.resampling import Resampler, mono
from edge.audio.settings import FIRST_RETRY_S, MicrophoneSettings
from edge.errors import MicrophoneError
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray, MicrophoneHealth, MicrophoneState

POLL_S = 0.25
"""Longest wait for frames or a device, seconds, before checking for stop and reporting health."""


class Input(Protocol):
    """An open device."""

    @property
    def rate(self) -> int:
        """Sample rate, Hz."""

    def read(self, timeout_s: float) -> Frames | None:
        """Return the next frames; None after ``timeout_s`` without any."""

    def close(self) -> None:
        """Close the device; a second call is a no-op."""


class Inputs(Protocol):
    """Port of the audio library. The fake in the tests unplugs, hangs and comes back."""

    def open(self, name: str | None, block_seconds: float, queue_seconds: float) -> Input:
        """Open the device of that name; raise MicrophoneError where that fails."""


class Microphone:
    """One microphone for the life of the daemon, over failures and reconnections of the device."""

    def __init__(
        self,
        settings: MicrophoneSettings,
        inputs: Inputs | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        """Prepare the stream.

        ``inputs`` is PortAudio by default; ``clock`` and ``pause`` are for tests without waiting.
        """
        self._settings = settings
        self._inputs = inputs
        self._clock = clock
        self._pause = pause
        self._liveness = Liveness(settings.no_frames_seconds, settings.deaf_seconds, settings.reopen_silent_seconds)
        self._open: Input | None = None
        self._retry_s = FIRST_RETRY_S
        self._position = 0
        self._lost_before = 0
        self._received_until_s: float | None = None
        self.overflows = 0
        """Number of blocks with which the device reported lost sound."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def stream(self, stop: threading.Event) -> Iterator[AudioBlock | MicrophoneHealth]:
        """Yield blocks until ``stop`` is set, and the health when it changes and every second without blocks.

        Lost sound (a full queue, an overflow, a missing device) is in the next block's ``lost_before``, so that stream
        time keeps up with the clock. Raise MicrophoneError only where PortAudio is not installed.
        """
        inputs = self._inputs or PortAudio()
        settings = self._settings
        while not stop.is_set():
            try:
                self._open = inputs.open(settings.name, settings.block_seconds, settings.queue_seconds)
            except MicrophoneError as error:
                yield from self._wait_for_device(error, stop)
            else:
                yield from self._read(self._open, stop)
                self._close()

    def _wait_for_device(self, error: MicrophoneError, stop: threading.Event) -> Iterator[MicrophoneHealth]:
        """Yield the problem until the pause is over, which doubles each time."""
        state = MicrophoneState.BUSY if isinstance(error, BusyMicrophoneError) else MicrophoneState.MISSING
        left_s = self._retry_s
        self._retry_s = min(2 * self._retry_s, self._settings.retry_seconds)
        while left_s > 0 and not stop.is_set():
            report = self._liveness.on_open_failed(state, str(error), self._clock()).report
            if report is not None:
                yield report
            self._pause(stop, min(left_s, POLL_S))
            left_s -= POLL_S

    def _read(self, device: Input, stop: threading.Event) -> Iterator[AudioBlock | MicrophoneHealth]:
        """Yield the sound of the open device until it must be opened again."""
        self._liveness.on_opened(self._clock())
        resampler = Resampler(device.rate)
        just_opened = True
        while not stop.is_set():
            frames = device.read(POLL_S)
            if frames is None:
                update, lost = self._liveness.on_timeout(self._clock()), 0
            else:
                lost = round(self._lost_s(frames, device.rate, just_opened) * SAMPLE_RATE)
                update = self._liveness.on_frames(BlockStatistics.of(mono(frames.samples)), lost, frames.arrived_s)
                just_opened = False
                self._retry_s = FIRST_RETRY_S
            if update.report is not None:
                yield update.report
            if lost:
                yield from self._block(resampler.finish())
                resampler = Resampler(device.rate)
                self._lost_before += lost
            if frames is not None:
                yield from self._block(resampler.push(frames.samples))
            if update.reopen:
                yield from self._block(resampler.finish())
                return

    def _lost_s(self, frames: Frames, rate: int, just_opened: bool) -> float:
        """Return the seconds lost before these frames: counted where the queue was full, otherwise by the clock."""
        since_s, self._received_until_s = self._received_until_s, frames.arrived_s
        self.overflows += frames.overflowed
        if frames.dropped_frames:
            return frames.dropped_frames / rate
        if since_s is None or not (just_opened or frames.overflowed):
            return 0.0
        return max(0.0, frames.arrived_s - since_s - len(frames.samples) / rate)

    def _block(self, samples: FloatArray) -> Iterator[AudioBlock]:
        if len(samples):
            start = self._position + self._lost_before
            yield AudioBlock(samples, start, self._lost_before)
            self._position = start + len(samples)
            self._lost_before = 0

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
