"""The rows of the label store, clips and labels, with their validation."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

import label_schema
from edge.errors import HushdError

AUTHORITY = ("adjudication", "gold", "person", "rule", "source", "teacher")
"""Kinds of labeler, the one that takes precedence first.

An adjudicator settles a dispute. Experts agree on a gold label beforehand. A person listens. A rule derives the label
from other labels or from measurements. A source's label comes with the data. A teacher is another model.
"""

MAX_ROUNDS = 1_000_000
"""Largest accepted round; a larger number is a typing error."""

PIECE_OF, PIECE_AT = "piece_of", "piece_at_s"
"""Attributes of a segment cut from a longer clip: the digest of that clip, and the segment's start in it, seconds."""

PROGRAM = "program:"
"""Prefix of a labeler that is a program and is used in place of a person."""

CARRIED = "rule:carry-over"
"""Prefix of the labeler of a label that was migrated by rule to a new guideline version."""

_LABELLER = re.compile(r"((?P<kind>[a-z]+):)?[^\s;=,][^;=,]{,99}")
_CLIP = re.compile(r"[0-9a-f]{64}")


class LabelError(HushdError):
    """A clip, a label or a file of them is invalid; the store is unchanged."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A recording in the label store, identified by its content."""

    clip: str
    """SHA-256 (hex) of the file."""
    suffix: str
    """The file's suffix, such as ``.ogg``."""
    size: int
    """Size of the file, bytes."""
    duration_s: float
    source: str
    """The data set or device fleet."""
    group: str
    """The infant, adult or recording; all clips of a group belong to one split."""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Further attributes, such as age or device, by which figures are sliced."""


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of one labeler to one clip."""

    clip: str
    """SHA-256 (hex) of the clip's file."""
    labeller: str
    """A person's name, or ``KIND:NAME`` with a kind of ``AUTHORITY``; ``program:NAME`` counts as a person."""
    label: str | None
    """A label of the guideline; None if skipped."""
    guideline: int
    """Guideline version that the labeler followed."""
    digest: str
    """Digest of that version."""
    at: datetime
    """Time of the answer, with a time zone."""
    seconds: float | None = None
    """Time the labeler took, seconds; None if not measured."""
    round: int = 1
    """Number of this answer among the labeler's answers to the clip under this guideline, from 1."""
    note: str = ""
    """The reason, or the labels it was derived from."""

    def __post_init__(self) -> None:
        """Raise LabelError if a field is invalid."""
        if not _CLIP.fullmatch(self.clip):
            raise LabelError(f"clip must be a SHA-256 in hex, not {self.clip[:80]!r}")
        check_labeller(self.labeller)
        if self.at.utcoffset() is None:
            raise LabelError(f"the time {self.at.isoformat()} has no time zone: write it as 2026-11-23T01:20:38Z")
        if self.seconds is not None and not 0 <= self.seconds < math.inf:
            raise LabelError(f"seconds must be a finite number from 0, not {self.seconds}")
        try:
            self.at.astimezone(UTC)
        except OverflowError as error:
            raise LabelError(
                f"the time {self.at.isoformat()} is outside the supported date range (years 1 to 9999 in UTC)"
            ) from error
        if not 1 <= self.round <= MAX_ROUNDS:
            raise LabelError(f"round must be from 1 to {MAX_ROUNDS}, not {self.round}")
        check_label(self.label, self.guideline, self.digest)


def kind_of(labeller: str) -> str:
    """Return the labeler's kind, one of ``AUTHORITY``."""
    kind, colon, _ = labeller.partition(":")
    return kind if colon and kind in AUTHORITY else "person"


def origins(label: Label) -> list[str]:
    """Return the label's labeler, or the labelers of the labels it was migrated from."""
    if not label.labeller.startswith(CARRIED):
        return [label.labeller]
    return [part.rpartition("=")[0] for part in label.note.split("; ")]


def check_labeller(labeller: str) -> None:
    """Raise LabelError if this is not a valid labeler name."""
    match = _LABELLER.fullmatch(labeller)
    if not match or not labeller.isprintable():
        raise LabelError(
            f"labeller must be a name such as anna or rule:loudness, without ; = or comma, not {labeller[:80]!r}"
        )
    kinds = (*AUTHORITY, "program")
    if match["kind"] and match["kind"] not in kinds:
        raise LabelError(f"labeller {labeller!r}: the word before the colon must be one of {', '.join(kinds)}")


def guideline_of(version: int | None) -> label_schema.Guideline:
    """Return the guideline of this version (default: the latest); LabelError if there is no such version."""
    try:
        return label_schema.load(version)
    except label_schema.GuidelineError as error:
        raise LabelError(str(error)) from error


def check_label(label: str | None, version: int, digest: str) -> None:
    """Raise LabelError if the guideline's digest differs or it does not have this label."""
    guideline = guideline_of(version)
    if digest != guideline.digest:
        raise LabelError(
            f"made under another guideline version {version} (digest {digest[:12]}, here {guideline.digest[:12]})"
        )
    if label is not None and label not in guideline.names:
        raise LabelError(
            f"{label[:80]!r} is not a label of guideline version {version}; its labels are {', '.join(guideline.names)}"
        )
