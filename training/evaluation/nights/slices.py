"""What failing acts have in common: for each question, who fails how often by infant, manner, source, level and bed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from training.evaluation.nights.questions import YES_OR_NO, EventAnswer, failed
from training.synthesis.night_plan import NightEvent

LEVELS_DBFS = (-35.0, -25.0, -15.0)
ADULT_OVER_CRY_DB = (0.0, 6.0)
NEAR_DB = (3.0, 12.0)
"""Direct sound over reverberation: across the room, in it, at the crib."""
BED_BELOW_DB = (10.0, 20.0, 30.0)


@dataclass(frozen=True, slots=True)
class NightSlice:
    """Acts that share a trait."""

    question: str
    trait: str
    value: str
    acts: int
    failed: int


def slices(told: Sequence[EventAnswer]) -> list[NightSlice]:
    """Every slice in which anything failed, by question and trait, the worst first."""
    made = []
    for question in YES_OR_NO:
        counts: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for answer in told:
            wrong = failed(question, answer)
            for trait in event_attributes(answer.act) if wrong is not None else ():
                counts[trait].append(bool(wrong))
        made += [
            NightSlice(question.text, trait, value, len(answers), sum(answers))
            for (trait, value), answers in counts.items()
            if any(answers)
        ]
    order = [question.text for question in YES_OR_NO]
    return sorted(made, key=lambda each: (order.index(each.question), each.trait, -each.failed / each.acts, each.value))


def event_attributes(act: NightEvent) -> list[tuple[str, str]]:
    """What may explain a wrong answer."""
    named = [("infant", act.infant), ("manner", act.manner), ("confuser", act.confuser), ("bed", act.bed)]
    measured = [
        ("level, dBFS", _bin(act.dbfs, LEVELS_DBFS)),
        ("adult over cry, dB", _bin(act.adult_over_cry_db, ADULT_OVER_CRY_DB)),
        ("direct over reverberant, dB", _bin(act.near_db, NEAR_DB)),
        ("room's own sound below, dB", _bin(act.bed_below_db, BED_BELOW_DB)),
        ("night", str(act.night)),
    ]
    sources = [("source", source) for source in act.sources]
    habits = [("microphone", habit) for habit in act.microphone]
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
    """An act that got a wrong answer, told so that one can listen to it."""

    question: str
    night: int
    at_s: float
    about: str
    events: tuple[str, ...]
    clips: tuple[str, ...]


def failures(told: Sequence[EventAnswer]) -> list[Failure]:
    """Every act that failed, by question and time."""
    return [
        Failure(
            question.text,
            answer.act.night,
            answer.act.span[0],
            ", ".join(
                f"{trait} {value}"
                for trait, value in event_attributes(answer.act)
                if trait not in ("night", "bed", "source")
            ),
            tuple(f"{event.kind} +{event.at_s - answer.act.span[0]:.0f} s" for event in answer.events),
            answer.act.clips,
        )
        for question in YES_OR_NO
        for answer in told
        if failed(question, answer)
    ]
