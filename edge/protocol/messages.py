"""The JSON messages of the device; here stream time becomes UTC.

Every message is one compact line. Golden files in ``tests/contract`` fix its shape, which is a public contract.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.protocol import json_record
from edge.records import Event, EventKind, MicrophoneHealth, OutboxCounts, Scores

SCHEMA_VERSION = 1
"""``v`` in each MQTT payload; it rises when consumers must change."""

ONLINE = "online"
OFFLINE = "offline"
"""Payloads of ``/status`` and ``/listening``, the defaults of Home Assistant for an availability topic."""


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """The parents' preferences and acknowledgement in effect."""

    alerts: bool
    """Whether events may ring, apart from a snooze."""
    snoozed_until: datetime | None
    """UTC; None when not snoozed."""
    sensitivity: str
    acknowledged: str | None
    """The episode under way, if a parent has acknowledged it."""


@dataclass(frozen=True, slots=True)
class CommandReply:
    """The reply to a command."""

    name: str
    id: str | None
    """The command's id."""
    accepted: bool
    detail: str
    """The effect, or the reason for the rejection."""
    utc: datetime


@dataclass(frozen=True, slots=True)
class StreamClock:
    """Conversion from stream time to UTC."""

    started_utc: datetime
    """UTC of stream second 0."""

    def __post_init__(self) -> None:
        """Raise ValueError for a time without a time zone, which Python would take for local time."""
        if self.started_utc.tzinfo is None:
            raise ValueError("started_utc must have a time zone")

    @classmethod
    def from_reading(cls, stream_s: float, utc: datetime) -> "StreamClock":
        """Return the clock on which ``stream_s`` is ``utc``.

        Make one for each event: a sound card drifts some seconds a day, and a board without a battery-backed clock
        jumps by hours when the network sets it.
        """
        return cls(utc - timedelta(seconds=stream_s))

    def utc(self, stream_s: float) -> datetime:
        """Return the UTC of a stream time in seconds."""
        return self.started_utc + timedelta(seconds=stream_s)


class EventWriter:
    """Formats events for MQTT and numbers them within their episode."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._episode_id = ""
        self._seq = 0
        self._alerted_s = 0.0

    def write(self, event: Event, clock: StreamClock, muted: str | None = None) -> str:
        """Return one event as JSON; its ``id`` is unique, so that a consumer can drop the repetition QoS 1 permits.

        ``muted`` is the reason why an event that would ring does not. ``unanswered_s`` in the JSON is the time since
        the last alert for such events: 0 for the alert, and more for each reminder.
        """
        if event.episode_id != self._episode_id:
            self._episode_id, self._seq = event.episode_id, 0
        self._seq += 1
        if event.kind in (EventKind.CRY_STARTED, EventKind.CRY_RESUMED):
            self._alerted_s = event.at_s
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
                "unanswered_s": round(event.at_s - self._alerted_s, 1) if event.kind.rings else None,
                "late": False,
            }
        )


def mark_late(event_text: str, *, late: bool) -> str:
    """Return the event with ``late``, which is known only when it is sent."""
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
    """Return one hop as ``hushd replay --scores`` prints it; ``file`` where several are replayed."""
    fields = {
        "type": "scores",
        "end_s": round(scores.end_s, 3),
        "label": scores.label,
        "probabilities": _rounded(scores.probabilities),
    }
    return line(fields | ({"file": file} if file is not None else {}))


def replay_event(event: Event, file: str | None = None) -> str:
    """Return one event as ``hushd replay`` prints it."""
    return line(_event_fields(event) | ({"file": file} if file is not None else {}))


def iso(utc: datetime) -> str:
    """Return the time as ``2026-01-31T03:12:45.250Z``."""
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
    """Return the fields as JSON in one compact line; raise ValueError for NaN."""
    # NaN is not JSON: fail here rather than at every consumer.
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
