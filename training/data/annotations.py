"""What people who listened call a clip, or the stretches of it that they heard; or programs that stood in for them.

Recordings longer than the guideline listens to are labeled in pieces of its length (``labels.label_studio.pieces``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PEOPLE, PROGRAMS = "people", "programs"
"""Whose word it is: nobody listened to what only programs labeled."""
UNDECIDED = ""
"""People listened and do not agree."""
SEGMENT_S = 5.0
"""How long a labeled piece is: what the guideline listens to."""


@dataclass(frozen=True, slots=True)
class LabeledSegment:
    """A labeled piece of a longer clip, ``STRETCH_S`` long."""

    start_s: float
    """Where in the clip it begins, seconds."""
    label: str
    """``UNDECIDED`` where they do not agree."""


@dataclass(frozen=True, slots=True)
class ClipAnnotations:
    """People's words on one clip."""

    whole: str | None = None
    """Their label of all of it, or ``UNDECIDED``; None: they heard stretches only."""
    stretches: tuple[LabeledSegment, ...] = ()
    """In order."""
    by: str = PEOPLE
    """``PEOPLE``, or ``PROGRAMS`` where no person gave any of these labels."""

    def __str__(self) -> str:
        """As digests take it: the label, or each stretch with its start."""
        of_stretches = (f"{each.start_s:.3f}={each.label}" for each in self.stretches)
        return ";".join([*([] if self.whole is None else [self.whole]), *of_stretches])

    def opening(self) -> str | None:
        """What they call its first ``STRETCH_S``, by which a classifier of clips is judged; None: nobody heard them."""
        first = [each.label for each in self.stretches if each.start_s == 0]
        return first[0] if first else self.whole

    def labels(self) -> Iterator[tuple[float | None, str]]:
        """Each label, and where its stretch begins; None: of the whole clip."""
        if self.whole is not None:
            yield None, self.whole
        for each in self.stretches:
            yield each.start_s, each.label

    def teaches(self) -> bool:
        """Whether they agree on any of it."""
        return any(label for _, label in self.labels())


def collect_annotations(words: Iterable[tuple[str, str, str, str]]) -> dict[str, ClipAnnotations]:
    """Clip -> what it is called, from rows of clip, start of the stretch (seconds; empty: the whole clip), label, by
    whom. What programs say of a clip of which people say anything does not count.
    """
    rows = list(words)
    heard = {clip for clip, _, _, by in rows if by == PEOPLE}
    wholes: dict[str, str] = {}
    stretches: dict[str, list[LabeledSegment]] = {}
    for clip, start_s, label, by in rows:
        if clip in heard and by != PEOPLE:
            continue
        if start_s:
            stretches.setdefault(clip, []).append(LabeledSegment(float(start_s), label))
        else:
            wholes[clip] = label
    return {
        clip: ClipAnnotations(
            wholes.get(clip),
            tuple(sorted(stretches.get(clip, ()), key=lambda each: each.start_s)),
            PEOPLE if clip in heard else PROGRAMS,
        )
        for clip in {**wholes, **stretches}
    }
