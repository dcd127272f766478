"""Notifications and alarms of the companion, before ``edge.companion.push.texts`` words them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tier(StrEnum):
    """One of the two lists of phones in the settings ``phone.push``."""

    FIRST = "first"
    SECOND = "second"


class Reason(StrEnum):
    """Cause of a notification that is not an event's kind."""

    HEARTBEAT = "heartbeat"
    """Heartbeats report crying, and no event has come."""
    UNANSWERED = "unanswered"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Notification:
    """A message about an episode for one of the lists."""

    device: str
    episode_id: str
    tier: Tier
    reason: str
    """An EventKind or a Reason."""
    rings: bool
    """False: quiet information."""
    why: str
    since: datetime | None
    """Onset of the crying, UTC by the speaker's clock."""
    unanswered_s: float = 0.0
    """Seconds since the alert began."""
    late: bool = False
    """The crying was in the past."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A speaker or the broker cannot be relied on, or can again."""

    device: str | None
    """None: the broker, and with it every speaker."""
    problem: str | None
    """None: all clear."""
    rings: bool
    """False: quiet, because alerts are off."""
