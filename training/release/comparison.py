"""A candidate and the current model on the same benchmark, figure by figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from training.data.manifest import Clip
from training.evaluation.error_analysis.benchmark import BenchmarkResult
from training.evaluation.error_analysis.effect import Effect, effects
from training.evaluation.error_analysis.paired import (
    Difference,
    Pair,
    median_difference,
    pairs,
    rate_difference,
    share_difference,
)
from training.evaluation.goals import FALSE_ALERTS, SECONDS_MEDIAN
from training.evaluation.nights.metrics import SECONDS, YES_OR_NO, EventAnswer


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, compared between the current model and the candidate."""

    name: str
    unit: str
    higher_is_better: bool
    difference: Difference


def compare(current: BenchmarkResult, candidate: BenchmarkResult, clips: Mapping[str, Clip]) -> list[Figure]:
    """Compare yes-or-no questions over episodes and nights, false alerts over nights, and seconds where both rang."""

    def paired(
        old: Sequence[EventAnswer], new: Sequence[EventAnswer], ask: Callable[[EventAnswer], float | None]
    ) -> list[Pair]:
        return [pair for _, pair in pairs(old, new, ask, clips)]

    figures = [
        Figure(
            question.text,
            question.unit,
            not question.yes_is_wrong,
            share_difference(paired(current.answers, candidate.answers, question.answer)),
        )
        for question in YES_OR_NO
    ]
    hours = sum(answer.night_event.slot[1] - answer.night_event.slot[0] for answer in current.nights) / 3_600
    alerts = rate_difference(paired(current.nights, candidate.nights, lambda each: each.false_alerts), hours)
    seconds = median_difference(paired(current.answers, candidate.answers, SECONDS[0].answer))
    return [*figures, Figure(FALSE_ALERTS, "", False, alerts), Figure(SECONDS_MEDIAN, SECONDS[0].unit, False, seconds)]


def regressions(current: BenchmarkResult, candidate: BenchmarkResult, clips: Mapping[str, Clip]) -> list[Effect]:
    """Return slices of any question, and whole questions, that get worse by more than their interval."""
    return [each for each in effects(current.answers, candidate.answers, clips) if each.worse]
