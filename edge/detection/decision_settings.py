"""Durations and thresholds of the decision."""

from dataclasses import dataclass
from enum import StrEnum

_LONGEST_S = 600.0
"""Maximum of each duration that delays an alert, seconds; a longer one is a mistake, such as milliseconds."""


@dataclass(frozen=True, slots=True)
class DecisionSettings:
    """Durations of the decision, in seconds."""

    cry_s: float = 3.5
    """Certain crying rings after this long, unless it is soothed; less certain crying takes longer."""
    soothing_s: float = 6.0
    """Length of the sound over which soothing is measured."""
    soothing_hold_s: float = 10.0
    """Soothing has stopped after a pause of this length in which the baby cries. Before the first alert, soothing that
    lasted for less has stopped after a pause as long as itself.
    """
    quiet_s: float = 30.0
    """The episode ends after this long without a cry."""
    reminder_every_s: float = 60.0
    """Interval between reminders while the crying goes on without soothing."""
    soothing_limit_s: float = 600.0
    """Soothed crying that lasts longer is reported once, without ringing."""

    def __post_init__(self) -> None:
        """Raise ValueError for a duration that is not positive or too long."""
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds")
        for name in ("cry_s", "soothing_s", "soothing_hold_s", "quiet_s"):
            if getattr(self, name) > _LONGEST_S:
                raise ValueError(f"{name} must be at most {_LONGEST_S:g} seconds")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Thresholds of the decision, from the model's operating point."""

    cry: float
    """Probability of crying, soothed or not, above which a window is evidence of a cry."""
    soothing: float
    """Share of the crying that sounds soothed at which an adult is present."""


class Sensitivity(StrEnum):
    """Name of one of the model's operating points; the model card lists the cost of each."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
