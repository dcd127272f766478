"""Failures by slice, the weakest slice first.

A slice is the night events of one question that share an attribute. It is compared with all night events of the same
question, because questions differ in their share of failures. Slices whose whole interval lies above the usual share
come first, then the others; within both, those with the most failures beyond the usual number.

An interval is the wider of two, over night events and over their subjects: fifty night events of three cats are
evidence about three cats.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from training.data.manifest import Clip
from training.evaluation.error_analysis.slice_keys import SET, SliceKey, files_with, slice_keys, subject
from training.evaluation.nights.intervals import share
from training.evaluation.nights.metrics import YES_OR_NO, EventAnswer, Question, is_failure
from training.statistics import Estimate, interval, resample

MISSES, ALARMS = "misses", "false alarms"

_Judged = Sequence[tuple[EventAnswer, bool]]
"""Answers, and whether each is a failure."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Night events of one question that share an attribute."""

    question: str
    family: str
    """``MISSES``: an expected message was missing. ``ALARMS``: there was an unexpected ring."""
    trait: str
    value: str
    failed: int
    share: Estimate
    """Failed night events, per cent of the slice's night events."""
    usual: float
    """Failed night events, per cent of the question's night events."""
    mass: float
    """Failures of the slice, per cent of all failures of this kind."""
    groups: int
    """Number of different infants, animals, adults or recordings."""
    clips: tuple[str, ...]
    """Files that have the attribute, those of failed night events first."""

    @property
    def stands_out(self) -> bool:
        """Whether the whole interval lies above the usual share."""
        return self.share.low > self.usual

    @property
    def excess(self) -> float:
        """Failures beyond the usual number."""
        return self.failed - self.share.n * self.usual / 100

    def as_record(self) -> dict[str, Any]:
        """Return the fields for ``errors.json``."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return {**fields, "share": self.share.as_record("acts")}


def weakest_first(answers: Sequence[EventAnswer], clips: Mapping[str, Clip]) -> list[Slice]:
    """Return every slice with a failure, except those that are the whole question."""
    failures_of_kind: dict[str, int] = defaultdict(int)
    by_question = []
    for question in YES_OR_NO:
        judged = [(answer, wrong) for answer in answers if (wrong := is_failure(question, answer)) is not None]
        failures_of_kind[failure_kind(question)] += sum(wrong for _, wrong in judged)
        by_question.append((question, judged))
    made = [
        _slice(question, key, mine, judged, failures_of_kind[failure_kind(question)], clips)
        for question, judged in by_question
        for key, mine in _by_key(judged, clips).items()
        if key[0] != SET and len(mine) < len(judged) and any(wrong for _, wrong in mine)
    ]
    return sorted(made, key=lambda each: (not each.stands_out, -each.excess, each.question, each.trait, each.value))


def failure_kind(question: Question) -> str:
    """Return the kind of failure that a question counts.

    It is ALARMS if an answer of yes is the failure, otherwise MISSES.
    """
    return ALARMS if question.yes_is_wrong else MISSES


def _by_key(judged: _Judged, clips: Mapping[str, Clip]) -> dict[SliceKey, list[tuple[EventAnswer, bool]]]:
    found = defaultdict(list)
    for answer, wrong in judged:
        for key in slice_keys(answer.night_event, clips):
            found[key].append((answer, wrong))
    return found


def _slice(
    question: Question,
    key: SliceKey,
    mine: _Judged,
    judged: _Judged,
    all_failures: int,
    clips: Mapping[str, Clip],
) -> Slice:
    count = sum(wrong for _, wrong in mine)
    night_events = [answer.night_event for answer, _ in sorted(mine, key=lambda each: not each[1])]
    subjects = [subject(answer.night_event, clips) or str(index) for index, (answer, _) in enumerate(mine)]
    return Slice(
        question=question.text,
        family=failure_kind(question),
        trait=key[0],
        value=key[1],
        failed=count,
        share=_share([wrong for _, wrong in mine], subjects),
        usual=100 * sum(wrong for _, wrong in judged) / len(judged),
        mass=100 * count / all_failures,
        groups=len(set(subjects)),
        clips=tuple(
            dict.fromkeys(file for night_event in night_events for file in files_with(key, night_event, clips))
        ),
    )


def _share(wrong: Sequence[bool], subjects: Sequence[str]) -> Estimate:
    """Return the share of failures with the wider of both intervals."""
    by_event = share(wrong)
    _, subject_of = np.unique(subjects, return_inverse=True)
    night_events, failed_events = np.bincount(subject_of), np.bincount(subject_of, wrong)
    if by_event.value in (0, 100):
        exact = share(wrong[: len(night_events)])
        return replace(by_event, low=exact.low, high=exact.high)
    drawn = resample(len(night_events))
    low, high = interval(100 * failed_events[drawn].sum(axis=1) / night_events[drawn].sum(axis=1))
    return replace(by_event, low=min(by_event.low, low), high=max(by_event.high, high))
