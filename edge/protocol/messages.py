"""The JSON that leaves the device; the only place where stream time becomes UTC.

Every text is one compact line. Its shape is a public contract, kept by golden files in ``tests/contract``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.protocol import json_record
from edge.records import Event, EventKind, MicrophoneHealth, OutboxCounts, Scores

SCHEMA_VERSION = 1
"""``v`` in each MQTT payload; raised when a consumer has to change."""

ONLINE = "online"
OFFLINE = "offline"
"""Payloads of ``/status`` and ``/listening``: Home Assistant's own words for an availability topic."""

MISSED_BEATS = 3
"""After so many heartbeats that did not come, a consumer no longer believes the last one."""


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """What the parents have asked for, as it stands now."""

    alerts: bool
    """Whether events may ring, a snooze aside."""
    snoozed_until: datetime | None
    """UTC; None when not snoozed."""
    sensitivity: str
    acknowledged: str | None
    """The episode under way, if somebody has said to be going."""


@dataclass(frozen=True, slots=True)
class CommandReply:
    """What became of a command."""

    name: str
    id: str | None
    """As the command called itself."""
    accepted: bool
    detail: str
    """What is done now, or why it was refused."""
    utc: datetime


@dataclass(frozen=True, slots=True)
class StreamClock:
    """Which UTC a stream time is."""

    started_utc: datetime
    """UTC of stream second 0."""

    def __post_init__(self) -> None:
        """A naive time would silently be taken for local time."""
        if self.started_utc.tzinfo is None:
            raise ValueError("StreamClock needs a time with a time zone")

    @classmethod
    def from_reading(cls, stream_s: float, utc: datetime) -> "StreamClock":
        """The clock on which ``stream_s`` is ``utc``.

        Read it afresh for each event: a sound card drifts some seconds a day, and a board without a battery
        clock jumps by hours when the network tells it the time.
        """
        return cls(utc - timedelta(seconds=stream_s))

    def utc(self, stream_s: float) -> datetime:
        """UTC of a stream time in seconds."""
        return self.started_utc + timedelta(seconds=stream_s)


class EventWriter:
    """Writes events for MQTT, numbering them within their episode."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._episode_id = ""
        self._seq = 0
        self._called_s = 0.0

    def write(self, event: Event, clock: StreamClock, muted: str | None = None) -> str:
        """One event; ``id`` is unique for ever, so a consumer can drop the repetition QoS 1 permits.

        ``muted`` says why an event that would ring does not; ``unanswered_s``, of those that would, for how long
        nobody has come since they were called: 0 of an alert, and more of each reminder.
        """
        if event.episode_id != self._episode_id:
            self._episode_id, self._seq = event.episode_id, 0
        self._seq += 1
        if event.kind in (EventKind.CRY_STARTED, EventKind.CRY_RESUMED):
            self._called_s = event.at_s
        return line(
            {
                "v": SCHEMA_VERSION,
                **_event_fields(event),
                "device": self._device,
                "id": f"{event.episode_id}:{self._seq}",
                "seq": self._seq,
                "onset": iso(clock.utc(event.onset_s)),
                "at": iso(clock.utc(event.at_s)),
                "rings": event.kind.rings and muted is None,
                "muted": muted if event.kind.rings else None,
                "unanswered_s": round(event.at_s - self._called_s, 1) if event.kind.rings else None,
                "late": False,
            }
        )


def mark_late(event_text: str, *, late: bool) -> str:
    """The event as it is sent: ``late`` is known only then."""
    return line({**json.loads(event_text), "late": late})


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMessage:
    """The heartbeat on ``/state``; fields and JSON keys have the same names and order."""

    device: str
    state: str
    """As ``edge.records.State``."""
    label: str | None
    """The most probable label; this, probabilities and level are None before the first window."""
    probabilities: Mapping[str, float] | None
    """Label -> probability, in schema order."""
    level_dbfs: float | None
    """RMS level of the newest hop."""
    episode_id: str | None
    """The episode under way."""
    alerts: bool
    """As in ``AlertStatus``, like the next three."""
    snoozed_until: datetime | None
    sensitivity: str
    acknowledged: str | None
    last_alert: datetime | None
    """UTC of the last event since the start that calls the parents, muted or not."""
    lost_samples: int
    """Samples at 16 kHz lost since the start."""
    model: str
    version: str
    uptime_s: float
    heartbeat_s: float
    """The next heartbeat comes within this time, and sooner where something changes."""
    utc: datetime

    def to_json(self) -> str:
        """Return one line of JSON, its numbers rounded."""
        rounded = replace(
            self,
            probabilities=self.probabilities and _rounded(self.probabilities),
            level_dbfs=self.level_dbfs if self.level_dbfs is None else round(self.level_dbfs, 1),
            uptime_s=round(self.uptime_s, 1),
        )
        return line({"v": SCHEMA_VERSION, **json_record.encode(rounded, iso)})


@dataclass(frozen=True, slots=True)
class BrokerStatus:
    """The connection to the broker, as ``/health`` reports it."""

    problem: str | None
    """The last one, in words."""


@dataclass(frozen=True, slots=True)
class CommandStatus:
    """The commands received, as ``/health`` reports them."""

    answers: tuple[CommandReply, ...]
    """To the last commands, newest first."""
    lost: int
    """Commands that came faster than hushd takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthMessage:
    """The message on ``/health``: problems of microphone, broker and outbox, and replies to commands.

    Fields and JSON keys have the same names and order, also within the parts.
    """

    device: str
    microphone: MicrophoneHealth
    broker: BrokerStatus
    outbox: OutboxCounts
    commands: CommandStatus
    utc: datetime

    def to_json(self) -> str:
        """Return one line of JSON."""
        return line({"v": SCHEMA_VERSION, **json_record.encode(self, iso)})


def replay_scores(scores: Scores, file: str | None = None) -> str:
    """One hop as ``hushd replay --scores`` prints it; ``file`` only when several are replayed."""
    fields = {
        "type": "scores",
        "end_s": round(scores.end_s, 3),
        "label": scores.label,
        "probabilities": _rounded(scores.probabilities),
    }
    return line(fields | ({"file": file} if file is not None else {}))


def replay_event(event: Event, file: str | None = None) -> str:
    """One event as ``hushd replay`` prints it."""
    return line(_event_fields(event) | ({"file": file} if file is not None else {}))


def iso(utc: datetime) -> str:
    """``2026-01-31T03:12:45.250Z``."""
    return utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event_fields(event: Event) -> dict[str, Any]:
    return {
        "type": "event",
        "kind": event.kind.value,
        "episode_id": event.episode_id,
        "label": event.label,
        "onset_s": round(event.onset_s, 3),
        "at_s": round(event.at_s, 3),
        "confidence": round(event.confidence, 4),
        "why": event.why,
    }


def _rounded(probabilities: Mapping[str, float]) -> dict[str, float]:
    return {label: round(float(probability), 4) for label, probability in probabilities.items()}


def line(fields: Mapping[str, Any]) -> str:
    """JSON in one compact line."""
    # NaN is not JSON: better to stop here than to send what no consumer can parse.
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
