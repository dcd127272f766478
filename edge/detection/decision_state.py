"""State of a decision: the episode under way, and the snapshot from which a reloaded daemon continues."""

from dataclasses import dataclass

from edge.detection.decision_settings import DecisionSettings, Thresholds
from edge.detection.evidence import Evidence
from edge.records import Scores, State


@dataclass(slots=True)
class Episode:
    """An episode of crying, announced or not; all times are stream seconds."""

    id: str
    onset_s: float
    """Start of the crying."""
    announced: bool = False
    """Whether an event of it called the parents."""
    soothed_since_s: float | None = None
    """End of the first soothed window; None before one."""
    soothing_long_reported: bool = False
    last_alert_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DecisionSnapshot:
    """State of a decision, from which another one continues on the same stream."""

    state: State
    episode: Episode | None
    last_cry_s: float
    """End of the last window with a cry, stream seconds."""
    last_soothing_s: float
    """End of the last window with soothing, stream seconds."""
    judged_by: tuple[DecisionSettings, Thresholds, float]
    """Settings, thresholds and hop in seconds; evidence counts on only where they are equal."""
    recent: tuple[Scores, ...]
    """The windows of the last ``soothing_s``, oldest first."""
    evidence: Evidence
