"""An open episode of crying and the state of its alert, for ``edge.companion.alerting.escalation``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from edge.companion.alerting.notifications import Reason
from edge.companion.mqtt.messages import Heartbeat

_OVERTAKEN = timedelta(minutes=1)
"""An event may overtake a heartbeat by seconds. A larger difference means that the speaker's clock was set back."""


class Phase(StrEnum):
    """State of an episode's alert."""

    RINGING = "ringing"
    ANSWERED = "answered"
    """A parent has acknowledged it."""
    CALM = "calm"
    """Soothing or muted; it may ring later."""


@dataclass(slots=True)
class OpenEpisode:
    """An episode of crying that has not ended, and the state of its alert."""

    id: str
    confirmed_s: float
    """Time of the speaker's last message about this episode."""
    phase: Phase = Phase.CALM
    answer_confirmed: bool = False
    """The speaker's heartbeat reports the acknowledgement, too."""
    last_event_at: datetime | None = None
    """Time of the last event, by the speaker's clock."""
    onset: datetime | None = None
    why: str = ""
    reason: str = Reason.HEARTBEAT
    alert_s: float = 0.0
    """Start of the time without an answer."""
    next_ring_s: float = 0.0
    escalated: bool = False
    follow_up_due: bool = False
    """The episode has rung since its last quiet notification."""
    crying_since_s: float | None = None
    """Start of the crying that heartbeats report and that has not rung."""

    def start_alert(self, now_s: float) -> None:
        """Ring now, and begin to measure the time without an answer."""
        self.phase, self.crying_since_s, self.escalated = Phase.RINGING, None, False
        self.alert_s = self.next_ring_s = now_s

    def is_ahead_of(self, heartbeat: Heartbeat) -> bool:
        """Return whether the last event is newer than this heartbeat."""
        return self.last_event_at is not None and timedelta() <= self.last_event_at - heartbeat.utc <= _OVERTAKEN

    def stop_alert(self, phase: Phase = Phase.CALM) -> None:
        """Stop ringing, with ANSWERED or CALM as the new phase."""
        self.phase, self.crying_since_s, self.answer_confirmed = phase, None, False
