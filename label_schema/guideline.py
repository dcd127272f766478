"""The records of a guideline.

Guideline
├── decision     ordered Questions: a labeler answers from the top and stops at the first label
├── labels       Labels in schema order, each with Examples and their Strips
├── thresholds   the seconds of the text as numbers, for the rules of training
├── edge_cases   labels of sounds that labelers disagree on
├── migration    the new labels for those of the previous version
└── literature   the sources of the numbers
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from label_schema.errors import GuidelineError

LANES = ("cry", "fuss", "adult", "other")
"""Lanes of a strip: full bursts of cry, weak or short distress, an adult's voice or touch, other sounds."""

Span = tuple[float, float]
"""Start and end in the clip, seconds."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A drawing of a clip: the time of each sound."""

    lanes: Mapping[str, tuple[Span, ...]]
    """Lane -> separate spans in ascending order; lanes in the order of ``LANES``."""

    def seconds(self, lane: str) -> float:
        """Return the total length of a lane's spans, seconds."""
        return sum(end - start for start, end in self.lanes.get(lane, ()))


@dataclass(frozen=True, slots=True)
class Example:
    """A sound, described in words, and its label."""

    heard: str
    label: str
    because: str
    """The reason; empty if the definition contains it."""
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class Label:
    """One label with its definition and examples."""

    name: str
    key: str
    """Key that selects the label, one character."""
    rings: bool
    """Whether this label alerts the parents."""
    definition: str
    listen_for: tuple[str, ...]
    examples: tuple[Example, ...]
    counter_examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One step of the decision order."""

    ask: str
    if_yes: str | None
    """The label, or None for the next question."""
    if_no: str | None
    """The label, or None for the next question."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number of the guideline's text."""

    name: str
    value: float
    """Seconds."""
    meaning: str


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """The label of a sound that labelers disagree on."""

    sound: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Carry:
    """The migration rule of one label of the previous version."""

    label: str
    """The label in the previous version."""
    becomes: str | None
    """The label in this version, or None if the clip needs a new label."""
    why: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A published finding that supports a number or a choice."""

    claim: str
    source: str
    link: str


@dataclass(frozen=True, slots=True)
class Guideline:
    """One version of the guideline."""

    version: int
    date: str
    """Day of publication, YYYY-MM-DD."""
    title: str
    summary: str
    clip_seconds: float
    """Length of the clips that the labels are about, seconds."""
    limits: tuple[Threshold, ...]
    decision: tuple[Question, ...]
    labels: tuple[Label, ...]
    """Labels in schema order, the order of the model's outputs."""
    edge_cases: tuple[EdgeCase, ...]
    migration: tuple[Carry, ...]
    """Migration rules; empty in version 1."""
    literature: tuple[Reference, ...]
    digest: str
    """SHA-256 (hex) of the content, independent of comments, layout and the order of keys."""

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in schema order."""
        return tuple(label.name for label in self.labels)

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The thresholds by name, seconds."""
        return MappingProxyType({limit.name: limit.value for limit in self.limits})

    def label(self, name: str) -> Label:
        """Return the label with this name; GuidelineError if there is none."""
        for label in self.labels:
            if label.name == name:
                return label
        raise GuidelineError(
            f"guideline version {self.version} has no label {name!r}; its labels are {', '.join(self.names)}"
        )
