"""What a guideline says, as records.

Guideline
├── decision     ordered Questions: answer them from the top, stop at the first label
├── labels       Labels in schema order, each with Examples (and the Strips that draw them)
├── thresholds   the seconds of the text as numbers, for the rules that train
├── edge_cases   sounds people disagree on, settled
├── migration    what becomes of the previous version's labels
└── literature   why the numbers are what they are
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from label_schema.errors import GuidelineError

LANES = ("cry", "fuss", "adult", "other")
"""What a strip can draw: full bursts of cry, weak or short distress, an adult's voice or touch, anything else."""

Span = tuple[float, float]
"""Start and end, seconds into the clip."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A clip as one draws it: when each sound is heard."""

    lanes: Mapping[str, tuple[Span, ...]]
    """Lane -> spans in order, not touching, in the order of ``LANES``."""

    def seconds(self, lane: str) -> float:
        """How long this lane is heard in total."""
        return sum(end - start for start, end in self.lanes.get(lane, ()))


@dataclass(frozen=True, slots=True)
class Example:
    """Something one may hear, and the label it gets."""

    heard: str
    label: str
    because: str
    """Empty where the definition says it already."""
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class Label:
    """One label and how to hear it."""

    name: str
    key: str
    """The one-character key that chooses it while labeling."""
    rings: bool
    """Whether hearing this calls the parents."""
    definition: str
    listen_for: tuple[str, ...]
    examples: tuple[Example, ...]
    counter_examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One step of the decision order."""

    ask: str
    if_yes: str | None
    """The label, or None: go on to the next question."""
    if_no: str | None
    """The label, or None: go on to the next question."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number of the text."""

    name: str
    value: float
    """Seconds."""
    meaning: str


@dataclass(frozen=True, slots=True)
class EdgeCase:
    """A sound people disagree on, settled."""

    sound: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Carry:
    """What becomes of one label of the previous version."""

    label: str
    """As the previous version spells it."""
    becomes: str | None
    """The label here, or None: the clip must be listened to again."""
    why: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A published finding a number or a choice rests on."""

    claim: str
    source: str
    link: str


@dataclass(frozen=True, slots=True)
class Guideline:
    """One version of what the labels mean."""

    version: int
    date: str
    """Day of publication, YYYY-MM-DD."""
    title: str
    summary: str
    clip_seconds: float
    limits: tuple[Threshold, ...]
    decision: tuple[Question, ...]
    labels: tuple[Label, ...]
    """In schema order: the order of the model's outputs."""
    edge_cases: tuple[EdgeCase, ...]
    migration: tuple[Carry, ...]
    """Empty in version 1."""
    literature: tuple[Reference, ...]
    digest: str
    """SHA-256 (hex) over the content; comments, layout and the order of keys do not change it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names in schema order."""
        return tuple(label.name for label in self.labels)

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The numbers of the text by name, in seconds."""
        return MappingProxyType({limit.name: limit.value for limit in self.limits})

    def label(self, name: str) -> Label:
        """The label of this name."""
        for label in self.labels:
            if label.name == name:
                return label
        raise GuidelineError(
            f"guideline version {self.version} has no label {name!r}; its labels are {', '.join(self.names)}"
        )
