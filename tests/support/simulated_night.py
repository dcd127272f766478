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
    """Escalation with a clock in seconds, and the notifications with their times."""

    escalation: Escalation = field(default_factory=lambda: Escalation(SETTINGS))
    now_s: float = 0.0
    notifications: list[tuple[float, Notification]] = field(default_factory=list)

    def until(self, end_s: float) -> None:
        """Let the time pass until ``end_s``."""
        while self.now_s < end_s:
            self.now_s += 1
            self._record(self.escalation.step(self.now_s))

    def receive(self, *messages: EventMessage | Heartbeat) -> None:
        """Receive messages now."""
        for message in messages:
            match message:
                case EventMessage():
                    self._record(self.escalation.on_event(message, self.now_s))
                case Heartbeat():
                    self._record(self.escalation.on_heartbeat(message, self.now_s))

    def answer(self, episode: str, device: str = "nursery") -> None:
        """Acknowledge an episode."""
        self._record(self.escalation.on_acknowledged(device, episode))

    def rings(self, tier: Tier = Tier.FIRST, device: str = "nursery") -> list[float]:
        """Return the times of the rings on one list."""
        return [at_s for at_s, each in self.notifications if each.rings and each.tier is tier and each.device == device]

    def quiet(self) -> list[str]:
        """Return the reasons of the quiet notifications."""
        return [each.reason for _, each in self.notifications if not each.rings]

    def _record(self, notifications: list[Notification]) -> None:
        self.notifications += [(self.now_s, each) for each in notifications]
