"""Is the microphone alive? A pure state machine: how blocks look and when goes in, health and actions come out.

PortAudio can stop calling back while its stream says "active", a muted or half-unplugged microphone delivers perfect
zeros, a hung converter repeats one value. None of these is an error to anyone, and each leaves a baby unheard.

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
"""Samples that differ by no more are one value: far below a 16-bit step (3e-5), above float rounding."""
RAIL = 0.999
"""From here on, relative to full scale, a sample is clipped."""
CLIPPED_SHARE = 0.05
"""Share of clipped samples that makes a block overdriven. A loud cry clips now and then, but not for seconds on end."""

REPORT_EVERY_S = 0.75
"""How often the state is said while no audio comes: asked four times a second, that is at least once a second."""


DEAF = frozenset({MicrophoneState.SILENT, MicrophoneState.STUCK, MicrophoneState.CLIPPING})
"""Frames come, but a cry would not be heard in them; only a sound ends these."""


@dataclass(frozen=True, slots=True)
class BlockStatistics:
    """What liveness needs to know of a block."""

    low: float
    """Smallest sample, -1..1."""
    high: float
    """Largest sample, -1..1."""
    clipped_share: float
    """Share of the samples at full scale, 0..1."""

    @classmethod
    def of(cls, samples: FloatArray) -> "BlockStatistics":
        """Statistics of the samples float32 [n], n > 0, as the device gave them (before resampling smooths them)."""
        return cls(float(samples.min()), float(samples.max()), float(np.mean(np.abs(samples) >= RAIL)))

    @property
    def looks_like(self) -> MicrophoneState:
        """The state this block alone would speak for."""
        if self.high - self.low <= STEADY:
            return MicrophoneState.SILENT if max(self.high, -self.low) <= STEADY else MicrophoneState.STUCK
        return MicrophoneState.CLIPPING if self.clipped_share >= CLIPPED_SHARE else MicrophoneState.LISTENING


@dataclass(frozen=True, slots=True)
class LivenessUpdate:
    """What to do after a step: tell somebody, open the device again, neither or both."""

    report: MicrophoneHealth | None = None
    reopen: bool = False


class Liveness:
    """The state of one microphone. All times are seconds of one monotonic clock, which only goes forward.

    ``no_frames_s`` without a frame is a dead stream; ``deaf_s`` of nothing but zeros, one value or clipping is a deaf
    microphone. One that hangs (no frames, one value) is opened again as soon as that is clear, and as long as it is.
    Zeros mend that way too on some USB devices, but a source that suppresses noise gives zeros in a quiet room, and
    opening costs up to 2 s of sound: so only every ``reopen_silent_s``.
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

    def opened(self, now_s: float) -> None:
        """The device was opened; frames should come."""
        self._opened_s = self._frames_s = now_s

    def heard(self, block: BlockStatistics, lost_samples: int, now_s: float) -> LivenessUpdate:
        """A block came, with so many samples lost before it."""
        self._frames_s = now_s
        self._lost_samples += lost_samples
        if block.looks_like is not self._looks_like:
            self._looks_like, self._looks_since_s = block.looks_like, now_s
        state = self.state if self.state in DEAF else MicrophoneState.LISTENING
        if self._looks_like is MicrophoneState.LISTENING or now_s - self._looks_since_s >= self._deaf_s:
            state = self._looks_like
        patience_s = {MicrophoneState.STUCK: self._deaf_s, MicrophoneState.SILENT: self._reopen_silent_s}.get(state)
        reopen = patience_s is not None and now_s - self._opened_s >= patience_s
        return LivenessUpdate(
            self._enter(state, self._describe(state), now_s) if state is not self.state else None, reopen
        )

    def waited(self, now_s: float) -> LivenessUpdate:
        """No block came for a while."""
        dead = now_s - self._frames_s >= self._no_frames_s
        state = MicrophoneState.NO_FRAMES if dead else self.state
        detail = self._describe(state) if dead else "waiting for sound from the microphone"
        return LivenessUpdate(self._tell(state, detail, now_s), reopen=dead)

    def failed(self, state: MicrophoneState, detail: str, now_s: float) -> LivenessUpdate:
        """The device could not be opened: it is missing or busy, as the detail says."""
        return LivenessUpdate(self._tell(state, detail, now_s))

    def _tell(self, state: MicrophoneState, detail: str, now_s: float) -> MicrophoneHealth | None:
        """A report while no audio comes: of every change, else once a second."""
        self._looks_like = MicrophoneState.LISTENING  # how it looked before is no evidence of how it will look after
        if state is self.state and now_s - self._reported_s < REPORT_EVERY_S:
            return None
        return self._enter(state, detail, now_s)

    def _enter(self, state: MicrophoneState, detail: str, now_s: float) -> MicrophoneHealth:
        self.state = state
        self._reported_s = now_s
        return MicrophoneHealth(state, detail, self._lost_samples)

    def _describe(self, state: MicrophoneState) -> str:
        deaf = f"for {self._deaf_s:.0f} s"
        match state:
            case MicrophoneState.NO_FRAMES:
                return f"the microphone gave nothing for {self._no_frames_s:.0f} s; opening it again"
            case MicrophoneState.SILENT:
                return f"nothing but digital silence {deaf}: is the microphone muted or unplugged?"
            case MicrophoneState.STUCK:
                return f"one and the same value {deaf}: the microphone hangs; opening it again"
            case MicrophoneState.CLIPPING:
                return f"overdriven {deaf}: turn the capture volume down (alsamixer)"
            case _:
                return "listening"
