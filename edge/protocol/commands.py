"""Commands on ``<prefix>/set/...``: bytes in, frozen records out.

    /set/alerts        on, off
    /set/snooze        minutes from 0 to 720; 0 ends a snooze
    /set/sensitivity   low, normal, high
    /set/acknowledge   the id of an episode, or `latest`
    /set/feedback      {"episode_id": an id or "latest", "verdict": "right", "false_alarm" or "somebody_was_there"}

A bare value is enough. As an object, ``{"value": 30, "id": "4f1c", "at": "2026-01-31T03:12:45Z"}``, a command also has
an id and the time of sending, so that ``edge.control.command_dedup`` can reject one that comes twice or late.
``edge.control.controller`` applies them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from edge.detection.decision_settings import Sensitivity
from edge.protocol import json_record
from edge.protocol.json_record import shorten

MAX_BYTES = 512
LONGEST_SNOOZE_MINUTES = 720.0
LATEST = "latest"
"""Stands for the id of the episode under way, or of the last one if no episode is under way."""


class Verdict(StrEnum):
    """Whether an alert was right, by the parent who went there."""

    RIGHT = "right"
    FALSE_ALARM = "false_alarm"
    SOMEBODY_WAS_THERE = "somebody_was_there"


@dataclass(frozen=True, slots=True)
class CommandMessage:
    """A command as the broker delivered it."""

    name: str
    """The last level of its topic."""
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class Alerts:
    """Turn the ringing of events on or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class Snooze:
    """Mute events from now."""

    minutes: float
    """0 ends a snooze."""


@dataclass(frozen=True, slots=True)
class SetSensitivity:
    """Use another operating point of the model."""

    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Stop the reminders of this episode: a parent is on the way."""

    episode_id: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """Store a verdict on an alert."""

    episode_id: str
    verdict: Verdict


Action = Alerts | Snooze | SetSensitivity | Acknowledge | Feedback


@dataclass(frozen=True, slots=True)
class Command:
    """A valid command."""

    action: Action
    id: str | None = None
    """Unique id by the sender."""
    at: datetime | None = None
    """Time of sending, UTC."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The reply to an invalid command."""

    reason: str
    """One line for the sender."""
    id: str | None = None
    """The command's id, where it can be read."""


def parse(message: CommandMessage) -> Command | Rejection:
    """Return the command in a message, or the reason to reject it."""
    if len(message.payload) > MAX_BYTES:
        return Rejection(f"it is longer than {MAX_BYTES} bytes")
    reason, command_id = _reject_reason(message), None
    try:
        fields = _fields(message.payload.decode("utf-8"))
        command_id = _identifier(fields.pop("id"), "id") if "id" in fields else None
        if reason is None:
            at = json_record.parse_time(_text(fields.pop("at"), "at"), "at") if "at" in fields else None
            return Command(_ACTIONS[message.name](fields), command_id, at)
    except ValueError as error:  # also bytes that are not UTF-8, and text that is not JSON
        reason = reason or f"it is malformed: {error}"
    return Rejection(reason, command_id)


def _reject_reason(message: CommandMessage) -> str | None:
    """Return why the message is rejected whatever its payload; None if it is not."""
    if message.retained:
        return "it is retained, and an old command must not come back at every start: publish without retain"
    if message.name not in _ACTIONS:
        return f"there is no such command, only {', '.join(_ACTIONS)}"
    return None


def _fields(text: str) -> dict[str, Any]:
    text = text.strip()
    return json_record.parse(text) if text.startswith("{") else {"value": text}


def _alerts(fields: Mapping[str, Any]) -> Alerts:
    return Alerts(_choice(_value(fields), ("on", "off")) == "on")


def _snooze(fields: Mapping[str, Any]) -> Snooze:
    text = _value(fields)
    minutes = float(text) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else -1.0
    if not 0 <= minutes <= LONGEST_SNOOZE_MINUTES:
        raise ValueError(f"minutes must be a number from 0 to {LONGEST_SNOOZE_MINUTES:g}, not {shorten(text)}")
    return Snooze(minutes)


def _sensitivity(fields: Mapping[str, Any]) -> SetSensitivity:
    return SetSensitivity(Sensitivity(_choice(_value(fields), tuple(Sensitivity))))


def _acknowledge(fields: Mapping[str, Any]) -> Acknowledge:
    return Acknowledge(_identifier(_value(fields), "episode_id"))


def _feedback(fields: Mapping[str, Any]) -> Feedback:
    _require_only(fields, "episode_id", "verdict")
    verdict = _choice(_text(fields["verdict"], "verdict"), tuple(Verdict))
    return Feedback(_identifier(fields["episode_id"], "episode_id"), Verdict(verdict))


_ACTIONS: dict[str, Callable[[Mapping[str, Any]], Action]] = {
    "alerts": _alerts,
    "snooze": _snooze,
    "sensitivity": _sensitivity,
    "acknowledge": _acknowledge,
    "feedback": _feedback,
}


def _value(fields: Mapping[str, Any]) -> str:
    _require_only(fields, "value")
    return _text(fields["value"], "value")


def _require_only(fields: Mapping[str, Any], *names: str) -> None:
    if set(fields) != set(names):
        raise ValueError(f"apart from id and at, it must contain {' and '.join(names)}, and no other field")


def _text(value: object, name: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{name} must be a word or a number")  # noqa: TRY004 - as all that is wrong with a command
    return str(value)


def _choice(text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise ValueError(f"it must say {' or '.join(choices)}, not {shorten(text)}")
    return text.lower()


def _identifier(value: object, name: str) -> str:
    text = _text(value, name)
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", text):
        raise ValueError(f"{name} must be 1 to 64 letters, digits or _ . : -, not {shorten(text)}")
    return text
