"""Findings of an audit, and their ranking."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """The kinds of finding, most important first."""

    LEAK = "leak"
    """One sound, or one group, in two splits, which makes metrics too good."""
    LABEL = "label"
    """A label that the sound contradicts."""
    DUPLICATE = "duplicate"
    """One sound in two clips, which counts twice and may leak in the next split."""
    SOUND = "sound"
    """A truncated, silent, clipped, offset or band-limited clip."""
    OUTLIER = "outlier"
    """A clip far from all others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One clip or two, with the reason to check them."""

    kind: FindingKind
    score: float
    """Rank within the kind; larger is more suspicious."""
    subject: int
    """Index of the recording."""
    why: str
    """Reason in words."""
    other: int | None = None
    """Index of the recording it is compared with."""
    likely: str | None = None
    """The label that the sound suggests."""


RELABELED_KINDS = (FindingKind.LABEL, FindingKind.OUTLIER, FindingKind.SOUND)
"""Kinds that listening resolves; leaks and duplicates need another grouping and split instead."""


def rank(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings by kind, then by score; ties keep the order of the recordings."""
    order = list(FindingKind)
    return sorted(findings, key=lambda each: (order.index(each.kind), -each.score, each.subject, each.other or 0))
