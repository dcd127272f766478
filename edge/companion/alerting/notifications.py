"""What the companion tells the parents, before it is put into words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Tier(StrEnum):
    """Which of the two lists."""

    FIRST = "first"
    SECOND = "second"


class Reason(StrEnum):
    """Why the parents are told something, beside the kinds of events."""

    HEARTBEAT = "heartbeat"
    """No event has come, but heartbeats tell of crying."""
    UNANSWERED = "unanswered"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Notification:
    """Something to tell one of the lists about an episode."""

    device: str
    episode_id: str
    tier: Tier
    reason: str
    """An EventKind or a Reason."""
    rings: bool
    """Otherwise it is quiet information."""
    why: str
    since: datetime | None
    """When the crying began, UTC by the speaker's clock."""
    unanswered_s: float = 0.0
    """It has been ringing for so long already."""
    late: bool = False
    """News of the past."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """The companion's own: a speaker, or the broker, cannot be relied on; or can again."""

    device: str | None
    """None: the broker, and with it every speaker."""
    problem: str | None
    """None: all clear."""
    rings: bool
    """False where nobody wants to be called."""
