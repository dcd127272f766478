"""Labels as a matrix: one row a clip, one column a labeler."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.labels.records import Label, kind_of

MISSING = -1


@dataclass(frozen=True, slots=True)
class RatingMatrix:
    """The labels of several labelers on several clips."""

    clips: tuple[str, ...]
    labellers: tuple[str, ...]
    classes: tuple[str, ...]
    values: npt.NDArray[np.int8]
    """[clips, labelers], index into ``classes``, or -1 for no label."""

    def select_clips(self, clips: Iterable[str]) -> "RatingMatrix":
        """Return the rows of these clips."""
        wanted = set(clips)
        rows = [row for row, clip in enumerate(self.clips) if clip in wanted]
        return RatingMatrix(tuple(self.clips[row] for row in rows), self.labellers, self.classes, self.values[rows])

    def select_labellers(self, labellers: Sequence[str]) -> "RatingMatrix":
        """Return the columns of these labelers, in their order."""
        columns = [self.labellers.index(labeller) for labeller in labellers]
        return RatingMatrix(self.clips, tuple(labellers), self.classes, self.values[:, columns])


def is_person(label: Label) -> bool:
    """Return whether a person gave the label, or a program in place of one."""
    return kind_of(label.labeller) == "person"


def first_answers(labels: Iterable[Label], classes: Sequence[str]) -> RatingMatrix:
    """Return each labeler's first answers, which no memory of the clip and no correction influences."""
    return _build_matrix(sorted(labels, key=lambda label: -label.round), classes)


def latest_answers(labels: Iterable[Label], classes: Sequence[str]) -> RatingMatrix:
    """Return each labeler's latest answers."""
    return _build_matrix(sorted(labels, key=lambda label: label.round), classes)


def _build_matrix(labels: Sequence[Label], classes: Sequence[str]) -> RatingMatrix:
    """Build the matrix; of several rounds the last in ``labels`` counts, and a skip is a missing label."""
    clips = sorted({label.clip for label in labels})
    labellers = sorted({label.labeller for label in labels})
    row = {clip: index for index, clip in enumerate(clips)}
    column = {labeller: index for index, labeller in enumerate(labellers)}
    values = np.full((len(clips), len(labellers)), MISSING, np.int8)
    for label in labels:
        value = MISSING if label.label is None else classes.index(label.label)
        values[row[label.clip], column[label.labeller]] = value
    return RatingMatrix(tuple(clips), tuple(labellers), tuple(classes), values)
