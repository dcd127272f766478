"""Annotations: the labels that people gave to a clip or to its segments, or programs in their place.

A recording longer than the guideline's clips is labeled in segments of that length
(``training.labels.label_studio.segments``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PEOPLE, PROGRAMS = "people", "programs"
"""The annotators of a clip. A clip that only programs labeled was not listened to."""
UNDECIDED = ""
"""The label of a clip on which the annotators do not agree."""


@dataclass(frozen=True, slots=True)
class LabeledSegment:
    """A labeled segment of a longer clip, as long as the guideline's clips."""

    start_s: float
    """Where in the clip it begins, seconds."""
    label: str
    """``UNDECIDED`` where the annotators do not agree."""


@dataclass(frozen=True, slots=True)
class ClipAnnotations:
    """The labels of one clip."""

    whole: str | None = None
    """Label of the whole clip, or ``UNDECIDED``; None where only segments are labeled."""
    segments: tuple[LabeledSegment, ...] = ()
    """In order."""
    by: str = PEOPLE
    """``PEOPLE``, or ``PROGRAMS`` where all of these labels are theirs."""

    def __str__(self) -> str:
        """Format for digests: the label of the whole, and each segment with its start."""
        segments = (f"{each.start_s:.3f}={each.label}" for each in self.segments)
        return ";".join([*([] if self.whole is None else [self.whole]), *segments])

    def first_label(self) -> str | None:
        """Return the label of the clip's first segment, by which a classifier of clips is evaluated.

        None where that part is not labeled.
        """
        first = [each.label for each in self.segments if each.start_s == 0]
        return first[0] if first else self.whole

    def labels(self) -> Iterator[tuple[float | None, str]]:
        """Yield each label and the start of its segment; None for the whole clip."""
        if self.whole is not None:
            yield None, self.whole
        for each in self.segments:
            yield each.start_s, each.label

    def has_agreed_label(self) -> bool:
        """Return whether the annotators agree on the label of any part."""
        return any(label for _, label in self.labels())


def collect_annotations(rows: Iterable[tuple[str, str, str, str]]) -> dict[str, ClipAnnotations]:
    """Collect rows of clip, segment start (seconds; empty for the whole clip), label and annotator by clip.

    Programs' labels of a clip that people labeled, too, are left out.
    """
    rows = list(rows)
    by_people = {clip for clip, _, _, by in rows if by == PEOPLE}
    wholes: dict[str, str] = {}
    segments: dict[str, list[LabeledSegment]] = {}
    for clip, start_s, label, by in rows:
        if clip in by_people and by != PEOPLE:
            continue
        if start_s:
            segments.setdefault(clip, []).append(LabeledSegment(float(start_s), label))
        else:
            wholes[clip] = label
    return {
        clip: ClipAnnotations(
            wholes.get(clip),
            tuple(sorted(segments.get(clip, ()), key=lambda each: each.start_s)),
            PEOPLE if clip in by_people else PROGRAMS,
        )
        for clip in {**wholes, **segments}
    }
