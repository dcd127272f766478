"""Main loop of the daemon: items from the source go through the pipeline, and events go to the parents.

    for item in source:  AudioBlock -> pipeline -> Scores | Event -> message -> outbox -> publisher
                         MicrophoneHealth -> status reporter
    between two items:   commands -> controller; heartbeat and health when due or changed

One loop runs in the main thread. Its dependencies are arguments, which ``edge.app.wiring`` assembles.
A source yields an item at least once a second, even while the microphone is missing, so that the heartbeat continues
and stop and reload take effect.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event as Flag

from edge.app.ports import DaemonDependencies
from edge.app.status_reporter import StatusReporter
from edge.control.controller import ControllerSnapshot
from edge.detection.decision_state import DecisionSnapshot
from edge.protocol import messages
from edge.records import SAMPLE_RATE, AudioBlock, Event, MicrophoneHealth, Scores


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
    """The main loop: turns the source's items into events and status until the source ends, a stop or a reload."""

    def __init__(self, parts: DaemonDependencies) -> None:
        self._parts = parts
        self._status = StatusReporter(parts)
        self._writer = messages.EventWriter(parts.device)
        self._is_ready = False
        self._start_sample = 0
        self._received_samples, self._received_at_s = 0, parts.clock.steady_s()

    def snapshot(self) -> DaemonSnapshot:
        """Return the state after the last item."""
        return DaemonSnapshot(
            device=self._parts.device,
            writer=self._writer,
            last_alert=self._status.last_alert,
            controller=self._parts.controller.snapshot(),
            decision=self._parts.decision.snapshot(),
            received_samples=self._received_samples,
            received_at_s=self._received_at_s,
        )

    def restore(self, snapshot: DaemonSnapshot) -> None:
        """Continue the episode and the stream, so that a reload rings no phone twice; no-op for another device.

        The time since the last sample becomes a gap in the stream.
        """
        if snapshot.device != self._parts.device:
            return
        self._writer, self._status.last_alert = snapshot.writer, snapshot.last_alert
        # First, because it sets the thresholds that the decision compares.
        self._parts.controller.restore(snapshot.controller)
        self._parts.decision.restore(snapshot.decision)
        away_s = self._parts.clock.steady_s() - snapshot.received_at_s
        self._start_sample = snapshot.received_samples + round(away_s * SAMPLE_RATE)

    def run(self, stop: Flag, reload: Callable[[], bool] = lambda: False) -> None:
        """Process items; ``reload`` is called between two of them and returns True once a successor is ready."""
        for item in self._parts.source:
            match item:
                case MicrophoneHealth():
                    self._status.report_microphone(item)
                case AudioBlock():
                    self._process(item)
            self._status.report_changes(has_new_replies=self._handle_commands())
            if stop.is_set() or reload():
                break
        self._parts.publisher.set_listening(False)

    def _process(self, block: AudioBlock) -> None:
        self._status.report_sound(block.lost_before)
        block = replace(block, start_sample=self._start_sample + block.start_sample)
        self._received_samples = block.start_sample + len(block.samples)
        self._received_at_s = self._parts.clock.steady_s()
        clock = messages.StreamClock.from_reading(self._received_samples / SAMPLE_RATE, self._parts.clock.utc())
        for result in self._parts.pipeline.push(block):
            match result:
                case Scores():
                    self._on_scores(result)
                case Event():
                    self._publish(result, clock)

    def _on_scores(self, scores: Scores) -> None:
        self._status.scores = scores
        if not self._is_ready:
            self._is_ready = True
            self._parts.notifier.ready(f"listening as {self._parts.device}")
        self._parts.notifier.watchdog()

    def _publish(self, event: Event, clock: messages.StreamClock) -> None:
        if not self._parts.controller.should_publish(event):
            return
        muted = self._parts.controller.mute_reason(self._parts.clock.utc())
        self._parts.outbox.add(self._writer.write(event, clock, muted), rings=event.kind.rings and muted is None)
        self._parts.publisher.wake()
        if event.kind.rings:
            self._status.last_alert = clock.utc(event.at_s)
        self._parts.console.event(event, clock.utc(event.at_s), muted)

    def _handle_commands(self) -> bool:
        """Apply the commands received; return whether there were any."""
        commands = self._parts.publisher.commands()
        for command in commands:
            self._parts.controller.handle(command, self._parts.clock.utc())
        return bool(commands)
