"""What a parent may tell hushd on ``<prefix>/set/...``: bytes in, frozen records out.

    /set/alerts        on, off
    /set/snooze        minutes from 0 to 720; 0 ends a snooze
    /set/sensitivity   low, normal, high
    /set/acknowledge   the id of an episode, or `latest`
    /set/feedback      {"episode_id": an id or "latest", "verdict": "right", "false_alarm" or "somebody_was_there"}

A bare value will do. As an object, ``{"value": 30, "id": "4f1c", "at": "2026-01-31T03:12:45Z"}``, a command also says
who it is and when it was given, so that one that comes twice, or late, is not obeyed: see ``command_dedup``.
``edge.control.controller`` obeys.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from edge.detection.decision_settings import Sensitivity

MAX_BYTES = 512
LONGEST_SNOOZE_MINUTES = 720.0
LATEST = "latest"
"""Stands for the id of the episode under way, or else of the one before."""


class Verdict(StrEnum):
    """What a parent found on going there."""

    RIGHT = "right"
    FALSE_ALARM = "false_alarm"
    SOMEBODY_WAS_THERE = "somebody_was_there"


@dataclass(frozen=True, slots=True)
class Message:
    """A command as the broker delivered it."""

    name: str
    """The last level of its topic."""
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class Alerts:
    """Whether events may ring."""

    on: bool


@dataclass(frozen=True, slots=True)
class Snooze:
    """No event rings for so many minutes from now."""

    minutes: float


@dataclass(frozen=True, slots=True)
class SetSensitivity:
    """Another operating point of the model."""

    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Somebody is going: no more reminders of this episode."""

    episode_id: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """Whether calling was right."""

    episode_id: str
    verdict: Verdict


Action = Alerts | Snooze | SetSensitivity | Acknowledge | Feedback


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and what it says of itself."""

    action: Action
    id: str | None = None
    at: datetime | None = None
    """When it was given, UTC."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a command is not obeyed, in words for the one who sent it."""

    reason: str
    id: str | None = None
    """As the command called itself, where that can be read."""


def parse(message: Message) -> Command | Rejection:
    """The command in a message, or what is wrong with it."""
    if len(message.payload) > MAX_BYTES:
        return Rejection(f"it is longer than {MAX_BYTES} bytes")
    objection, identity = _objection(message), None
    try:
        fields = _fields(message.payload.decode("utf-8"))
        identity = _identity(fields.pop("id"), "id") if "id" in fields else None
        if objection is None:
            at = _time(fields.pop("at")) if "at" in fields else None
            return Command(_COMMANDS[message.name](fields), identity, at)
    except (ValueError, TypeError, RecursionError) as error:  # bytes that are no text, text that is no JSON, too
        objection = objection or f"it is malformed: {error}"
    return Rejection(objection, identity)


def _objection(message: Message) -> str | None:
    """What is wrong with it, whatever it says."""
    if message.retained:
        return "it is retained, and an old command must not come back at every start: publish without retain"
    if message.name not in _COMMANDS:
        return f"there is no such command, only {', '.join(_COMMANDS)}"
    return None


def _fields(text: str) -> dict[str, Any]:
    text = text.strip()
    if not text.startswith("{"):
        return {"value": text}
    fields: dict[str, Any] = json.loads(text)
    return fields


def _alerts(fields: Mapping[str, Any]) -> Alerts:
    return Alerts(_choice(_value(fields), ("on", "off")) == "on")


def _snooze(fields: Mapping[str, Any]) -> Snooze:
    text = _value(fields)
    minutes = float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else -1.0
    if not 0 <= minutes <= LONGEST_SNOOZE_MINUTES:
        raise ValueError(f"minutes must be a number from 0 to {LONGEST_SNOOZE_MINUTES:g}, not {_shown(text)}")
    return Snooze(minutes)


def _sensitivity(fields: Mapping[str, Any]) -> SetSensitivity:
    return SetSensitivity(Sensitivity(_choice(_value(fields), tuple(Sensitivity))))


def _acknowledge(fields: Mapping[str, Any]) -> Acknowledge:
    return Acknowledge(_identity(_value(fields), "episode_id"))


def _feedback(fields: Mapping[str, Any]) -> Feedback:
    _known(fields, "episode_id", "verdict")
    verdict = _choice(_text(fields["verdict"], "verdict"), tuple(Verdict))
    return Feedback(_identity(fields["episode_id"], "episode_id"), Verdict(verdict))


_COMMANDS: dict[str, Callable[[Mapping[str, Any]], Action]] = {
    "alerts": _alerts,
    "snooze": _snooze,
    "sensitivity": _sensitivity,
    "acknowledge": _acknowledge,
    "feedback": _feedback,
}


def _value(fields: Mapping[str, Any]) -> str:
    _known(fields, "value")
    return _text(fields["value"], "value")


def _known(fields: Mapping[str, Any], *names: str) -> None:
    if set(fields) != set(names):
        raise ValueError(f"beside id and at, it must hold {' and '.join(names)}, and nothing else")


def _text(value: object, name: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(f"{name} must be a word or a number")
    return str(value)


def _choice(text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise ValueError(f"it must say {' or '.join(choices)}, not {_shown(text)}")
    return text.lower()


def _identity(value: object, name: str) -> str:
    text = _text(value, name)
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", text):
        raise ValueError(f"{name} must be 1 to 64 letters, digits or _ . : -, not {_shown(text)}")
    return text


def _time(value: object) -> datetime:
    text = _text(value, "at")
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"at needs a time zone, such as the Z of 2026-01-31T03:12:45Z, not {_shown(text)}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"at is at the end of all calendars: {_shown(text)}") from None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
