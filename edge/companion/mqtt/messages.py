"""Messages of the speakers, parsed from the broker's payloads into frozen records.

Any client may publish on these topics, so every field is checked and a wrong one raises ValueError. The device is the
one in the topic; a device named in the payload is ignored.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from edge.protocol import json_record, messages
from edge.protocol.messages import CommandReply

MAX_BYTES = 16_384
"""The longest message of a hushd, /health, is a tenth of this."""
_MAX_TEXT = 500
_MOST_HEARTBEAT_S = 3_600.0
"""Longest interval that a speaker's settings allow; without this limit, a speaker with a longer one is never missed."""


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event, from ``/event``."""

    device: str
    id: str
    """Unique across restarts, so that a repeated message is recognized."""
    episode_id: str
    kind: str
    """An ``edge.records.EventKind``, or a kind of a newer speaker."""
    onset: datetime
    """Onset of the crying, UTC by the speaker's clock."""
    at: datetime
    """Time of the decision, UTC by the speaker's clock."""
    confidence: float
    """0..1."""
    why: str
    rings: bool
    muted: str | None
    """Why an event that would ring does not; None where it rings or never would."""
    late: bool
    """The speaker could not deliver it in time."""
    test: bool = False
    """A test alert: no baby cries."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A heartbeat, from ``/state``."""

    device: str
    live: bool
    """Published just now; False: a retained message of unknown age."""
    utc: datetime
    """Time of the heartbeat, by the speaker's clock."""
    state: str
    """As ``edge.records.State``."""
    episode_id: str | None
    """The episode under way."""
    acknowledged: str | None
    """The episode that a parent has acknowledged."""
    alerts: bool
    snoozed: bool
    uptime_s: float
    """Seconds since the speaker's start; at first it has too little sound to detect a cry."""
    heartbeat_s: float | None
    """Seconds until the next heartbeat; None: an older speaker, which sends no interval."""
    fields: Mapping[str, Any]
    """The whole payload."""


@dataclass(frozen=True, slots=True)
class Health:
    """State of microphone, broker and outbox, and replies to commands, from ``/health``."""

    device: str
    replies: tuple[CommandReply, ...]
    """To the last commands, newest first."""
    fields: Mapping[str, Any]
    """The whole payload."""


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the speaker's program runs, from ``/status``."""

    device: str
    online: bool


@dataclass(frozen=True, slots=True)
class MicrophoneMessage:
    """Whether the speaker's microphone delivers sound, from ``/listening``."""

    device: str
    listening: bool


@dataclass(frozen=True, slots=True)
class CommandAck:
    """A command that the companion has sent for a parent; the speaker may still reject it."""

    device: str
    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TopicCleared:
    """A retained topic of this speaker was cleared, because it is gone for good or has another name."""

    device: str


SpeakerMessage = EventMessage | Heartbeat | Health | Status | MicrophoneMessage | CommandAck | TopicCleared


def read(device: str, leaf: str, content: bytes, *, retained: bool) -> SpeakerMessage:
    """Parse the payload of the topic that ends with ``leaf``; raise ValueError where it is invalid."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is longer than {MAX_BYTES} bytes")
    if not content and leaf != "event":
        return TopicCleared(device)
    try:
        text = content.decode("utf-8")
        return _READERS[leaf](device, text, retained)
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"it is no message of a hushd: {error!r}") from error


def _read_event(device: str, text: str, retained: bool) -> EventMessage:
    if retained:
        raise ValueError("it is retained, and an old cry must not ring at every start: publish events without retain")
    fields = _fields(text)
    confidence = float(fields["confidence"])
    if not math.isfinite(confidence):
        raise ValueError("confidence is not a number")
    return EventMessage(
        device=device,
        id=_text(fields["id"]),
        episode_id=_text(fields["episode_id"]),
        kind=_text(fields["kind"]),
        onset=_time(fields, "onset"),
        at=_time(fields, "at"),
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
        utc=_time(fields, "utc"),
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
    replies = tuple(_read_reply(reply) for reply in fields["commands"]["answers"])
    return Health(device, replies, MappingProxyType(fields))


def _read_reply(fields: Mapping[str, Any]) -> CommandReply:
    accepted, utc = fields["accepted"] is True, _time(fields, "utc")
    return CommandReply(_text(fields["name"]), _optional(fields["id"]), accepted, _text(fields["detail"]), utc)


_READERS: Mapping[str, Callable[[str, str, bool], SpeakerMessage]] = {
    "event": _read_event,
    "state": _read_heartbeat,
    "health": _read_health,
    "status": lambda device, text, _: Status(device, text == messages.ONLINE),
    "listening": lambda device, text, _: MicrophoneMessage(device, text == messages.ONLINE),
}


def _fields(text: str) -> dict[str, Any]:
    return json_record.parse(text, messages.SCHEMA_VERSION)


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


def _time(fields: Mapping[str, Any], name: str) -> datetime:
    return json_record.parse_time(_text(fields[name]), name)
