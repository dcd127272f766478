"""Main loop of the companion: passes each message to journal, escalation and monitor, and their results to the phones.

    for item in inbox:  EventMessage -> event age -> journal -> escalation -> push
                        Heartbeat -> monitor, event age, escalation
                        Status, MicrophoneMessage, Health -> monitor
    between two items:  escalation and monitor, with the time

One loop in the main thread. It takes its parts as arguments, which ``edge.companion.wiring`` builds.
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
"""Every client of the broker can send test alerts; this pause keeps them from making a phone ring all the time."""


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """The broker was reached or lost."""

    problem: str | None
    """Why the broker cannot be reached; None: it is reached."""


InboxItem = SpeakerMessage | ConnectionChange | PushResult


class Inbox:
    """Bounded queue of the items that other threads leave for the main loop."""

    def __init__(self) -> None:
        self._items: queue.Queue[InboxItem] = queue.Queue(_MAX_WAITING)

    def put(self, item: InboxItem) -> None:
        """Add an item without waiting; drop it with a warning where the queue is full."""
        try:
            self._items.put_nowait(item)
        except queue.Full:
            _log.warning("messages come faster than they can be read: one is lost")

    def take(self, timeout_s: float) -> InboxItem | None:
        """Return the oldest item, or None where none comes in time."""
        try:
            return self._items.get(timeout=timeout_s)
        except queue.Empty:
            return None


@dataclass(frozen=True, slots=True)
class CompanionDependencies:
    """The parts that a companion runs with."""

    inbox: Inbox
    registry: SpeakerRegistry
    commands: CommandClient
    journal: Journal
    escalation: Escalation
    monitor: LivenessMonitor
    event_age: EventAge
    push_queues: Sequence[PushQueue]
    information: bool
    """Whether the phones receive quiet notifications."""
    page_url: str | None
    """Address at which phones reach the page; None: they cannot."""
    checks: Sequence[Callable[[], None]]
    """Each raises the exception that has ended its part's thread."""
    notifier: Notifier
    clock: Clock = field(default_factory=Clock)


class Companion:
    """Main loop over its dependencies, until it is stopped."""

    def __init__(self, dependencies: CompanionDependencies) -> None:
        self.dependencies = dependencies
        self._latest_episodes: dict[str, str] = {}
        self._last_test = ("", "")
        """Id of the last test alert, and the speaker whose topic it came on."""
        self._last_test_s = float("-inf")
        self._warnings: tuple[str, ...] = ()

    def run(self, stop: Flag) -> None:
        """Process items and the time until ``stop`` is set; raise what has ended a part's thread."""
        parts = self.dependencies
        parts.notifier.ready(f"watching, {len(parts.push_queues)} push addresses")
        while not stop.is_set():
            self._handle_item(parts.inbox.take(_TICK_S))
            self._notify(parts.escalation.step(parts.clock.steady_s()))
            for alarm in parts.monitor.step(parts.clock.steady_s()):
                self._raise_alarm(alarm)
            parts.journal.record_watched(parts.clock.utc())
            self._poll_parts()
        parts.notifier.stopping()
        while item := parts.inbox.take(0):  # QoS 1: for the broker these are delivered
            self._handle_item(item)

    def _handle_item(self, item: InboxItem | None) -> None:
        match item:
            case None:
                pass
            case ConnectionChange(problem):
                self.dependencies.monitor.on_connection(problem, self.dependencies.clock.steady_s())
            case PushResult(address, push, problem, took_s):
                if push.test == self._last_test[0]:
                    self._answer_test(self._last_test, "push", address, problem, took_s)
            case message:
                self._handle_message(message)

    def _handle_message(self, message: SpeakerMessage) -> None:
        parts = self.dependencies
        now_s, utc = parts.clock.steady_s(), parts.clock.utc()
        match message:
            case EventMessage(test=True):
                self._handle_test(message, now_s)
            case EventMessage():
                event = parts.event_age.with_age(message, utc)
                self._latest_episodes[event.device] = event.episode_id
                if parts.journal.add(event):
                    parts.registry.touch()
                    if not parts.event_age.is_history(event, utc):
                        self._notify(parts.escalation.on_event(event, now_s))
            case TopicCleared(device):
                parts.monitor.on_message(message, now_s)
                parts.journal.close_gap(device, utc)
            case Status() | MicrophoneMessage() | Health():
                parts.monitor.on_message(message, now_s)
            case Heartbeat():
                parts.monitor.on_message(message, now_s)
                parts.event_age.on_heartbeat(message, utc)
                if message.episode_id is not None:
                    self._latest_episodes[message.device] = message.episode_id
                notifications = parts.escalation.on_heartbeat(message, now_s)
                if message.acknowledged is not None:
                    parts.journal.add_answer(message.device, message.acknowledged, ACKNOWLEDGED, utc)
                self._notify(notifications)
            case CommandAck(device, "acknowledge", fields):
                self._record_answer(device, fields["value"], ACKNOWLEDGED)
            case CommandAck(device, "feedback", fields):
                self._record_answer(device, fields["episode_id"], fields["verdict"])

    def _record_answer(self, device: str, episode_id: str, answer: str) -> None:
        """Stop ringing as soon as a parent has answered, without waiting for the speaker to confirm it."""
        if episode_id == LATEST:
            episode_id = self._latest_episodes.get(device, "")
        if not episode_id:
            return
        self.dependencies.journal.add_answer(device, episode_id, answer, self.dependencies.clock.utc())
        self.dependencies.registry.touch()
        self._notify(self.dependencies.escalation.on_acknowledged(device, episode_id))

    def _notify(self, notifications: Sequence[Notification]) -> None:
        for push_queue in self.dependencies.push_queues:
            for each in [each for each in notifications if each.tier in push_queue.tiers][:1]:
                if not each.rings and each.reason != EventKind.SOOTHING_LONG:
                    push_queue.silence_episode(each.episode_id)
                if each.rings or self.dependencies.information:
                    push_queue.add(texts.build_notification_push(each, self.dependencies.page_url))

    def _raise_alarm(self, alarm: Alarm) -> None:
        parts = self.dependencies
        utc, device = parts.clock.utc(), alarm.device or BROKER
        if alarm.problem is None:
            parts.journal.close_gap(device, utc)
        else:
            parts.journal.open_gap(device, utc, alarm.problem)
        if alarm.device is not None:
            parts.registry.set_alarm(alarm.device, alarm.problem)
        _log.warning("%s: %s", alarm.device or "broker", alarm.problem or "all is well again")
        self._push(texts.build_alarm_push(alarm), {Tier.FIRST})

    def _handle_test(self, event: EventMessage, now_s: float) -> None:
        wait_s = self._last_test_s + _TEST_PAUSE_S - now_s
        if wait_s > 0:
            problem = f"the phones were tested just now: try again in {math.ceil(wait_s)} s"
            self._answer_test((event.id, event.device), "companion", problem=problem)
            return
        self._last_test_s, self._last_test = now_s, (event.id, event.device)
        self._answer_test(self._last_test, "companion")
        self._push(texts.build_test_push(event.device, event.id), set(Tier))

    def _answer_test(
        self, ids: tuple[str, str], step: str, address: str | None = None, problem: str | None = None, took_s: float = 0
    ) -> None:
        count, identity = len(self.dependencies.push_queues), self.dependencies.journal.identity
        text = synthetic_alert.answer(
            ids[0], step, identity, address=address, problem=problem, took_s=took_s, addresses=count
        )
        try:
            self.dependencies.commands.answer_test(ids[1], text)
        except BrokerError as error:
            _log.warning("the test alert cannot be answered: %s", error)

    def _push(self, push: Push, tiers: set[Tier]) -> None:
        for push_queue in self.dependencies.push_queues:
            if push_queue.tiers & tiers:
                push_queue.add(push)

    def _poll_parts(self) -> None:
        parts = self.dependencies
        for check in parts.checks:
            check()
        parts.notifier.watchdog()
        problems = [f"{each.name} cannot be reached: {each.problem}" for each in parts.push_queues if each.problem]
        warnings = tuple(problems + [problem for problem in (parts.journal.problem,) if problem])
        if warnings != self._warnings:
            self._warnings = warnings
            parts.registry.set_warnings(warnings)
            parts.notifier.status("; ".join(warnings) or f"watching, {len(parts.push_queues)} push addresses")
