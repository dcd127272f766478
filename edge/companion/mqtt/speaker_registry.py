"""Registry of the speakers' last known state, for readers in any thread.

A reader remembers ``version`` and waits for a higher one, or subscribes a callback. It then reads ``devices()``.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from edge.companion.mqtt.messages import (
    EventMessage,
    Health,
    Heartbeat,
    MicrophoneMessage,
    SpeakerMessage,
    Status,
    TopicCleared,
)
from edge.protocol.heartbeat import HeartbeatPolicy
from edge.protocol.messages import CommandReply

T = TypeVar("T")

_MAX_DEVICES = 32
"""More names than this are topics of other programs."""


@dataclass(frozen=True, slots=True)
class DeviceView:
    """Last known state of one speaker."""

    device: str
    online: bool = False
    """Whether the program runs, as the broker reports."""
    listening: bool = False
    """Whether its microphone delivers sound."""
    state: Mapping[str, Any] | None = None
    """The last payload of /state; it may be as old as ``last_heard``."""
    health: Mapping[str, Any] | None = None
    """The last payload of /health."""
    last_heard: datetime | None = None
    """UTC of the last live heartbeat; None: no live one since the companion started."""
    silent_after: timedelta = timedelta(0)
    """Without a heartbeat for longer than this, the speaker cannot be relied on."""
    alarm: str | None = None
    """Why this speaker cannot be relied on, in words for a parent; None while it can."""


class SpeakerRegistry:
    """Views of all speakers, command replies, alarms and warnings, with a version that grows at each change."""

    def __init__(self, default_heartbeat_s: float, problem: str | None) -> None:
        """Start without speakers.

        ``default_heartbeat_s`` holds for a speaker whose messages lack their heartbeat interval, ``problem`` until
        the first ``set_problem``.
        """
        self._default_heartbeat_s = default_heartbeat_s
        self._problem = problem
        self._changed = threading.Condition()
        self._version = 0
        self._views: dict[str, DeviceView] = {}
        self._replies: dict[str, tuple[CommandReply, ...]] = {}
        self._callbacks: list[Callable[[], object]] = []
        self._warnings: tuple[str, ...] = ()

    @property
    def problem(self) -> str | None:
        """Why the broker cannot be reached; None while it can."""
        return self._problem

    @property
    def warnings(self) -> tuple[str, ...]:
        """Other problems that the page shows to the parents: failing pushes, a full disk."""
        return self._warnings

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._version

    def devices(self) -> tuple[DeviceView, ...]:
        """Return the views of all known speakers, sorted by name."""
        with self._changed:
            return tuple(self._views[name] for name in sorted(self._views))

    def is_known(self, device: str) -> bool:
        """Return whether a message of this speaker has come."""
        return device in self._views

    def accepts(self, device: str) -> bool:
        """Return whether this speaker is known or there is room for another one."""
        return device in self._views or len(self._views) < _MAX_DEVICES

    def reply(self, device: str, command_id: str) -> CommandReply | None:
        """Return the speaker's reply to a command, or None where it has not come."""
        with self._changed:
            return next((reply for reply in self._replies.get(device, ()) if reply.id == command_id), None)

    def wait(self, after_version: int, timeout_s: float) -> int:
        """Wait until the version is above ``after_version`` or the time is over; return the version."""
        self.wait_for(lambda: self._version > after_version, timeout_s)
        return self._version

    def wait_for(self, condition: Callable[[], T], timeout_s: float) -> T:
        """Evaluate ``condition`` after each change until it is true or the time is over; return its last value."""
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    def subscribe(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call ``callback`` after each change, in the thread that made it; return a function that ends this.

        The callback must be quick.
        """
        with self._changed:
            self._callbacks.append(callback)

        def unsubscribe() -> None:
            with self._changed:
                self._callbacks.remove(callback)

        return unsubscribe

    def set_problem(self, problem: str | None) -> None:
        """Record why the broker cannot be reached, or None once it is."""
        self._problem = problem
        self.touch()

    def set_alarm(self, device: str, alarm: str | None) -> None:
        """Record why a speaker cannot be relied on, or None once it can."""
        self._update(device, alarm=alarm)

    def set_warnings(self, warnings: tuple[str, ...]) -> None:
        """Replace the problems that the page shows above the speakers, such as failing pushes or a full disk."""
        self._warnings = warnings
        self.touch()

    def touch(self) -> None:
        """Raise the version and run the callbacks, because data shown beside the views has changed."""
        with self._changed:
            self._version += 1
            callbacks = tuple(self._callbacks)
            self._changed.notify_all()
        for callback in callbacks:
            callback()

    def apply(self, message: SpeakerMessage) -> None:
        """Update the view of the speaker that has published this message."""
        match message:
            case Status(device, online):
                self._update(device, online=online)
            case MicrophoneMessage(device, listening):
                self._update(device, listening=listening)
            case Heartbeat(device, live=live, heartbeat_s=heartbeat_s, fields=fields):
                policy = HeartbeatPolicy(heartbeat_s or self._default_heartbeat_s)
                last_heard = {"last_heard": datetime.now(UTC)} if live else {}
                self._update(device, state=fields, silent_after=timedelta(seconds=policy.silent_after_s), **last_heard)
            case Health(device, replies, fields):
                self._replies[device] = replies
                self._update(device, health=fields)
            case EventMessage(device=device, test=False):
                self._update(device)
            case TopicCleared(device):
                with self._changed:
                    self._views.pop(device, None)
                self.touch()

    def _update(self, device: str, **changes: Any) -> None:
        with self._changed:
            self._views[device] = replace(self._views.get(device, DeviceView(device)), **changes)
        self.touch()
