"""The daemon's loop: what the source gives goes down the road, what the road says goes to the parents.

    for item in source:  AudioBlock -> pipeline -> Scores | Event -> payload -> outbox -> publisher
                         MicrophoneHealth -> listening, health

One plain loop in the main thread. It takes its parts as arguments; ``edge.wiring`` puts the real ones in.
A source gives something at least once a second, be it only the news that the microphone is still missing, so that
the heartbeat goes on and stop and reload are heard.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event as Flag
from typing import Protocol

from edge import payload
from edge.console import Console
from edge.decision import State
from edge.liveness import MicrophoneHealth, MicrophoneState
from edge.notify import Notifier
from edge.outbox import OutboxCounts
from edge.records import SAMPLE_RATE, AudioBlock, Event, Scores
from edge.sources import Item


class Listens(Protocol):
    """What the daemon needs of a pipeline."""

    def push(self, block: AudioBlock) -> Iterable[Scores | Event]:
        """What this block completes, in order."""


class Decides(Protocol):
    """What the daemon tells of the decision that the pipeline takes."""

    @property
    def state(self) -> State:
        """What the baby is doing."""

    @property
    def episode_id(self) -> str | None:
        """The episode under way."""


class Keeps(Protocol):
    """What the daemon needs of an outbox."""

    def add(self, text: str, *, rings: bool) -> None:
        """Keep an event until it is delivered."""

    def counts(self) -> OutboxCounts:
        """How many wait, and how many were lost."""


class Publishes(Protocol):
    """What the daemon needs of a publisher."""

    @property
    def connected(self) -> bool:
        """Whether the broker hears us."""

    @property
    def problem(self) -> str | None:
        """Why not."""

    def wake(self) -> None:
        """An event waits in the outbox."""

    def set_listening(self, listening: bool) -> None:
        """Whether sound is being classified."""

    def publish_state(self, text: str) -> None:
        """The heartbeat."""

    def publish_health(self, text: str) -> None:
        """What a parent must know when hushd cannot hear or tell."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The two clocks of the outside world; tests turn them by hand."""

    steady_s: Callable[[], float] = time.monotonic
    """Seconds that never jump."""
    utc: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    """The time of day, which may jump when the network corrects it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the daemon is made of."""

    device: str
    version: str
    model: str
    heartbeat_s: float
    source: Iterable[Item]
    pipeline: Listens
    decision: Decides
    outbox: Keeps
    publisher: Publishes
    notifier: Notifier
    console: Console
    clock: Clock = field(default_factory=Clock)


class Daemon:
    """Listens until the source ends, ``stop`` is set or a reload is to be taken over."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._writer = payload.EventWriter(parts.device)
        self._started_s = parts.clock.steady_s()
        self._next_heartbeat_s = self._started_s
        self._ready = False
        self._scores: Scores | None = None
        self._state = parts.decision.state
        self._microphone = MicrophoneHealth(MicrophoneState.STARTING, "waiting for the first sound", lost_samples=0)
        self._lost_samples = 0
        self._broker: tuple[bool, str | None] = (False, None)
        self._losses = (OutboxCounts(0, 0, 0), 0)

    def run(self, stop: Flag, reload: Callable[[], bool] = lambda: False) -> None:
        """Listen; ``reload`` is asked between two items and answers True when this daemon is to make room."""
        for item in self._parts.source:
            match item:
                case MicrophoneHealth():
                    self._hear_of_microphone(item)
                case AudioBlock():
                    self._listen(item)
            self._look_at_broker()
            self._beat()
            if stop.is_set() or reload():
                break
        self._parts.publisher.set_listening(False)

    def _listen(self, block: AudioBlock) -> None:
        if self._microphone.state is MicrophoneState.STARTING:  # a recording says nothing of its health
            self._hear_of_microphone(MicrophoneHealth(MicrophoneState.LISTENING, "hearing sound", lost_samples=0))
        self._lost_samples += block.lost_before
        heard_s = (block.start_sample + len(block.samples)) / SAMPLE_RATE
        clock = payload.StreamClock.reading(heard_s, self._parts.clock.utc())
        for heard in self._parts.pipeline.push(block):
            match heard:
                case Scores():
                    self._classified(heard)
                case Event():
                    self._tell(heard, clock)

    def _classified(self, scores: Scores) -> None:
        self._scores = scores
        if not self._ready:
            self._ready = True
            self._parts.notifier.ready(f"listening as {self._parts.device}")
        self._parts.notifier.watchdog()

    def _tell(self, event: Event, clock: payload.StreamClock) -> None:
        self._parts.outbox.add(self._writer.write(event, clock), rings=event.kind.rings)
        self._parts.publisher.wake()
        self._parts.console.event(event, clock.utc(event.at_s))

    def _hear_of_microphone(self, health: MicrophoneHealth) -> None:
        changed = health.state is not self._microphone.state
        self._microphone = health
        if changed:
            self._parts.publisher.set_listening(health.state is MicrophoneState.LISTENING)
            self._parts.console.microphone(health, self._parts.clock.utc())
            self._parts.notifier.status(f"microphone {health.state}: {health.detail}")
            self._publish_health()

    def _look_at_broker(self) -> None:
        broker = (self._parts.publisher.connected, self._parts.publisher.problem)
        if broker != self._broker:
            self._broker = broker
            self._publish_health()

    def _beat(self) -> None:
        """State every ``heartbeat_s``, and at once when it changes."""
        now_s = self._parts.clock.steady_s()
        changed = self._parts.decision.state is not self._state
        if now_s < self._next_heartbeat_s and not changed:
            return
        self._next_heartbeat_s = now_s + self._parts.heartbeat_s
        self._state = self._parts.decision.state
        self._parts.publisher.publish_state(
            payload.state(
                device=self._parts.device,
                state=self._state,
                scores=self._scores,
                episode_id=self._parts.decision.episode_id,
                lost_samples=self._lost_samples,
                model=self._parts.model,
                version=self._parts.version,
                uptime_s=now_s - self._started_s,
                utc=self._parts.clock.utc(),
            )
        )
        if (self._parts.outbox.counts(), self._lost_samples) != self._losses:
            self._publish_health()

    def _publish_health(self) -> None:
        counts = self._parts.outbox.counts()
        self._losses = (counts, self._lost_samples)
        self._parts.publisher.publish_health(
            payload.health(
                device=self._parts.device,
                microphone=self._microphone.state,
                detail=self._microphone.detail,
                lost_samples=self._lost_samples,
                broker=self._broker[1],
                waiting=counts.waiting,
                dropped=counts.dropped,
                expired=counts.expired,
                outbox=counts.problem,
                utc=self._parts.clock.utc(),
            )
        )
