"""The JSON that leaves the device; the only place where stream time becomes UTC.

Every text is one compact line. Its shape is a public contract, kept by golden files in ``tests/contract``.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.records import Event, EventKind, Scores

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
    def reading(cls, stream_s: float, utc: datetime) -> "StreamClock":
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


def marked(event_text: str, *, late: bool) -> str:
    """The event as it is sent: ``late`` is known only then."""
    return line({**json.loads(event_text), "late": late})


def state(
    *,
    device: str,
    state: str,
    scores: Scores | None,
    episode_id: str | None,
    standing: AlertStatus,
    last_alert: datetime | None,
    lost_samples: int,
    model: str,
    version: str,
    uptime_s: float,
    heartbeat_s: float,
    utc: datetime,
) -> str:
    """The heartbeat; label, probabilities and level are null until the first window has been classified.

    The next one comes within ``heartbeat_s``, and sooner where something changes.
    ``last_alert`` is when an event last called the parents since the daemon started, muted or not.
    """
    return line(
        {
            "v": SCHEMA_VERSION,
            "device": device,
            "state": state,
            "label": scores and scores.label,
            "probabilities": scores and _rounded(scores.probabilities),
            "level_dbfs": scores and round(scores.level_dbfs, 1),
            "episode_id": episode_id,
            "alerts": standing.alerts,
            "snoozed_until": standing.snoozed_until and iso(standing.snoozed_until),
            "sensitivity": standing.sensitivity,
            "acknowledged": standing.acknowledged,
            "last_alert": last_alert and iso(last_alert),
            "lost_samples": lost_samples,
            "model": model,
            "version": version,
            "uptime_s": round(uptime_s, 1),
            "heartbeat_s": heartbeat_s,
            "utc": iso(utc),
        }
    )


def health(
    *,
    device: str,
    microphone: str,
    detail: str,
    lost_samples: int,
    broker: str | None,
    waiting: int,
    dropped: int,
    expired: int,
    outbox: str | None,
    answers: Iterable[CommandReply],
    lost_commands: int,
    utc: datetime,
) -> str:
    """What a parent must know when hushd cannot hear or cannot tell.

    ``broker`` and ``outbox`` are the last problem in words or null; ``dropped`` and ``expired`` count events never
    delivered since the daemon started: the outbox was full, or they had become too old. The last commands are
    answered, newest first; ``lost_commands`` came faster than hushd could obey.
    """
    return line(
        {
            "v": SCHEMA_VERSION,
            "device": device,
            "microphone": {"state": microphone, "detail": detail, "lost_samples": lost_samples},
            "broker": {"problem": broker},
            "outbox": {"waiting": waiting, "dropped": dropped, "expired": expired, "problem": outbox},
            "commands": {
                "answers": [{**asdict(answer), "utc": iso(answer.utc)} for answer in answers],
                "lost": lost_commands,
            },
            "utc": iso(utc),
        }
    )


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
