"""Figures by slice, the weakest first.

A slice is the acts of one question that share a trait. It is compared with all acts of the same question, since
questions differ in how often they fail; what it weighs is its part of all misses, or of all false alarms. First come
the slices whose interval lies wholly above what is usual, then the others; within both, those with the most failures
beyond the usual number.

An interval is the wider of two, over acts and over whom they are about: fifty acts of three cats tell of three cats.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.data.manifest import Clip
from training.evaluation.error_analysis.slice_keys import SET, SliceKey, files_with, slice_keys, subject
from training.evaluation.nights.intervals import RESAMPLES, Interval, share
from training.evaluation.nights.questions import YES_OR_NO, EventAnswer, Question, failed

MISSES, ALARMS = "misses", "false alarms"


@dataclass(frozen=True, slots=True)
class Slice:
    """Acts of one question that share a trait."""

    question: str
    family: str
    """``MISSES``: what should have been told was not; ``ALARMS``: what should not have been told was."""
    trait: str
    value: str
    failed: int
    share: Interval
    """Of its acts that failed, per cent."""
    usual: float
    """Of all acts of the question, per cent."""
    mass: float
    """Its part of all failures of the family, per cent."""
    groups: int
    """How many different infants, animals, speakers or recordings it rests on."""
    clips: tuple[str, ...]
    """Those that have the trait, of failed acts first."""

    @property
    def stands_out(self) -> bool:
        """Whether the whole interval is worse than usual."""
        return self.share.low > self.usual

    @property
    def excess(self) -> float:
        """Failures beyond the usual number."""
        return self.failed - self.share.acts * self.usual / 100


def weakest_first(told: Sequence[EventAnswer], clips: Mapping[str, Clip]) -> list[Slice]:
    """Every slice in which anything failed, but those that are the whole question."""
    families: dict[str, int] = defaultdict(int)
    by_question = []
    for question in YES_OR_NO:
        judged = [(answer, wrong) for answer in told if (wrong := failed(question, answer)) is not None]
        families[family(question)] += sum(wrong for _, wrong in judged)
        by_question.append((question, judged))
    made = [
        _slice(question, trait, mine, judged, families[family(question)], clips)
        for question, judged in by_question
        for trait, mine in _by_trait(judged, clips).items()
        if trait[0] != SET and len(mine) < len(judged) and any(wrong for _, wrong in mine)
    ]
    return sorted(made, key=lambda each: (not each.stands_out, -each.excess, each.question, each.trait, each.value))


def family(question: Question) -> str:
    """Whether failing is not telling, or telling for nothing."""
    return ALARMS if question.yes_is_wrong else MISSES


def _by_trait(
    judged: Sequence[tuple[EventAnswer, bool]], clips: Mapping[str, Clip]
) -> dict[SliceKey, list[tuple[EventAnswer, bool]]]:
    found = defaultdict(list)
    for answer, wrong in judged:
        for trait in slice_keys(answer.act, clips):
            found[trait].append((answer, wrong))
    return found


def _slice(
    question: Question,
    trait: SliceKey,
    mine: Sequence[tuple[EventAnswer, bool]],
    judged: Sequence[tuple[EventAnswer, bool]],
    family_failures: int,
    clips: Mapping[str, Clip],
) -> Slice:
    count = sum(wrong for _, wrong in mine)
    acts = [answer.act for answer, _ in sorted(mine, key=lambda each: not each[1])]
    about = [subject(answer.act, clips) or str(index) for index, (answer, _) in enumerate(mine)]
    return Slice(
        question=question.text,
        family=family(question),
        trait=trait[0],
        value=trait[1],
        failed=count,
        share=_share([wrong for _, wrong in mine], about),
        usual=100 * sum(wrong for _, wrong in judged) / len(judged),
        mass=100 * count / family_failures,
        groups=len(set(about)),
        clips=tuple(dict.fromkeys(file for act in acts for file in files_with(trait, act, clips))),
    )


def _share(wrong: Sequence[bool], about: Sequence[str]) -> Interval:
    told = share(wrong)
    _, subject_of = np.unique(about, return_inverse=True)
    acts, failed_acts = np.bincount(subject_of), np.bincount(subject_of, wrong)
    if told.value in (0, 100):
        exact = share(wrong[: len(acts)])
        return replace(told, low=exact.low, high=exact.high)
    drawn = np.random.default_rng(0).integers(len(acts), size=(RESAMPLES, len(acts)))
    low, high = np.percentile(100 * failed_acts[drawn].sum(axis=1) / acts[drawn].sum(axis=1), [2.5, 97.5])
    return replace(told, low=min(told.low, float(low)), high=max(told.high, float(high)))
