"""Messages of the speakers, parsed from the broker's payloads into frozen records.

Any client may publish on these topics, so every field is checked and a wrong one raises ValueError. The device is the
one in the topic; a device named in the payload is ignored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from edge.companion.mqtt.payload_fields import get_number, get_optional_text, get_text, get_time, get_value
from edge.protocol import json_record, messages
from edge.protocol.json_record import shorten
from edge.protocol.messages import CommandReply

MAX_BYTES = 16_384
"""The longest message of a hushd, /health, is a tenth of this."""
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
        raise ValueError(f"the payload is longer than {MAX_BYTES} bytes")
    if not content and leaf != "event":
        return TopicCleared(device)
    if leaf not in _READERS:
        raise ValueError(f"/{leaf} is not a topic of hushd")
    try:
        return _READERS[leaf](device, content.decode("utf-8"), retained)
    except UnicodeDecodeError:
        raise ValueError("the payload is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("the payload is nested too deeply") from None


def _read_event(device: str, text: str, retained: bool) -> EventMessage:
    if retained:
        raise ValueError(
            "the event is retained, and an old cry must not ring at every start: publish events without retain"
        )
    fields = _fields(text)
    return EventMessage(
        device=device,
        id=get_text(fields, "id"),
        episode_id=get_text(fields, "episode_id"),
        kind=get_text(fields, "kind"),
        onset=get_time(fields, "onset"),
        at=get_time(fields, "at"),
        confidence=get_number(fields, "confidence"),
        why=get_text(fields, "why"),
        rings=get_value(fields, "rings") is True,
        muted=get_optional_text(fields, "muted"),
        late=get_value(fields, "late") is True,
        test=fields.get("test", False) is not False,
    )


def _read_heartbeat(device: str, text: str, retained: bool) -> Heartbeat:
    fields = _fields(text)
    return Heartbeat(
        device=device,
        live=not retained,
        utc=get_time(fields, "utc"),
        state=get_text(fields, "state"),
        episode_id=get_optional_text(fields, "episode_id"),
        acknowledged=get_optional_text(fields, "acknowledged"),
        alerts=get_value(fields, "alerts") is not False,
        snoozed=get_value(fields, "snoozed_until") is not None,
        uptime_s=get_number(fields, "uptime_s"),
        heartbeat_s=_heartbeat_s(fields),
        fields=MappingProxyType(fields),
    )


def _read_health(device: str, text: str, _: bool) -> Health:
    fields = _fields(text)
    for part in ("microphone", "broker", "outbox", "commands"):
        if not isinstance(get_value(fields, part), dict):
            raise ValueError(f"`{part}` must be an object, is {shorten(fields[part])}")  # noqa: TRY004 - a wrong value
    replies = get_value(fields["commands"], "answers")
    if not isinstance(replies, list) or not all(isinstance(reply, dict) for reply in replies):
        raise ValueError(f"`answers` must be a list of objects, is {shorten(replies)}")
    return Health(device, tuple(map(_read_reply, replies)), MappingProxyType(fields))


def _read_reply(fields: Mapping[str, Any]) -> CommandReply:
    return CommandReply(
        get_text(fields, "name"),
        get_optional_text(fields, "id"),
        get_value(fields, "accepted") is True,
        get_text(fields, "detail"),
        get_time(fields, "utc"),
    )


_READERS: Mapping[str, Callable[[str, str, bool], SpeakerMessage]] = {
    "event": _read_event,
    "state": _read_heartbeat,
    "health": _read_health,
    "status": lambda device, text, _: Status(device, text == messages.ONLINE),
    "listening": lambda device, text, _: MicrophoneMessage(device, text == messages.ONLINE),
}


def _fields(text: str) -> dict[str, Any]:
    return json_record.parse(text, messages.SCHEMA_VERSION)


def _heartbeat_s(fields: Mapping[str, Any]) -> float | None:
    if fields.get("heartbeat_s") is None:
        return None
    heartbeat_s = get_number(fields, "heartbeat_s")
    if not 0 < heartbeat_s <= _MOST_HEARTBEAT_S:
        raise ValueError(f"`heartbeat_s` must be above 0 and at most {_MOST_HEARTBEAT_S:g}, is {heartbeat_s:g}")
    return heartbeat_s
