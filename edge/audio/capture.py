"""The microphone: an endless stream of blocks that recovers by itself from whatever happens to the device.

PortAudio is behind the seam ``Inputs``; see portaudio.py. Whether what comes is alive is judged in liveness.py.
A device that blocks for ever inside the driver while it is closed stops this stream too: then the daemon's watchdog,
fed by classified windows only, has systemd restart it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from edge.audio.devices import BusyMicrophoneError
from edge.audio.liveness import BlockStatistics, Liveness
from edge.audio.portaudio import Frames, PortAudio
from edge.audio.resampling import Resampler, mono
from edge.errors import MicrophoneError
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray, MicrophoneHealth, MicrophoneState

FIRST_RETRY_S = 0.5
POLL_S = 0.25
"""How long to wait for frames, or for a device, before looking whether to stop or to speak."""


@dataclass(frozen=True, slots=True)
class MicrophoneSettings:
    """Which microphone, and how patient to be with it."""

    name: str | None = None
    """Name or part of it, in any case; None is the machine's default."""
    block_seconds: float = 0.1
    """Length of a block, 0.02..1 s."""
    queue_seconds: float = 5.0
    """How much sound waits for a pipeline that is busy, 0.5..60 s; more is lost, and counted."""
    no_frames_seconds: float = 4.0
    """A device that gives nothing for so long is opened again, 1..10 s. PulseAudio needs 2 s for its first frame."""
    deaf_seconds: float = 9.0
    """So long nothing but zeros, one value or clipping is an alarm, 1..60 s; 9 are noticed within 10."""
    reopen_silent_seconds: float = 300.0
    """How often a device that gives only zeros is opened again, 10..3600 s."""
    retry_seconds: float = 5.0
    """Longest pause between attempts to open a missing or busy device, 0.5..60 s."""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("block_seconds", 0.02, 1.0),
            ("queue_seconds", 0.5, 60.0),
            ("no_frames_seconds", 1.0, 10.0),
            ("deaf_seconds", 1.0, 60.0),
            ("reopen_silent_seconds", 10.0, 3600.0),
            ("retry_seconds", FIRST_RETRY_S, 60.0),
        ):
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} must be between {least:g} and {most:g}, not {getattr(self, name):g}")
        if self.name is not None and not self.name.strip():
            raise ValueError("name must not be empty; leave it out for the default microphone")


class Input(Protocol):
    """An open device."""

    @property
    def rate(self) -> int:
        """Sample rate, Hz."""

    def read(self, timeout_s: float) -> Frames | None:
        """The next frames, or None if none came in time."""

    def close(self) -> None:
        """Close it; closing twice is fine."""


class Inputs(Protocol):
    """What can be opened. The fake one in the tests unplugs, hangs and comes back."""

    def open(self, name: str | None, block_seconds: float, queue_seconds: float) -> Input:
        """Open the device of that name; raises MicrophoneError."""


class Microphone:
    """One microphone for the life of the daemon, whatever happens to the device meanwhile."""

    def __init__(
        self,
        settings: MicrophoneSettings,
        inputs: Inputs | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        """Without ``inputs`` it is PortAudio's; clock and pause are for tests that cannot wait."""
        self._settings = settings
        self._inputs = inputs
        self._clock = clock
        self._pause = pause
        self._liveness = Liveness(settings.no_frames_seconds, settings.deaf_seconds, settings.reopen_silent_seconds)
        self._open: Input | None = None
        self._retry_s = FIRST_RETRY_S
        self._position = 0
        self._lost_before = 0
        self._heard_until_s: float | None = None
        self.overflows = 0
        """How often the device said that it lost sound."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def stream(self, stop: threading.Event) -> Iterator[AudioBlock | MicrophoneHealth]:
        """Blocks as they come, and the health when it changes or once a second while none come; until ``stop`` is set.

        Sound that is lost (a full queue, an overflow, a device that was away) is in the next block's ``lost_before``,
        so that stream time keeps up with the clock. Raises MicrophoneError only where PortAudio is not installed.
        """
        inputs = self._inputs or PortAudio()
        settings = self._settings
        while not stop.is_set():
            try:
                self._open = inputs.open(settings.name, settings.block_seconds, settings.queue_seconds)
            except MicrophoneError as error:
                yield from self._wait_for_device(error, stop)
            else:
                yield from self._listen(self._open, stop)
                self._close()

    def _wait_for_device(self, error: MicrophoneError, stop: threading.Event) -> Iterator[MicrophoneHealth]:
        """Say what is wrong, and pause a little longer each time."""
        state = MicrophoneState.BUSY if isinstance(error, BusyMicrophoneError) else MicrophoneState.MISSING
        left_s = self._retry_s
        self._retry_s = min(2 * self._retry_s, self._settings.retry_seconds)
        while left_s > 0 and not stop.is_set():
            report = self._liveness.failed(state, str(error), self._clock()).report
            if report is not None:
                yield report
            self._pause(stop, min(left_s, POLL_S))
            left_s -= POLL_S

    def _listen(self, device: Input, stop: threading.Event) -> Iterator[AudioBlock | MicrophoneHealth]:
        """What the open device gives, until it has to be opened again."""
        self._liveness.opened(self._clock())
        resampler = Resampler(device.rate)
        just_opened = True
        while not stop.is_set():
            frames = device.read(POLL_S)
            if frames is None:
                step, lost = self._liveness.waited(self._clock()), 0
            else:
                lost = round(self._lost_s(frames, device.rate, just_opened) * SAMPLE_RATE)
                step = self._liveness.heard(BlockStatistics.of(mono(frames.samples)), lost, frames.arrived_s)
                just_opened = False
                self._retry_s = FIRST_RETRY_S
            if step.report is not None:
                yield step.report
            if lost:
                yield from self._block(resampler.finish())
                resampler = Resampler(device.rate)
                self._lost_before += lost
            if frames is not None:
                yield from self._block(resampler.push(frames.samples))
            if step.reopen:
                yield from self._block(resampler.finish())
                return

    def _lost_s(self, frames: Frames, rate: int, just_opened: bool) -> float:
        """Seconds lost before these frames: counted where the queue was full, else measured by the clock."""
        since_s, self._heard_until_s = self._heard_until_s, frames.arrived_s
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
