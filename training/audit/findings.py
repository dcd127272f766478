"""What an audit finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """What is wrong, what matters most first."""

    LEAK = "leak"
    """One sound, or one group, in two splits: figures flatter the model."""
    LABEL = "label"
    """The sound contradicts the label."""
    DUPLICATE = "duplicate"
    """One sound twice: it counts double, and may be torn apart by the next split."""
    SOUND = "sound"
    """Truncated, silent, clipped, off center or dull."""
    OUTLIER = "outlier"
    """Like nothing else here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One clip, or two, and why to look at them."""

    kind: FindingKind
    score: float
    """Ranks within the kind, most suspicious first."""
    subject: int
    """Index of the recording."""
    why: str
    other: int | None = None
    """The one it is compared with."""
    likely: str | None = None
    """The label that the sound suggests."""


HEAR_AGAIN = (FindingKind.LABEL, FindingKind.OUTLIER, FindingKind.SOUND)
"""What an ear can settle; leaks and duplicates are settled by grouping and splitting anew."""


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """By kind, then most suspicious first; equal ones in the order of the recordings."""
    order = list(FindingKind)
    return sorted(found, key=lambda each: (order.index(each.kind), -each.score, each.subject, each.other or 0))
