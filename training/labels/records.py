"""A clip and a label as they are kept, and the one failure of this package."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

import label_schema
from edge.errors import HushdError

AUTHORITY = ("adjudication", "gold", "person", "rule", "source", "teacher")
"""Kinds of labeller, the one whose word counts most first.

An adjudicator settled a dispute, a gold label was agreed by experts beforehand, people listened, a rule derived the
label from others or from measurements, a source's label came with the data, and a teacher is another model.
"""

MOST_ROUNDS = 1_000_000
"""Nobody hears a clip more often: a larger number is a slip."""

PIECE_OF, PIECE_AT = "piece_of", "piece_at_s"
"""Attributes of a clip that was cut from a longer one: that one's digest, and where in it the piece begins, seconds."""

PROGRAM = "program:"
"""How the labeller begins that stands in for a person and is none."""

CARRIED = "rule:carry-over"
"""How the labeller of a label begins that a new guideline version took over from an older one."""

_LABELLER = re.compile(r"((?P<kind>[a-z]+):)?[^\s;=,][^;=,]{,99}")
_CLIP = re.compile(r"[0-9a-f]{64}")


class LabelError(HushdError):
    """A clip, a label or a file of them is refused; nothing was changed."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording, named by what is in it."""

    clip: str
    """SHA-256 (hex) of the file's bytes."""
    suffix: str
    """Of the file, such as ``.ogg``."""
    size: int
    """Bytes."""
    duration_s: float
    source: str
    """The data set or device fleet it is from."""
    group: str
    """The infant, speaker or recording: clips of one group never stand in two splits."""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What else is known, such as age or device: the slices that figures are given by."""


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of one labeller to one clip."""

    clip: str
    """SHA-256 (hex) of the audio file."""
    labeller: str
    """A person's name, or ``KIND:NAME`` with a kind of ``AUTHORITY``; ``program:NAME`` stands in for a person."""
    label: str | None
    """A name of the guideline; None: skipped."""
    guideline: int
    """Version the labeller worked by."""
    digest: str
    """Of that version."""
    at: datetime
    """UTC."""
    seconds: float | None = None
    """How long the labeller took; None where nobody measured."""
    round: int = 1
    """How many times the labeller had heard this clip under this guideline, this time included."""
    note: str = ""
    """Why, or from which labels it was derived."""

    def __post_init__(self) -> None:
        """Refuse what could not be: LabelError says what is wrong."""
        if not _CLIP.fullmatch(self.clip):
            raise LabelError(f"a clip is named by its SHA-256 in hex, not {self.clip[:80]!r}")
        check_labeller(self.labeller)
        if self.at.utcoffset() is None:
            raise LabelError(f"the time {self.at.isoformat()} has no zone: write it as 2026-11-23T01:20:38Z")
        if self.seconds is not None and not 0 <= self.seconds < math.inf:
            raise LabelError(f"seconds taken must be 0 or more, not {self.seconds}")
        try:
            self.at.astimezone(UTC)
        except OverflowError as error:
            raise LabelError(f"the time {self.at.isoformat()} is at the end of all calendars") from error
        if not 1 <= self.round <= MOST_ROUNDS:
            raise LabelError(f"the first round is 1 and the last {MOST_ROUNDS}, not {self.round}")
        check_label(self.label, self.guideline, self.digest)


def kind_of(labeller: str) -> str:
    """Which of ``AUTHORITY`` a labeller is."""
    kind, colon, _ = labeller.partition(":")
    return kind if colon and kind in AUTHORITY else "person"


def origins(label: Label) -> list[str]:
    """Who gave the label: its labeller, or those it was carried over from."""
    if not label.labeller.startswith(CARRIED):
        return [label.labeller]
    return [part.rpartition("=")[0] for part in label.note.split("; ")]


def check_labeller(labeller: str) -> None:
    """LabelError unless this can be a labeller's name."""
    match = _LABELLER.fullmatch(labeller)
    if not match or not labeller.isprintable():
        raise LabelError(
            f"a labeller is a name such as anna or rule:loudness, without ; = or comma, not {labeller[:80]!r}"
        )
    kinds = (*AUTHORITY, "program")
    if match["kind"] and match["kind"] not in kinds:
        raise LabelError(f"labeller {labeller!r}: the word before the colon must be one of {', '.join(kinds)}")


def guideline_of(version: int | None) -> label_schema.Guideline:
    """The guideline of this version, the latest by default; LabelError where there is none."""
    try:
        return label_schema.load(version)
    except label_schema.GuidelineError as error:
        raise LabelError(str(error)) from error


def check_label(label: str | None, version: int, digest: str) -> None:
    """LabelError unless this label can have been given under this guideline."""
    guideline = guideline_of(version)
    if digest != guideline.digest:
        raise LabelError(
            f"made under another guideline version {version} (digest {digest[:12]}, ours is {guideline.digest[:12]})"
        )
    if label is not None and label not in guideline.names:
        raise LabelError(
            f"{label[:80]!r} is no label of guideline version {version}; its labels are {', '.join(guideline.names)}"
        )
