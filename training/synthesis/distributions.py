"""What is there to be heard beside an infant, and how often: the defaults are what evaluations hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Span = tuple[float, float]
"""From, to: seconds from the scene's start, unless said otherwise."""

CONFUSERS = {
    "cat": 0.12,
    "animal": 0.15,
    "human": 0.16,
    "child_speech": 0.12,
    "household": 0.11,
    "adult_speech": 0.11,
    "music": 0.07,
    "singing": 0.06,
    "ambience": 0.03,
    "phone_room": 0.07,
}
"""Kinds that are no infant's distress, and how often each is drawn."""

MANNERS = {"speech": 0.44, "singing": 0.12, "sung speech": 0.1, "lullaby": 0.1, "humming": 0.12, "shushing": 0.12}
"""How an adult soothes."""


@dataclass(frozen=True, slots=True)
class SceneDistribution:
    """How sounds that are no infant's are drawn; the defaults are what evaluations hold."""

    kinds: Mapping[str, float] = field(default_factory=lambda: CONFUSERS)
    """Kind -> how often, relative to the others."""
    alike: float = 0.0
    """Of so many draws, a clip is the likelier the more it sounds like a cry."""
    speeds: Span = (0.85, 1.2)
    """Played so fast, pitch and all."""
    pauses_s: Sequence[float] = (0.1, 1.0, 3.0)
    """Mean pauses between one sound and the next, each as likely as another."""


EVALUATION_DISTRIBUTION = SceneDistribution()
