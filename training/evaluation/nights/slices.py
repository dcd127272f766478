"""Slices of the night events by infant, manner, source, level, background and microphone, with the failures in each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from training.evaluation.nights.metrics import YES_OR_NO, EventAnswer, is_failure
from training.synthesis.night_plan import NightEvent

LEVELS_DBFS = (-35.0, -25.0, -15.0)
ADULT_OVER_CRY_DB = (0.0, 6.0)
NEAR_DB = (3.0, 12.0)
"""Direct sound over reverberation: across the room, in it, at the crib."""
BED_BELOW_DB = (10.0, 20.0, 30.0)


@dataclass(frozen=True, slots=True)
class NightSlice:
    """Night events of one question that share an attribute."""

    question: str
    trait: str
    value: str
    acts: int
    """Number of night events; the key in ``figures.json``."""
    failed: int


def slices(answers: Sequence[EventAnswer]) -> list[NightSlice]:
    """Return every slice with a failure, by question and trait, the worst first."""
    found = []
    for question in YES_OR_NO:
        counts: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for answer in answers:
            wrong = is_failure(question, answer)
            for trait in event_attributes(answer.night_event) if wrong is not None else ():
                counts[trait].append(bool(wrong))
        found += [
            NightSlice(question.text, trait, value, len(wrong_flags), sum(wrong_flags))
            for (trait, value), wrong_flags in counts.items()
            if any(wrong_flags)
        ]
    order = [question.text for question in YES_OR_NO]
    return sorted(
        found, key=lambda each: (order.index(each.question), each.trait, -each.failed / each.acts, each.value)
    )


def event_attributes(night_event: NightEvent) -> list[tuple[str, str]]:
    """Return the attributes of a night event that may explain a wrong answer, as names and values."""
    named = [
        ("infant", night_event.infant),
        ("manner", night_event.manner),
        ("confuser", night_event.confuser),
        ("bed", night_event.bed),
    ]
    measured = [
        ("level, dBFS", _bin(night_event.dbfs, LEVELS_DBFS)),
        ("adult over cry, dB", _bin(night_event.adult_over_cry_db, ADULT_OVER_CRY_DB)),
        ("direct over reverberant, dB", _bin(night_event.near_db, NEAR_DB)),
        ("room's own sound below, dB", _bin(night_event.bed_below_db, BED_BELOW_DB)),
        ("night", str(night_event.night)),
    ]
    sources = [("source", source) for source in night_event.sources]
    habits = [("microphone", habit) for habit in night_event.microphone]
    return [(trait, value) for trait, value in (*named, *measured, *sources, *habits) if value]


def _bin(value: float | None, edges: Sequence[float]) -> str:
    if value is None or isnan(value):
        return ""
    below = [edge for edge in edges if value >= edge]
    above = [edge for edge in edges if value < edge]
    if not below:
        return f"under {above[0]:g}"
    return f"{below[-1]:g} to {above[0]:g}" if above else f"{below[-1]:g} and more"


@dataclass(frozen=True, slots=True)
class Failure:
    """A night event with a wrong answer, described so that a person can listen to it."""

    question: str
    night: int
    at_s: float
    about: str
    events: tuple[str, ...]
    clips: tuple[str, ...]


def failures(answers: Sequence[EventAnswer]) -> list[Failure]:
    """Return every night event that failed, by question and time."""
    return [
        Failure(
            question.text,
            answer.night_event.night,
            answer.night_event.span[0],
            ", ".join(
                f"{trait} {value}"
                for trait, value in event_attributes(answer.night_event)
                if trait not in ("night", "bed", "source")
            ),
            tuple(f"{event.kind} +{event.at_s - answer.night_event.span[0]:.0f} s" for event in answer.events),
            answer.night_event.clips,
        )
        for question in YES_OR_NO
        for answer in answers
        if is_failure(question, answer)
    ]
