"""Distributions of the sounds beside an infant; the defaults are those of evaluations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Span = tuple[float, float]
"""Start and end, seconds from the scene's start; or a range of another quantity."""

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
"""Kinds of sounds without infant distress, and their probabilities."""

MANNERS = {"speech": 0.44, "singing": 0.12, "sung speech": 0.1, "lullaby": 0.1, "humming": 0.12, "shushing": 0.12}
"""Manners of soothing and their probabilities."""


@dataclass(frozen=True, slots=True)
class SceneDistribution:
    """The distribution of sounds without infant distress; the defaults are those of evaluations."""

    kinds: Mapping[str, float] = field(default_factory=lambda: CONFUSERS)
    """Kind -> relative frequency."""
    alike: float = 0.0
    """Share of the draws in which a clip's probability grows with its similarity to a cry."""
    speeds: Span = (0.85, 1.2)
    """Range of the playing speed, which also shifts the pitch."""
    pauses_s: Sequence[float] = (0.1, 1.0, 3.0)
    """Mean pauses between one sound and the next; each has the same probability."""


EVALUATION_DISTRIBUTION = SceneDistribution()
