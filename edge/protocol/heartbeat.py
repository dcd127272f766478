"""Waiting times of those who depend on a speaker's heartbeat."""

from dataclasses import dataclass

_MISSED_HEARTBEATS = 3
"""A consumer stops relying on the last heartbeat after this number of missing ones."""
_DELIVERY_S = 1.0
"""Allowance for the way through the broker."""


@dataclass(frozen=True, slots=True)
class HeartbeatPolicy:
    """Two levels of silence: first the page marks the speaker as gone, then the companion raises an alarm."""

    interval_s: float
    """Seconds within which the next heartbeat comes."""

    @property
    def expire_after_s(self) -> float:
        """Seconds after which a consumer no longer relies on the last heartbeat: three intervals."""
        return _MISSED_HEARTBEATS * self.interval_s

    @property
    def silent_after_s(self) -> float:
        """Seconds after which a page shows the speaker as gone: three intervals and one second for the delivery."""
        return self.expire_after_s + _DELIVERY_S

    def alarm_after_s(self, setting_s: float) -> float:
        """Return the seconds after which an alarm is raised: the setting, and at least three intervals."""
        return max(setting_s, self.expire_after_s)
