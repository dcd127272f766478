"""What the decision goes by: how long is long enough, and where yes begins."""

from dataclasses import dataclass
from enum import StrEnum

_LONGEST_S = 600.0
"""Most that any of the waits may last that keep an alert back: beyond it is a slip, such as milliseconds."""


@dataclass(frozen=True, slots=True)
class DecisionSettings:
    """How long is long enough; all in seconds."""

    cry_s: float = 3.5
    """Sure crying for this long rings, unless it is soothed; the less sure, the longer."""
    soothing_s: float = 6.0
    """Whether somebody is soothing is judged over this time."""
    soothing_hold_s: float = 10.0
    """A soothing adult may pause this long while the baby cries on before it counts as having stopped. Before the first
    alert, soothing that lasted for less counts as having stopped after a pause as long as itself.
    """
    quiet_s: float = 30.0
    """Without a cry for this long, the episode is over."""
    reminder_every_s: float = 60.0
    """While the crying goes on and nobody soothes."""
    soothing_limit_s: float = 600.0
    """Soothed crying that goes on past this is told to the parents, quietly, once."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0 seconds")
        for name in ("cry_s", "soothing_s", "soothing_hold_s", "quiet_s"):
            if getattr(self, name) > _LONGEST_S:
                raise ValueError(f"{name} must be at most {_LONGEST_S:g} seconds")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where yes begins; the model's operating point says."""

    cry: float
    """Probability of crying, soothed or not, from which a window speaks for crying."""
    soothing: float
    """Share of the crying heard as soothed from which somebody is there."""


class Sensitivity(StrEnum):
    """Which of the model's operating points to use; its card says what each costs a night."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
