"""Speaker without microphone: real publisher, outbox and controller, with events that the test chooses."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from edge.control.controller import AlertController
from edge.detection.decision_settings import Sensitivity
from edge.mqtt.publisher import Publisher
from edge.mqtt.settings import BrokerSettings
from edge.protocol.messages import BrokerStatus, CommandStatus, EventWriter, HealthMessage, StateMessage, StreamClock
from edge.records import Event, EventKind, MicrophoneHealth, MicrophoneState, OutboxCounts
from edge.storage.outbox import Outbox, OutboxSettings

_HEARTBEAT_S = 0.1


class SimulatedSpeaker:
    """Speaker that publishes the test's events and a heartbeat every 0.1 s, and accepts commands."""

    def __init__(self, broker: BrokerSettings, device: str = "nursery", folder: Path | None = None) -> None:
        self.device = device
        self.state = "quiet"
        self.episode_id: str | None = None
        self.sends_heartbeats = True
        self.controller = AlertController(Sensitivity.NORMAL, lambda _: None, folder)
        self._outbox = Outbox(OutboxSettings())
        self._publisher = Publisher(broker, device, self._outbox)
        self._writer = EventWriter(device)
        self._stop = Flag()
        self._thread = Thread(target=self._run, daemon=True)

    @contextmanager
    def running(self) -> Iterator["SimulatedSpeaker"]:
        """Yield the speaker, online and listening."""
        with ExitStack() as stack:
            stack.enter_context(closing(self._outbox))
            self._publisher.start()
            stack.callback(self._publisher.stop)
            self._publisher.set_listening(True)
            self._thread.start()
            stack.callback(self._thread.join)
            stack.callback(self._stop.set)
            yield self

    def set_listening(self, listening: bool) -> None:
        """Publish whether the microphone delivers sound."""
        self._publisher.set_listening(listening)

    def publish_event(self, kind: str, episode_id: str, state: str | None = None) -> float:
        """Publish an event as the daemon does; return the time.monotonic() of the decision."""
        decided_s = time.monotonic()
        event = Event(EventKind(kind), episode_id, "crying", 0.0, 6.0, 0.9, f"why {kind}")
        calm = {"cry_soothed": "soothed", "cry_ended": "quiet"}
        self.state = state or calm.get(kind, "crying")
        self.episode_id = None if kind == "cry_ended" else episode_id
        if self.controller.should_publish(event):
            utc = datetime.now(UTC)
            muted = self.controller.mute_reason(utc)
            text = self._writer.write(event, StreamClock.from_reading(6.0, utc), muted)
            self._outbox.add(text, rings=event.kind.rings and muted is None)
            self._publisher.wake()
        self._publish_heartbeat()
        return decided_s

    def _run(self) -> None:
        while not self._stop.wait(_HEARTBEAT_S):
            commands = self._publisher.commands()
            for command in commands:
                self.controller.handle(command, datetime.now(UTC))
            if commands:
                self._publish_health()
            self._publish_heartbeat()

    def _publish_heartbeat(self) -> None:
        if not self.sends_heartbeats:
            return
        utc = datetime.now(UTC)
        self._publisher.publish_state(
            StateMessage(
                device=self.device,
                state=self.state,
                label=None,
                probabilities=None,
                level_dbfs=None,
                episode_id=self.episode_id,
                **asdict(self.controller.alert_status(utc)),
                last_alert=None,
                lost_samples=0,
                model="test",
                version="test",
                uptime_s=3_600.0,
                heartbeat_s=_HEARTBEAT_S,
                utc=utc,
            ).to_json()
        )

    def _publish_health(self) -> None:
        self._publisher.publish_health(
            HealthMessage(
                device=self.device,
                microphone=MicrophoneHealth(MicrophoneState.LISTENING, "", lost_samples=0),
                broker=BrokerStatus(None),
                outbox=OutboxCounts(0, 0, 0),
                commands=CommandStatus(tuple(self.controller.replies), lost=0),
                utc=datetime.now(UTC),
            ).to_json()
        )
