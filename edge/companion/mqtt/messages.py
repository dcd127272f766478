"""What speakers say, as the broker delivers it: bytes in, frozen records out.

Whatever writes to these topics need not be a hushd, so everything is checked; what is wrong is a ValueError.
A device is who its topic says, not who its payload claims to be.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from edge.protocol import messages
from edge.protocol.messages import CommandReply

MAX_BYTES = 16_384
"""The longest message of a hushd, /health, is a tenth of this."""
_MAX_TEXT = 500
_MOST_HEARTBEAT_S = 3_600.0
"""What a speaker's settings allow; one that promised less would never be missed."""


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event, from ``/event``."""

    device: str
    id: str
    """Unique for ever, so one that comes twice is known again."""
    episode_id: str
    kind: str
    """As ``edge.records.EventKind``, or one that only newer speakers know."""
    onset: datetime
    """When the crying began, UTC by the speaker's clock."""
    at: datetime
    """When the speaker decided, UTC by its clock."""
    confidence: float
    """0..1."""
    why: str
    rings: bool
    muted: str | None
    """Why an event that would ring does not."""
    late: bool
    """The speaker could not deliver it for a while: news of the past."""
    test: bool = False
    """Nobody cries: somebody tries whether the phones can be reached."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The heartbeat, from ``/state``."""

    device: str
    live: bool
    """It was said just now; otherwise the broker had kept it, nobody knows for how long."""
    utc: datetime
    """By the speaker's clock."""
    state: str
    """As ``edge.detection.decision.State``."""
    episode_id: str | None
    """The episode under way."""
    acknowledged: str | None
    """The episode of which somebody has said to be going."""
    alerts: bool
    snoozed: bool
    uptime_s: float
    """Since the speaker's start: at first it has not heard enough to know of a cry."""
    heartbeat_s: float | None
    """Seconds within which the next one comes; None: an older speaker, which does not say."""
    fields: Mapping[str, Any]
    """The whole payload."""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of microphone, broker and outbox, and answers to commands, from ``/health``."""

    device: str
    replies: tuple[CommandReply, ...]
    """To the last commands, newest first."""
    fields: Mapping[str, Any]
    """The whole payload."""


@dataclass(frozen=True, slots=True)
class Status:
    """``/status``: whether the program is there."""

    device: str
    online: bool


@dataclass(frozen=True, slots=True)
class MicrophoneMessage:
    """``/listening``: whether the microphone hears anything."""

    device: str
    listening: bool


@dataclass(frozen=True, slots=True)
class CommandAck:
    """A command that a parent gave through us; whether the speaker obeys is another matter."""

    device: str
    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TopicCleared:
    """What the broker had kept of this speaker was cleared: it was given away, or has another name now."""

    device: str


SpeakerMessage = EventMessage | Heartbeat | Health | Status | MicrophoneMessage | CommandAck | TopicCleared


def read(device: str, leaf: str, content: bytes, *, retained: bool) -> SpeakerMessage:
    """The message on the topic that ends with ``leaf``; ValueError says what is wrong with it."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is longer than {MAX_BYTES} bytes")
    if not content and leaf != "event":
        return TopicCleared(device)
    try:
        text = content.decode("utf-8")
        return _READERS[leaf](device, text, retained)
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"it is not what a hushd says: {error!r}") from error


def _read_event(device: str, text: str, retained: bool) -> EventMessage:
    if retained:
        raise ValueError("it is retained: an old cry must not ring at every start")
    fields = _fields(text)
    confidence = float(fields["confidence"])
    if not math.isfinite(confidence):
        raise ValueError("confidence is not a number")
    return EventMessage(
        device=device,
        id=_text(fields["id"]),
        episode_id=_text(fields["episode_id"]),
        kind=_text(fields["kind"]),
        onset=_time(fields["onset"]),
        at=_time(fields["at"]),
        confidence=confidence,
        why=_text(fields["why"]),
        rings=fields["rings"] is True,
        muted=_optional(fields["muted"]),
        late=fields["late"] is True,
        test=fields.get("test", False) is not False,
    )


def _read_heartbeat(device: str, text: str, retained: bool) -> Heartbeat:
    fields = _fields(text)
    return Heartbeat(
        device=device,
        live=not retained,
        utc=_time(fields["utc"]),
        state=_text(fields["state"]),
        episode_id=_optional(fields["episode_id"]),
        acknowledged=_optional(fields["acknowledged"]),
        alerts=fields["alerts"] is not False,
        snoozed=fields["snoozed_until"] is not None,
        uptime_s=float(fields["uptime_s"]),
        heartbeat_s=_heartbeat_s(fields.get("heartbeat_s")),
        fields=MappingProxyType(fields),
    )


def _read_health(device: str, text: str, _: bool) -> Health:
    fields = _fields(text)
    for part in ("microphone", "broker", "outbox", "commands"):
        if not isinstance(fields[part], dict):
            raise TypeError(f"{part} must be an object")
    answers = tuple(_read_reply(answer) for answer in fields["commands"]["answers"])
    return Health(device, answers, MappingProxyType(fields))


def _read_reply(fields: Mapping[str, Any]) -> CommandReply:
    accepted, utc = fields["accepted"] is True, _time(fields["utc"])
    return CommandReply(_text(fields["name"]), _optional(fields["id"]), accepted, _text(fields["detail"]), utc)


_READERS: Mapping[str, Callable[[str, str, bool], SpeakerMessage]] = {
    "event": _read_event,
    "state": _read_heartbeat,
    "health": _read_health,
    "status": lambda device, text, _: Status(device, text == messages.ONLINE),
    "listening": lambda device, text, _: MicrophoneMessage(device, text == messages.ONLINE),
}


def _fields(text: str) -> dict[str, Any]:
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise TypeError("it must be an object")
    if fields["v"] != messages.SCHEMA_VERSION:
        raise ValueError(
            f"its schema is v {fields['v']!r}, this hushd knows {messages.SCHEMA_VERSION}: upgrade the older"
        )
    return fields


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r:.50} must be text")
    return value[:_MAX_TEXT]


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _heartbeat_s(value: Any) -> float | None:
    if value is None:
        return None
    if not 0 < float(value) <= _MOST_HEARTBEAT_S:
        raise ValueError(f"heartbeat_s must be above 0 and at most {_MOST_HEARTBEAT_S:g}")
    return float(value)


def _time(value: object) -> datetime:
    at = datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise ValueError(f"{value!r:.50} has no time zone")
    return at.astimezone(UTC)
