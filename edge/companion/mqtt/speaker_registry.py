"""What is known of every speaker in the house, now; read by the page and the companion, from any thread.

A consumer remembers ``version`` and waits for a higher one, or subscribes a callback; then it asks for ``devices``.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from paho.mqtt.client import MQTTMessage

from edge.companion.mqtt import messages
from edge.companion.mqtt.link import Link
from edge.companion.mqtt.messages import (
    CommandAck,
    EventMessage,
    Health,
    Heartbeat,
    Message,
    MicrophoneMessage,
    Status,
    TopicCleared,
)
from edge.companion.mqtt.topic_map import TopicMap
from edge.errors import BrokerError
from edge.mqtt.settings import BrokerSettings
from edge.protocol.messages import MISSED_BEATS, CommandReply

_log = logging.getLogger(__name__)

_MOST_DEVICES = 32
"""More names than this are somebody else's topics."""
_LATE_S = 1.0
"""A heartbeat waits for the sound that is being read."""
_QOS = {"status": 0, "listening": 0, "state": 0, "health": 0, "event": 1}


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One speaker as it was last heard of."""

    device: str
    online: bool = False
    """Whether the program is there, as the broker says."""
    listening: bool = False
    """Whether its microphone hears anything."""
    state: Mapping[str, Any] | None = None
    """The last payload of /state; it may be old where ``last_heard`` is."""
    health: Mapping[str, Any] | None = None
    """The last payload of /health."""
    last_heard: datetime | None = None
    """UTC of the last heartbeat that came live; None: not one since the companion started."""
    silence: timedelta = timedelta(0)
    """Having said nothing for this long, it cannot be relied on."""
    alarm: str | None = None
    """Why this speaker cannot be relied on, in words for a parent; None while it can."""


class SpeakerRegistry:
    """The speakers' views, and the way to give them commands."""

    def __init__(
        self,
        speakers: TopicMap,
        broker: BrokerSettings,
        hear: Callable[[Message], None] = lambda _: None,
        line: Callable[[str | None], None] = lambda _: None,
        identity: str = "",
    ) -> None:
        """``hear`` gets each message, ``line`` None when the broker is reached, else why not; in any thread.

        By its ``identity`` the broker knows a companion again; two of one would throw each other out.
        """
        self._speakers = speakers
        self._hear = hear
        self._line = line
        self._changed = threading.Condition()
        self._version = 0
        self._views: dict[str, DeviceView] = {}
        self._answers: dict[str, tuple[CommandReply, ...]] = {}
        self._callbacks: list[Callable[[], object]] = []
        self._warnings: tuple[str, ...] = ()
        self._heartbeat_s = broker.heartbeat_s
        self._problem: str | None = f"broker {broker.address} has not been reached yet"
        filters = [(speakers.filter(leaf), qos) for leaf, qos in _QOS.items()]
        self._link = Link(broker, f"hushd-{speakers.only}-phone{identity}", filters, self._on_message, self._on_line)

    def __enter__(self) -> Self:
        """Begin connecting; returns at once."""
        self._link.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._link.stop()

    @property
    def problem(self) -> str | None:
        """Why the broker cannot be reached; None while it can."""
        return self._problem

    @property
    def warnings(self) -> tuple[str, ...]:
        """What else the parents should know: pushes that do not get through, a disk that is full."""
        return self._warnings

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._version

    def devices(self) -> tuple[DeviceView, ...]:
        """All speakers that were heard of, by name."""
        with self._changed:
            return tuple(self._views[name] for name in sorted(self._views))

    def wait(self, after_version: int, timeout_s: float) -> int:
        """The version, once it is above ``after_version`` or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._version > after_version, timeout_s)
            return self._version

    def subscribe(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call this after each change, from whatever thread made it; returns what ends it. It must be quick."""
        with self._changed:
            self._callbacks.append(callback)

        def unsubscribe() -> None:
            with self._changed:
                self._callbacks.remove(callback)

        return unsubscribe

    def command(self, device: str, name: str, value: str | float | Mapping[str, Any]) -> str:
        """Tell a speaker something, as ``edge.protocol.commands`` says; its ``answer`` carries the id that is returned.

        ``value`` is a bare value, or the fields of feedback. BrokerError where it cannot be sent.
        """
        if device not in self._views:
            raise BrokerError(f"no speaker called {device!r:.40} has been heard of")
        identity = uuid4().hex
        fields = dict(value) if isinstance(value, Mapping) else {"value": value}
        # Without "at": a companion whose clock differs from the speaker's would be refused.
        self._link.send(self._speakers.topics(device).command(name), json.dumps({**fields, "id": identity}))
        self._hear(CommandAck(device, name, fields))
        return identity

    def answer(self, device: str, command_id: str) -> CommandReply | None:
        """What became of a command, as far as it is known."""
        with self._changed:
            return self._answer(device, command_id)

    def await_answer(self, device: str, command_id: str, timeout_s: float = 5.0) -> CommandReply | None:
        """What became of a command; None where the speaker has not answered in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._answer(device, command_id), timeout_s)

    def answer_test(self, device: str, text: str) -> None:
        """Say how far a test alert has come; BrokerError where it cannot be sent."""
        self._link.send(self._speakers.topics(device).test, text)

    def set_alarm(self, device: str, alarm: str | None) -> None:
        """Why a speaker cannot be relied on, or that it can again."""
        self._update(device, alarm=alarm)

    def set_warnings(self, warnings: tuple[str, ...]) -> None:
        """What else the parents should know, from now on."""
        self._warnings = warnings
        self.touch()

    def check(self) -> None:
        """Raise what made our thread crash, if it did."""
        self._link.check()

    def touch(self) -> None:
        """Something that is shown beside the views has changed."""
        with self._changed:
            self._version += 1
            callbacks = tuple(self._callbacks)
            self._changed.notify_all()
        for callback in callbacks:
            callback()

    def _on_line(self, problem: str | None) -> None:
        self._problem = problem
        self.touch()
        self._line(problem)

    def _on_message(self, mqtt: MQTTMessage) -> None:
        found = self._speakers.device_of(mqtt.topic)
        if found is None:
            return
        device, leaf = found
        if device not in self._views and len(self._views) >= _MOST_DEVICES:
            return
        try:
            message = messages.read(device, leaf, bytes(mqtt.payload), retained=mqtt.retain)
        except ValueError as error:
            _log.warning("a message on %.100s is passed over: %s", mqtt.topic, error)
            return
        self._take(message)
        self._hear(message)

    def _take(self, message: Message) -> None:
        match message:
            case Status(device, online):
                self._update(device, online=online)
            case MicrophoneMessage(device, listening):
                self._update(device, listening=listening)
            case Heartbeat(device, live=live, heartbeat_s=heartbeat_s, fields=fields):
                silence = timedelta(seconds=MISSED_BEATS * (heartbeat_s or self._heartbeat_s) + _LATE_S)
                heard = {"last_heard": datetime.now(UTC)} if live else {}
                self._update(device, state=fields, silence=silence, **heard)
            case Health(device, answers, fields):
                self._answers[device] = answers
                self._update(device, health=fields)
            case EventMessage(device=device, test=False):
                self._update(device)
            case TopicCleared(device):
                with self._changed:
                    self._views.pop(device, None)
                self.touch()

    def _update(self, device: str, **news: Any) -> None:
        with self._changed:
            self._views[device] = replace(self._views.get(device, DeviceView(device)), **news)
        self.touch()

    def _answer(self, device: str, command_id: str) -> CommandReply | None:
        return next((answer for answer in self._answers.get(device, ()) if answer.id == command_id), None)
