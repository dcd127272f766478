"""A night of messages for ``Escalation``: plays them second by second and records the notifications."""

from dataclasses import dataclass, field

from edge.companion.alerting.escalation import Escalation
from edge.companion.alerting.notifications import Notification, Tier
from edge.companion.mqtt.messages import EventMessage, Heartbeat
from edge.config.companion import EscalationSettings

SETTINGS = EscalationSettings(
    repeat_every_s=60, escalate_after_s=180, pause_s=20, heartbeat_grace_s=5, give_up_after_s=600
)


@dataclass
class Night:
    """Plays messages in, second by second, and keeps what comes out with its time."""

    escalation: Escalation = field(default_factory=lambda: Escalation(SETTINGS))
    now_s: float = 0.0
    notifications: list[tuple[float, Notification]] = field(default_factory=list)

    def until(self, end_s: float) -> None:
        while self.now_s < end_s:
            self.now_s += 1
            self._keep(self.escalation.step(self.now_s))

    def receive(self, *messages: EventMessage | Heartbeat) -> None:
        for message in messages:
            match message:
                case EventMessage():
                    self._keep(self.escalation.on_event(message, self.now_s))
                case Heartbeat():
                    self._keep(self.escalation.on_heartbeat(message, self.now_s))

    def answer(self, episode: str, device: str = "nursery") -> None:
        self._keep(self.escalation.on_acknowledged(device, episode))

    def rings(self, tier: Tier = Tier.FIRST, device: str = "nursery") -> list[float]:
        return [at_s for at_s, call in self.notifications if call.rings and call.tier is tier and call.device == device]

    def quiet(self) -> list[str]:
        return [call.reason for _, call in self.notifications if not call.rings]

    def _keep(self, calls: list[Notification]) -> None:
        self.notifications += [(self.now_s, call) for call in calls]
