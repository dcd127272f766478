"""The messages on ``/state`` and ``/health``: when they are due, and their contents."""

from dataclasses import replace
from datetime import datetime

from edge.app.ports import DaemonDependencies
from edge.protocol.messages import AlertStatus, BrokerStatus, CommandStatus, HealthMessage, StateMessage
from edge.records import MicrophoneHealth, MicrophoneState, OutboxCounts, Scores, State


class StatusReporter:
    """Publishes the heartbeat and the health of a daemon, regularly and at once when they change."""

    def __init__(self, parts: DaemonDependencies) -> None:
        self._parts = parts
        self._started_s = parts.clock.steady_s()
        self._next_heartbeat_s = self._started_s
        self._published_state = self._current_state()
        self._microphone = MicrophoneHealth(MicrophoneState.STARTING, "waiting for the first sound", lost_samples=0)
        self._lost_samples = 0
        self._broker: tuple[bool, str | None] = (False, None)
        self._published_losses = (OutboxCounts(0, 0, 0), 0)
        self.scores: Scores | None = None
        """The newest; None before the first window."""
        self.last_alert: datetime | None = None
        """UTC of the last event that calls the parents, muted or not."""

    def report_microphone(self, health: MicrophoneHealth) -> None:
        """Publish, print and log the microphone's health where its state has changed."""
        has_changed = health.state is not self._microphone.state
        self._microphone = health
        if has_changed:
            self._parts.publisher.set_listening(health.state is MicrophoneState.LISTENING)
            self._parts.console.microphone(health, self._parts.clock.utc())
            self._parts.notifier.status(f"microphone {health.state}: {health.detail}")
            self._publish_health()

    def report_sound(self, lost_samples: int) -> None:
        """Count the samples lost before a block; a source that reports no health is well once it yields sound."""
        if self._microphone.state is MicrophoneState.STARTING:
            self.report_microphone(MicrophoneHealth(MicrophoneState.LISTENING, "hearing sound", lost_samples=0))
        self._lost_samples += lost_samples

    def report_changes(self, *, has_new_replies: bool) -> None:
        """Publish what has changed since the last call, and the heartbeat if it is due."""
        broker = (self._parts.publisher.connected, self._parts.publisher.problem)
        if has_new_replies or broker != self._broker:
            self._broker = broker
            self._publish_health()
        self._report_state()
        if self._published_losses[0].waiting and not self._parts.outbox.counts().waiting:
            self._publish_health()

    def _current_state(self) -> tuple[State, AlertStatus]:
        return self._parts.decision.state, self._parts.controller.alert_status(self._parts.clock.utc())

    def _report_state(self) -> None:
        """Publish the heartbeat every ``heartbeat_s``, and at once when it changes."""
        now_s = self._parts.clock.steady_s()
        current = self._current_state()
        is_due = now_s >= self._next_heartbeat_s
        if not is_due and current == self._published_state:
            return
        self._next_heartbeat_s = now_s + self._parts.heartbeat_s
        self._published_state = current
        self._parts.publisher.publish_state(self._state_message(*current, uptime_s=now_s - self._started_s).to_json())
        counts = self._parts.outbox.counts()
        if not is_due:  # an event added a moment ago has had no time to be delivered
            counts = replace(counts, waiting=self._published_losses[0].waiting)
        if (counts, self._lost_samples) != self._published_losses:
            self._publish_health()

    def _state_message(self, state: State, alert_status: AlertStatus, uptime_s: float) -> StateMessage:
        scores = self.scores
        return StateMessage(
            device=self._parts.device,
            state=state,
            label=scores.label if scores else None,
            probabilities=scores.probabilities if scores else None,
            level_dbfs=scores.level_dbfs if scores else None,
            episode_id=self._parts.decision.episode_id,
            alerts=alert_status.alerts,
            snoozed_until=alert_status.snoozed_until,
            sensitivity=alert_status.sensitivity,
            acknowledged=alert_status.acknowledged,
            last_alert=self.last_alert,
            lost_samples=self._lost_samples,
            model=self._parts.model,
            version=self._parts.version,
            uptime_s=uptime_s,
            heartbeat_s=self._parts.heartbeat_s,
            utc=self._parts.clock.utc(),
        )

    def _publish_health(self) -> None:
        counts = self._parts.outbox.counts()
        self._published_losses = (counts, self._lost_samples)
        message = HealthMessage(
            device=self._parts.device,
            microphone=replace(self._microphone, lost_samples=self._lost_samples),
            broker=BrokerStatus(self._broker[1]),
            outbox=counts,
            commands=CommandStatus(tuple(self._parts.controller.replies), self._parts.publisher.lost_commands),
            utc=self._parts.clock.utc(),
        )
        self._parts.publisher.publish_health(message.to_json())
