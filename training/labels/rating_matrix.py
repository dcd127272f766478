"""Labels as a matrix: one row a clip, one column a labeller."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.labels.records import Label, kind_of

MISSING = -1


@dataclass(frozen=True, slots=True)
class RatingMatrix:
    """Who said what."""

    clips: tuple[str, ...]
    labellers: tuple[str, ...]
    classes: tuple[str, ...]
    values: npt.NDArray[np.int8]
    """[clips, labellers]: index into ``classes``, or -1 where this labeller gave no label to this clip."""

    def of(self, clips: Iterable[str]) -> "RatingMatrix":
        """Only these clips."""
        wanted = set(clips)
        rows = [row for row, clip in enumerate(self.clips) if clip in wanted]
        return RatingMatrix(tuple(self.clips[row] for row in rows), self.labellers, self.classes, self.values[rows])

    def by(self, labellers: Sequence[str]) -> "RatingMatrix":
        """Only these labellers."""
        columns = [self.labellers.index(labeller) for labeller in labellers]
        return RatingMatrix(self.clips, tuple(labellers), self.classes, self.values[:, columns])


def is_person(label: Label) -> bool:
    """Whether somebody listened, or a program stands in for somebody who did."""
    return kind_of(label.labeller) == "person"


def first_answers(labels: Iterable[Label], classes: Sequence[str]) -> RatingMatrix:
    """What each labeller said at the first hearing, before anything could be remembered or corrected."""
    return _answers(sorted(labels, key=lambda label: -label.round), classes)


def latest_answers(labels: Iterable[Label], classes: Sequence[str]) -> RatingMatrix:
    """What each labeller said last."""
    return _answers(sorted(labels, key=lambda label: label.round), classes)


def _answers(labels: Sequence[Label], classes: Sequence[str]) -> RatingMatrix:
    """Of several rounds the last in ``labels`` stands; a skip in it is no answer."""
    clips = sorted({label.clip for label in labels})
    labellers = sorted({label.labeller for label in labels})
    row = {clip: index for index, clip in enumerate(clips)}
    column = {labeller: index for index, labeller in enumerate(labellers)}
    values = np.full((len(clips), len(labellers)), MISSING, np.int8)
    for label in labels:
        value = MISSING if label.label is None else classes.index(label.label)
        values[row[label.clip], column[label.labeller]] = value
    return RatingMatrix(tuple(clips), tuple(labellers), tuple(classes), values)
