"""The records that flow down the pipeline, and the words that all parts of the device share.

    capture -> windows -> features -> classifier -> decision -> message -> outbox -> publisher
       AudioBlock   Hop      LogMel      Scores       Event

Each stage depends on its neighbors only through these records. Times in them are stream time: seconds (or samples)
since the first sample of the recording or since the microphone opened. Only messages contain UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Sample rate of the pipeline, Hz; sources resample to it."""

FloatArray = npt.NDArray[np.float32]


def read_only(array: FloatArray) -> FloatArray:
    """Mark the array read-only and return it: stages share records, so none may change one."""
    array.flags.writeable = False
    return array


class EventKind(StrEnum):
    """The kinds of events. The first three ring a phone."""

    CRY_STARTED = "cry_started"
    CRY_REMINDER = "cry_reminder"
    CRY_RESUMED = "cry_resumed"
    CRY_SOOTHED = "cry_soothed"
    CRY_ENDED = "cry_ended"
    SOOTHING_LONG = "soothing_long"

    @property
    def rings(self) -> bool:
        """Whether an event of this kind calls the parents; the others are information."""
        return self in (EventKind.CRY_STARTED, EventKind.CRY_REMINDER, EventKind.CRY_RESUMED)


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """Consecutive samples from a microphone or a file."""

    samples: FloatArray
    """float32 [n], mono, 16 kHz, -1..1, read-only."""
    start_sample: int
    """Stream position of the first sample, including lost samples."""
    lost_before: int = 0
    """Samples lost between the previous block and this one (full queue, interrupted device)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """The newest samples of the 5-second window, with gaps filled by silence."""

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
    """The classifier's output for one 5-second window."""

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
    """An output of the decision about one episode."""

    kind: EventKind
    episode_id: str
    """The same for all events of one episode; unique across devices and restarts."""
    label: str
    """The label of the sound at the decision."""
    onset_s: float
    """Start of the crying, stream seconds."""
    at_s: float
    """Time of the decision, stream seconds."""
    confidence: float
    """Mean probability of the label in the windows that led to the event, 0..1."""
    why: str
    """Reason, one sentence for the parent."""


class State(StrEnum):
    """State of the baby, by its sound."""

    QUIET = "quiet"
    FUSSING = "fussing"
    CRYING = "crying"
    SOOTHED = "soothed"


class MicrophoneState(StrEnum):
    """State of the microphone; only ``listening`` is healthy."""

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
    """Health of the microphone, yielded when it changes and every second while no audio comes."""

    state: MicrophoneState
    detail: str
    """The problem and its remedy, one sentence for the parent."""
    lost_samples: int
    """Samples at 16 kHz lost since the first sound."""


WINDOW_SAMPLES = 5 * SAMPLE_RATE
"""Length of a window: 5 seconds, the length of the guideline's clips."""

HOP_STEP_SAMPLES = 4_000
"""A hop is a multiple of this (0.25 s), the length of one embedding of the encoder."""


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
