"""Health of the microphone: a pure state machine from statistics and times of blocks to health and actions.

PortAudio can stop its callback while the stream is "active", a muted or half-unplugged microphone delivers exact zeros,
and a hung converter repeats one value. PortAudio reports no error for these, and a cry is missed in each.

    starting ──frames──> listening ──for a while──┬─ no frames ──> no_frames   opened again
                             ▲                    ├─ all zeros ──> silent      blocks go on, now and then opened again
                             │                    ├─ one value ──> stuck       opened again
                             │                    └─ overdriven ─> clipping    blocks go on
                             └── sound, or frames after none, or the device is back ── missing, busy
"""

from dataclasses import dataclass

import numpy as np

from edge.records import FloatArray, MicrophoneHealth, MicrophoneState

STEADY = 1e-6
"""Samples within this range are one value: far below a 16-bit step (3e-5), above float rounding."""
RAIL = 0.999
"""A sample of this magnitude or more, relative to full scale, is clipped."""
CLIPPED_SHARE = 0.05
"""Share of clipped samples from which a block is overdriven. A loud cry clips at times, but not for seconds."""

NO_FRAMES_AFTER_S = 4.0
"""Default time without frames after which a device is opened again; PulseAudio needs 2 s for its first frame."""
DEAF_AFTER_S = 9.0
"""Default time of zeros, one value or clipping that raises an alarm, within the 10 s that are promised."""
REOPEN_SILENT_EVERY_S = 300.0
"""Default interval at which a device with only zeros is opened again."""
REPORT_EVERY_S = 0.75
"""Interval of the reports while no audio comes; checked four times a second, it gives at least one a second."""

DEAF = frozenset({MicrophoneState.SILENT, MicrophoneState.STUCK, MicrophoneState.CLIPPING})
"""States with frames in which a cry is not audible; only sound ends them."""


@dataclass(frozen=True, slots=True)
class BlockStatistics:
    """Statistics of a block for ``Liveness``."""

    low: float
    """Smallest sample, -1..1."""
    high: float
    """Largest sample, -1..1."""
    clipped_share: float
    """Share of the samples at full scale, 0..1."""

    @classmethod
    def of(cls, samples: FloatArray) -> "BlockStatistics":
        """Return the statistics of samples float32 [n], n > 0, from the device (resampling would smooth them)."""
        return cls(float(samples.min()), float(samples.max()), float(np.mean(np.abs(samples) >= RAIL)))

    @property
    def looks_like(self) -> MicrophoneState:
        """The state by this block alone."""
        if self.high - self.low <= STEADY:
            return MicrophoneState.SILENT if max(self.high, -self.low) <= STEADY else MicrophoneState.STUCK
        return MicrophoneState.CLIPPING if self.clipped_share >= CLIPPED_SHARE else MicrophoneState.LISTENING


@dataclass(frozen=True, slots=True)
class LivenessUpdate:
    """Output of a step: a report, the request to open the device again, neither or both."""

    report: MicrophoneHealth | None = None
    reopen: bool = False


class Liveness:
    """The state of one microphone. All times are seconds of one monotonic clock.

    ``no_frames_s`` without frames is a dead stream; ``deaf_s`` of zeros, one value or clipping is
    a microphone without usable sound.
    One that hangs (no frames, one value) is opened again at once, and as long as it hangs. With zeros, this helps some
    USB devices, too. But a source that suppresses noise gives zeros in a quiet room, and opening costs up to 2 s of
    sound, so it happens only every ``reopen_silent_s``.
    """

    def __init__(self, no_frames_s: float, deaf_s: float, reopen_silent_s: float) -> None:
        self._no_frames_s = no_frames_s
        self._deaf_s = deaf_s
        self._reopen_silent_s = reopen_silent_s
        self.state = MicrophoneState.STARTING
        self._looks_like = MicrophoneState.LISTENING
        self._looks_since_s = 0.0
        self._opened_s = 0.0
        self._frames_s = 0.0
        self._reported_s = -REPORT_EVERY_S
        self._lost_samples = 0

    def on_opened(self, now_s: float) -> None:
        """Note that the device has been opened."""
        self._opened_s = self._frames_s = now_s

    def on_frames(self, block: BlockStatistics, lost_samples: int, now_s: float) -> LivenessUpdate:
        """Return the update after a block, before which ``lost_samples`` were lost."""
        self._frames_s = now_s
        self._lost_samples += lost_samples
        if block.looks_like is not self._looks_like:
            self._looks_like, self._looks_since_s = block.looks_like, now_s
        state = self.state if self.state in DEAF else MicrophoneState.LISTENING
        if self._looks_like is MicrophoneState.LISTENING or now_s - self._looks_since_s >= self._deaf_s:
            state = self._looks_like
        limit_s = {MicrophoneState.STUCK: self._deaf_s, MicrophoneState.SILENT: self._reopen_silent_s}.get(state)
        reopen = limit_s is not None and now_s - self._opened_s >= limit_s
        return LivenessUpdate(
            self._enter(state, self._describe(state), now_s) if state is not self.state else None, reopen
        )

    def on_timeout(self, now_s: float) -> LivenessUpdate:
        """Return the update after a wait without a block."""
        is_dead = now_s - self._frames_s >= self._no_frames_s
        state = MicrophoneState.NO_FRAMES if is_dead else self.state
        detail = self._describe(state) if is_dead else "waiting for sound from the microphone"
        return LivenessUpdate(self._report(state, detail, now_s), reopen=is_dead)

    def on_open_failed(self, state: MicrophoneState, detail: str, now_s: float) -> LivenessUpdate:
        """Return the update after a failure to open the device: ``state`` is missing or busy, with its detail."""
        return LivenessUpdate(self._report(state, detail, now_s))

    def _report(self, state: MicrophoneState, detail: str, now_s: float) -> MicrophoneHealth | None:
        """Return a report while no audio comes, at every change and once a second."""
        self._looks_like = MicrophoneState.LISTENING  # earlier blocks say little about later ones
        if state is self.state and now_s - self._reported_s < REPORT_EVERY_S:
            return None
        return self._enter(state, detail, now_s)

    def _enter(self, state: MicrophoneState, detail: str, now_s: float) -> MicrophoneHealth:
        self.state = state
        self._reported_s = now_s
        return MicrophoneHealth(state, detail, self._lost_samples)

    def _describe(self, state: MicrophoneState) -> str:
        duration = f"for {self._deaf_s:.0f} s"
        match state:
            case MicrophoneState.NO_FRAMES:
                return f"the microphone gave no frames for {self._no_frames_s:.0f} s; opening it again"
            case MicrophoneState.SILENT:
                return f"only digital silence {duration}: is the microphone muted or unplugged?"
            case MicrophoneState.STUCK:
                return f"one constant value {duration}: the microphone hangs; opening it again"
            case MicrophoneState.CLIPPING:
                return f"overdriven {duration}: turn the capture volume down (alsamixer)"
            case _:
                return "listening"
