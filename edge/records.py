"""The records that travel the road: each stage knows its neighbours only through these.

    capture -> windows -> features -> classifier -> decision -> payload -> outbox -> publisher
       AudioBlock   Hop      LogMel      Scores       Event

Times inside the road are stream time: seconds (or samples) since the first sample of the recording or since the
microphone opened. UTC appears once, in the payload.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Samples a second everywhere after capture; sources resample to it."""

FloatArray = npt.NDArray[np.float32]


def read_only(array: FloatArray) -> FloatArray:
    """The same array, marked read-only: a record that has been handed on is never changed behind anyone's back."""
    array.flags.writeable = False
    return array


class EventKind(StrEnum):
    """What the decision can say. The first three ring a phone."""

    CRY_STARTED = "cry_started"
    CRY_REMINDER = "cry_reminder"
    CRY_RESUMED = "cry_resumed"
    CRY_SOOTHED = "cry_soothed"
    CRY_ENDED = "cry_ended"
    SOOTHING_LONG = "soothing_long"

    @property
    def rings(self) -> bool:
        """Whether this event calls the parents; the rest is information."""
        return self in (EventKind.CRY_STARTED, EventKind.CRY_REMINDER, EventKind.CRY_RESUMED)


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """A run of samples from a microphone or a file."""

    samples: FloatArray
    """float32 [n], mono, 16 kHz, -1..1, read-only."""
    start_sample: int
    """Stream position of the first sample, counting lost samples too."""
    lost_before: int = 0
    """Samples lost between the previous block and this one (queue overflow, device hiccup)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """The newest samples of the 5-second window: one hop's worth, gaps filled with silence."""

    samples: FloatArray
    """float32 [hop_samples], mono, 16 kHz, read-only."""
    end_sample: int
    """Stream position just after the last sample."""


@dataclass(frozen=True, slots=True)
class LogMel:
    """Log-mel frames of one hop."""

    values: FloatArray
    """float32 [frames, mels], natural log of mel power, read-only."""
    end_sample: int
    """Stream position just after the last sample that the last frame covers."""
    level_dbfs: float
    """RMS level of the hop, dB relative to full scale (-120 at digital silence)."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the classifier heard in the 5 seconds that end at ``end_s``."""

    probabilities: Mapping[str, float]
    """Label -> probability, in schema order, summing to 1."""
    end_s: float
    """End of the window, stream seconds."""
    level_dbfs: float
    """RMS level of the newest hop, dB relative to full scale (-120 at digital silence)."""

    @property
    def label(self) -> str:
        """The most probable label."""
        return max(self.probabilities, key=self.probabilities.__getitem__)


@dataclass(frozen=True, slots=True)
class Event:
    """What the decision says: one line in the life of an episode."""

    kind: EventKind
    episode_id: str
    """The same for all events of one episode; unique across devices and restarts."""
    label: str
    """The label the decision heard when it spoke."""
    onset_s: float
    """Start of the crying, stream seconds."""
    at_s: float
    """When the decision was made, stream seconds."""
    confidence: float
    """0..1: mean probability of the evidence that led to the event."""
    why: str
    """One sentence for the parent."""


class State(StrEnum):
    """What the baby is doing, as far as one can hear."""

    QUIET = "quiet"
    FUSSING = "fussing"
    CRYING = "crying"
    SOOTHED = "soothed"


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


WINDOW_SAMPLES = 5 * SAMPLE_RATE
"""The guideline speaks of 5-second clips; so does the classifier."""


HOP_STEP_SAMPLES = 4_000
"""A hop is a whole number of these (0.25 s): one embedding of the encoder."""


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """The outbox in numbers, for ``/health``."""

    waiting: int
    """Events not yet delivered."""
    dropped: int
    """Events that made room for newer ones since the outbox was opened."""
    expired: int
    """Events that became too old to deliver since the outbox was opened."""
    problem: str | None = None
    """Why events are in memory only and would be lost with the process; None while the disk keeps them."""
