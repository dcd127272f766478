"""Is the microphone alive? A pure state machine: how blocks look and when goes in, health and actions come out.

PortAudio can stop calling back while its stream says "active", a muted or half-unplugged microphone delivers perfect
zeros, a hung converter repeats one value. None of these is an error to anyone, and each leaves a baby unheard.

    starting ──sound──> listening <──sound──┐
        │                  │                │
        └───── for a while │ no frames ──> no_frames    the device is opened again
                           │ all zeros ──> silent       maybe just muted: blocks go on, opened again now and then
                           │ one value ──> stuck        likewise
                           │ overdriven ─> clipping     blocks go on
                           └ open failed > missing, busy
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from edge.records import FloatArray

STEADY = 1e-6
"""Samples that differ by no more are one value: far below a 16-bit step (3e-5), above float rounding."""
RAIL = 0.999
"""From here on, relative to full scale, a sample is clipped."""
CLIPPED_SHARE = 0.05
"""Share of clipped samples that makes a block overdriven. A loud cry clips now and then, but not for seconds on end."""


class MicrophoneState(StrEnum):
    """What the parents can be told about the microphone; only ``listening`` is well."""

    STARTING = "starting"
    LISTENING = "listening"
    NO_FRAMES = "no_frames"
    SILENT = "silent"
    STUCK = "stuck"
    CLIPPING = "clipping"
    MISSING = "missing"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class MicrophoneHealth:
    """How the microphone is, said when it changes and every second while no audio comes."""

    state: MicrophoneState
    detail: str
    """One sentence for the parent: what is wrong and how to mend it."""
    lost_samples: int
    """Samples at 16 kHz lost since the microphone was first heard."""


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
class LivenessSettings:
    """How long to wait before worrying, in seconds."""

    no_frames_s: float = 3.0
    deaf_s: float = 9.0  # with the buffers on the way: noticed within 10 s
    reopen_deaf_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """What to do after a step: tell somebody, open the device again, neither or both."""

    report: MicrophoneHealth | None = None
    reopen: bool = False
