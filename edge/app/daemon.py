"""The daemon's loop: what the source gives goes down the road, what the road says goes to the parents.

    for item in source:  AudioBlock -> pipeline -> Scores | Event -> payload -> outbox -> publisher
                         MicrophoneHealth -> listening, health
    between two items:   command -> household -> health, state

One plain loop in the main thread. It takes its parts as arguments; ``edge.app.wiring`` puts the real ones in.
A source gives something at least once a second, be it only the news that the microphone is still missing, so that
the heartbeat goes on and stop and reload are heard.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event as Flag

from edge.app.ports import DaemonDependencies
from edge.control.controller import ControllerSnapshot
from edge.detection.decision_state import DecisionSnapshot
from edge.protocol import messages
from edge.records import SAMPLE_RATE, AudioBlock, Event, MicrophoneHealth, MicrophoneState, Scores
from edge.storage.outbox import OutboxCounts


@dataclass(frozen=True, slots=True)
class DaemonSnapshot:
    """State of a daemon, from which its successor continues after a reload."""

    device: str
    writer: messages.EventWriter
    """The object itself: it numbers the events of the episode."""
    last_alert: datetime | None
    controller: ControllerSnapshot
    decision: DecisionSnapshot
    received_samples: int
    """Stream position after the last sample."""
    received_at_s: float
    """Monotonic time of that sample, seconds."""


class Daemon:
    """Listens until the source ends, ``stop`` is set or a reload is to be taken over."""

    def __init__(self, parts: DaemonDependencies) -> None:
        self._parts = parts
        self._writer = messages.EventWriter(parts.device)
        self._started_s = parts.clock.steady_s()
        self._next_heartbeat_s = self._started_s
        self._ready = False
        self._scores: Scores | None = None
        self._told = (parts.decision.state, parts.household.alert_status(parts.clock.utc()))
        self._microphone = MicrophoneHealth(MicrophoneState.STARTING, "waiting for the first sound", lost_samples=0)
        self._lost_samples = 0
        self._last_alert: datetime | None = None
        self._start_sample = 0
        self._heard_samples, self._heard_at_s = 0, self._started_s
        self._broker: tuple[bool, str | None] = (False, None)
        self._losses = (OutboxCounts(0, 0, 0), 0)

    def snapshot(self) -> DaemonSnapshot:
        """Return the state after the last item."""
        return DaemonSnapshot(
            device=self._parts.device,
            writer=self._writer,
            last_alert=self._last_alert,
            controller=self._parts.household.snapshot(),
            decision=self._parts.decision.snapshot(),
            received_samples=self._heard_samples,
            received_at_s=self._heard_at_s,
        )

    def restore(self, snapshot: DaemonSnapshot) -> None:
        """Continue the episode and the stream, so that a reload rings no phone twice; no-op for another device.

        The time since the last sample becomes a gap in the stream.
        """
        if snapshot.device != self._parts.device:
            return
        self._writer, self._last_alert = snapshot.writer, snapshot.last_alert
        # First, because it sets the thresholds that the decision compares.
        self._parts.household.restore(snapshot.controller)
        self._parts.decision.restore(snapshot.decision)
        away_s = self._parts.clock.steady_s() - snapshot.received_at_s
        self._start_sample = snapshot.received_samples + round(away_s * SAMPLE_RATE)

    def run(self, stop: Flag, reload: Callable[[], bool] = lambda: False) -> None:
        """Listen; ``reload`` is asked between two items and answers True when this daemon is to make room."""
        for item in self._parts.source:
            match item:
                case MicrophoneHealth():
                    self._hear_of_microphone(item)
                case AudioBlock():
                    self._listen(item)
            self._look_at_broker()
            self._obey()
            self._beat()
            self._look_at_outbox()
            if stop.is_set() or reload():
                break
        self._parts.publisher.set_listening(False)

    def _listen(self, block: AudioBlock) -> None:
        if self._microphone.state is MicrophoneState.STARTING:  # a recording says nothing of its health
            self._hear_of_microphone(MicrophoneHealth(MicrophoneState.LISTENING, "hearing sound", lost_samples=0))
        self._lost_samples += block.lost_before
        block = replace(block, start_sample=self._start_sample + block.start_sample)
        self._heard_samples = block.start_sample + len(block.samples)
        self._heard_at_s = self._parts.clock.steady_s()
        clock = messages.StreamClock.reading(self._heard_samples / SAMPLE_RATE, self._parts.clock.utc())
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

    def _tell(self, event: Event, clock: messages.StreamClock) -> None:
        if not self._parts.household.rings(event):
            return
        muted = self._parts.household.muted(self._parts.clock.utc())
        self._parts.outbox.add(self._writer.write(event, clock, muted), rings=event.kind.rings and muted is None)
        self._parts.publisher.wake()
        if event.kind.rings:
            self._last_alert = clock.utc(event.at_s)
        self._parts.console.event(event, clock.utc(event.at_s), muted)

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

    def _look_at_outbox(self) -> None:
        """What was said to wait has been delivered."""
        if self._losses[0].waiting and not self._parts.outbox.counts().waiting:
            self._publish_health()

    def _obey(self) -> None:
        commands = self._parts.publisher.commands()
        for command in commands:
            self._parts.household.handle(command, self._parts.clock.utc())
        if commands:
            self._publish_health()

    def _beat(self) -> None:
        """State every ``heartbeat_s``, and at once when it changes."""
        now_s = self._parts.clock.steady_s()
        now = (self._parts.decision.state, self._parts.household.alert_status(self._parts.clock.utc()))
        due = now_s >= self._next_heartbeat_s
        if not due and now == self._told:
            return
        self._next_heartbeat_s = now_s + self._parts.heartbeat_s
        self._told = state, standing = now
        self._parts.publisher.publish_state(
            messages.state(
                device=self._parts.device,
                state=state,
                scores=self._scores,
                episode_id=self._parts.decision.episode_id,
                standing=standing,
                last_alert=self._last_alert,
                lost_samples=self._lost_samples,
                model=self._parts.model,
                version=self._parts.version,
                uptime_s=now_s - self._started_s,
                heartbeat_s=self._parts.heartbeat_s,
                utc=self._parts.clock.utc(),
            )
        )
        counts = self._parts.outbox.counts()
        if not due:  # an event of this very moment has had no time to be delivered
            counts = replace(counts, waiting=self._losses[0].waiting)
        if (counts, self._lost_samples) != self._losses:
            self._publish_health()

    def _publish_health(self) -> None:
        counts = self._parts.outbox.counts()
        self._losses = (counts, self._lost_samples)
        self._parts.publisher.publish_health(
            messages.health(
                device=self._parts.device,
                microphone=self._microphone.state,
                detail=self._microphone.detail,
                lost_samples=self._lost_samples,
                broker=self._broker[1],
                waiting=counts.waiting,
                dropped=counts.dropped,
                expired=counts.expired,
                outbox=counts.problem,
                answers=self._parts.household.answers,
                lost_commands=self._parts.publisher.lost_commands,
                utc=self._parts.clock.utc(),
            )
        )
