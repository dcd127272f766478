"""Distributions of the sounds beside an infant, in evaluations and, harder, in training scenes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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

EVALUATION_MANNERS = {
    "speech": 0.44,
    "singing": 0.12,
    "sung speech": 0.1,
    "lullaby": 0.1,
    "humming": 0.12,
    "shushing": 0.12,
}
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


TRAINING_DISTRIBUTION = SceneDistribution(
    kinds={
        **CONFUSERS,
        "cat": 0.17,
        "music": 0.13,
        "glissando": 0.06,
        "adult_speech": 0.08,
        "ambience": 0.02,
        "phone_room": 0.05,
    },
    alike=0.35,
    speeds=(0.65, 1.55),
)
"""Harder than in evaluations: more of the kinds that are mistaken for a cry, at a wider range of pitches."""


SINGLE_CALL_DISTRIBUTION = replace(
    TRAINING_DISTRIBUTION,
    kinds={"cat": 0.35, "animal": 0.3, "human": 0.25, "child_speech": 0.1},
    alike=0.5,
    pauses_s=(2.0, 4.0),
)
"""One call, then a pause: its rhythm is that of fussing."""


ALONE_PROBABILITY = 0.3
"""Share of the scenes without an infant that hold only such calls."""


TRAINING_MANNERS = {
    "speech": 0.4,
    "singing": 0.2,
    "sung speech": 0.12,
    "lullaby": 0.08,
    "humming": 0.1,
    "shushing": 0.1,
}
"""Manners of soothing and their probabilities.

More singing than in evaluations: there are few singers, and they are the hardest to recognize.
"""
