"""The companion's loop: what is heard goes to the journal, to calling and to the watch; what they say, to the phones.

    for item in inbox:  Told -> lateness -> journal -> calling -> push
                        Beat -> lateness, watch, calling
                        Status, Listening, Health -> watch
    between two items:  calling, watch: what the time brings

One plain loop in the main thread. It takes its parts as arguments; ``edge.companion.wiring`` puts the real ones in.
"""

import logging
import math
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag

from edge.companion.alerting.escalation import Escalation
from edge.companion.alerting.event_age import EventAge
from edge.companion.alerting.monitor import LivenessMonitor
from edge.companion.alerting.notifications import Alarm, Notification, Tier
from edge.companion.history.journal import ACKNOWLEDGED, BROKER, Journal
from edge.companion.mqtt.command_client import CommandClient
from edge.companion.mqtt.messages import (
    CommandAck,
    EventMessage,
    Health,
    Heartbeat,
    MicrophoneMessage,
    SpeakerMessage,
    Status,
    TopicCleared,
)
from edge.companion.mqtt.speaker_registry import SpeakerRegistry
from edge.companion.push import texts
from edge.companion.push.queue import Push, PushQueue, PushResult
from edge.errors import BrokerError
from edge.process.clock import Clock
from edge.process.sd_notify import Notifier
from edge.protocol import synthetic_alert
from edge.protocol.commands import LATEST
from edge.records import EventKind

_log = logging.getLogger(__name__)

_TICK_S = 0.2
_MAX_WAITING = 1_000
_TEST_PAUSE_S = 5.0
"""Test alerts come from whoever may write to the broker; they must not keep a phone ringing."""


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """The broker is reached (None), or why not."""

    problem: str | None


class Inbox:
    """What other threads leave for the loop."""

    def __init__(self) -> None:
        self._items: queue.Queue[SpeakerMessage | ConnectionChange | PushResult] = queue.Queue(_MAX_WAITING)

    def put(self, item: SpeakerMessage | ConnectionChange | PushResult) -> None:
        """Never waits; what does not fit is lost, and that is said."""
        try:
            self._items.put_nowait(item)
        except queue.Full:
            _log.warning("messages come faster than they can be read: one is lost")

    def take(self, timeout_s: float) -> SpeakerMessage | ConnectionChange | PushResult | None:
        """The oldest, or None when the time is over."""
        try:
            return self._items.get(timeout=timeout_s)
        except queue.Empty:
            return None


@dataclass(frozen=True, slots=True)
class CompanionDependencies:
    """What the companion is made of."""

    inbox: Inbox
    registry: SpeakerRegistry
    commands: CommandClient
    journal: Journal
    escalation: Escalation
    monitor: LivenessMonitor
    event_age: EventAge
    push_queues: Sequence[PushQueue]
    information: bool
    """Whether the phones are told quiet news."""
    page_url: str | None
    """Where the phones find the page, if there is one."""
    checks: Sequence[Callable[[], None]]
    """Each raises what has crashed in a thread."""
    notifier: Notifier
    clock: Clock = field(default_factory=Clock)


class Companion:
    """Runs until it is stopped."""

    def __init__(self, parts: CompanionDependencies) -> None:
        self.dependencies = parts
        self._latest: dict[str, str] = {}
        self._test_of = ("", "")
        """The last test alert: its id, and the speaker it came by."""
        self._last_test_s = float("-inf")
        self._warnings: tuple[str, ...] = ()

    def run(self, stop: Flag) -> None:
        """Call the parents whenever they are needed."""
        parts = self.dependencies
        parts.notifier.ready(f"watching, {len(parts.push_queues)} push addresses")
        while not stop.is_set():
            self._take(parts.inbox.take(_TICK_S))
            self._tell(parts.escalation.step(parts.clock.steady_s()))
            for alarm in parts.monitor.step(parts.clock.steady_s()):
                self._alarm(alarm)
            parts.journal.record_watched(parts.clock.utc())
            self._look_around()
        parts.notifier.stopping()
        while item := parts.inbox.take(0):  # the broker takes it for told
            self._take(item)

    def _take(self, item: SpeakerMessage | ConnectionChange | PushResult | None) -> None:
        match item:
            case None:
                pass
            case ConnectionChange(problem):
                self.dependencies.monitor.on_connection(problem, self.dependencies.clock.steady_s())
            case PushResult(address, push, problem, took_s):
                if push.test == self._test_of[0]:
                    self._answer_test(self._test_of, "push", address, problem, took_s)
            case message:
                self._hear(message)

    def _hear(self, message: SpeakerMessage) -> None:
        now_s, utc = self.dependencies.clock.steady_s(), self.dependencies.clock.utc()
        match message:
            case EventMessage(test=True):
                self._test(message, now_s)
            case EventMessage():
                event = self.dependencies.event_age.with_age(message, utc)
                self._latest[event.device] = event.episode_id
                if self.dependencies.journal.add(event):
                    self.dependencies.registry.touch()
                    if not self.dependencies.event_age.is_history(event, utc):
                        self._tell(self.dependencies.escalation.on_event(event, now_s))
            case TopicCleared(device):
                self.dependencies.monitor.on_message(message, now_s)
                self.dependencies.journal.close_gap(device, utc)
            case Status() | MicrophoneMessage() | Health():
                self.dependencies.monitor.on_message(message, now_s)
            case Heartbeat():
                self.dependencies.monitor.on_message(message, now_s)
                self.dependencies.event_age.on_heartbeat(message, utc)
                if message.episode_id is not None:
                    self._latest[message.device] = message.episode_id
                calls = self.dependencies.escalation.on_heartbeat(message, now_s)
                if message.acknowledged is not None:
                    self.dependencies.journal.add_answer(message.device, message.acknowledged, ACKNOWLEDGED, utc)
                self._tell(calls)
            case CommandAck(device, "acknowledge", fields):
                self._answered(device, fields["value"], ACKNOWLEDGED)
            case CommandAck(device, "feedback", fields):
                self._answered(device, fields["episode_id"], fields["verdict"])

    def _answered(self, device: str, episode_id: str, answer: str) -> None:
        """The parent is heard at once, even where the speaker is not."""
        if episode_id == LATEST:
            episode_id = self._latest.get(device, "")
        if not episode_id:
            return
        self.dependencies.journal.add_answer(device, episode_id, answer, self.dependencies.clock.utc())
        self.dependencies.registry.touch()
        self._tell(self.dependencies.escalation.on_acknowledged(device, episode_id))

    def _tell(self, calls: Sequence[Notification]) -> None:
        for address in self.dependencies.push_queues:
            for call in [call for call in calls if call.tier in address.tiers][:1]:
                if not call.rings and call.reason != EventKind.SOOTHING_LONG:
                    address.silence_episode(call.episode_id)
                if call.rings or self.dependencies.information:
                    address.add(texts.build_notification_push(call, self.dependencies.page_url))

    def _alarm(self, alarm: Alarm) -> None:
        utc, who = self.dependencies.clock.utc(), alarm.device or BROKER
        if alarm.problem is None:
            self.dependencies.journal.close_gap(who, utc)
        else:
            self.dependencies.journal.open_gap(who, utc, alarm.problem)
        if alarm.device is not None:
            self.dependencies.registry.set_alarm(alarm.device, alarm.problem)
        _log.warning("%s: %s", alarm.device or "broker", alarm.problem or "all is well again")
        self._push(texts.build_alarm_push(alarm), {Tier.FIRST})

    def _test(self, event: EventMessage, now_s: float) -> None:
        wait_s = self._last_test_s + _TEST_PAUSE_S - now_s
        if wait_s > 0:
            problem = f"the phones were tested just now: try again in {math.ceil(wait_s)} s"
            self._answer_test((event.id, event.device), "companion", problem=problem)
            return
        self._last_test_s, self._test_of = now_s, (event.id, event.device)
        self._answer_test(self._test_of, "companion")
        self._push(texts.build_test_push(event.device, event.id), set(Tier))

    def _answer_test(
        self,
        test: tuple[str, str],
        leg: str,
        address: str | None = None,
        problem: str | None = None,
        took_s: float = 0,
    ) -> None:
        test_id, device = test
        count, who = len(self.dependencies.push_queues), self.dependencies.journal.identity
        text = synthetic_alert.answer(
            test_id, leg, who, address=address, problem=problem, took_s=took_s, addresses=count
        )
        try:
            self.dependencies.commands.answer_test(device, text)
        except BrokerError as error:
            _log.warning("the test alert cannot be answered: %s", error)

    def _push(self, push: Push, tiers: set[Tier]) -> None:
        for address in self.dependencies.push_queues:
            if address.tiers & tiers:
                address.add(push)

    def _look_around(self) -> None:
        for check in self.dependencies.checks:
            check()
        self.dependencies.notifier.watchdog()
        problems = [
            f"{each.name} cannot be reached: {each.problem}" for each in self.dependencies.push_queues if each.problem
        ]
        warnings = tuple(problems + [problem for problem in (self.dependencies.journal.problem,) if problem])
        if warnings != self._warnings:
            self._warnings = warnings
            self.dependencies.registry.set_warnings(warnings)
            self.dependencies.notifier.status(
                "; ".join(warnings) or f"watching, {len(self.dependencies.push_queues)} push addresses"
            )
