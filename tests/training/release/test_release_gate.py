"""The release gate: verdicts on figures, and the reasons to refuse."""

import math

import pytest

from training.evaluation.error_analysis.effect import Effect
from training.evaluation.error_analysis.paired import NO_DIFFERENCE, Difference
from training.evaluation.goals import FALSE_ALERTS, RELEASE_MARGINS, SECONDS_MEDIAN
from training.release.comparison import Figure
from training.release.gate import Verdict, decide, figure_verdict

FOUND, RANG = "crying found", "fussing that rang"


def figure(name: str, change: float, low: float, high: float) -> Figure:
    higher = name not in (RANG, FALSE_ALERTS, SECONDS_MEDIAN)
    return Figure(name, "", higher, Difference(50.0, 50.0 + change, low, high, 100, 10))


@pytest.mark.parametrize(
    ("name", "change", "low", "high", "verdict"),
    [
        (FOUND, 3.0, 0.5, 5.5, Verdict.BETTER),
        (FOUND, 3.0, -0.5, 6.5, Verdict.NO_WORSE),
        (FOUND, -0.9, -3.0, 1.2, Verdict.NO_WORSE),
        (FOUND, -1.1, -3.0, 0.8, Verdict.WORSE),
        (FOUND, -0.9, -1.7, -0.1, Verdict.WORSE),
        (RANG, -4.0, -7.0, -1.0, Verdict.BETTER),
        (RANG, 2.0, -1.0, 5.0, Verdict.NO_WORSE),
        (RANG, 2.0, 0.1, 5.0, Verdict.WORSE),
        (FALSE_ALERTS, 0.6, -2.0, 3.0, Verdict.WORSE),
        (SECONDS_MEDIAN, -0.2, -0.4, -0.1, Verdict.BETTER),
        ("confusers that rang", 50.0, 40.0, 60.0, Verdict.NOT_ASKED),
    ],
)
def test_a_verdict(name: str, change: float, low: float, high: float, verdict: Verdict) -> None:
    assert figure_verdict(figure(name, change, low, high)) is verdict


def test_a_figure_without_acts_is_worse() -> None:
    assert figure_verdict(Figure(FOUND, "%", True, NO_DIFFERENCE)) is Verdict.WORSE
    assert math.isnan(NO_DIFFERENCE.change)


SAME = [figure(name, 0.0, -1.0, 1.0) for name in RELEASE_MARGINS]
BETTER = [figure(FOUND, 3.0, 1.0, 5.0), *SAME[1:]]
FALLEN = Effect(FOUND, "age", "2-6 months", Difference(0.0, 30.0, 10.0, 50.0, 20, 6))


def test_better_somewhere_and_worse_nowhere_passes() -> None:
    told = decide(BETTER, [])
    assert told.passed
    assert told.why == ["crying found is better"]
    assert list(told.verdicts) == [Verdict.BETTER, *[Verdict.NO_WORSE] * 5]


def test_no_worse_everywhere_is_not_enough() -> None:
    told = decide(SAME, [])
    assert not told.passed
    assert told.why == ["no figure that counts is better"]


def test_worse_anywhere_is_refused() -> None:
    told = decide([*BETTER[:-1], figure(SECONDS_MEDIAN, 2.0, 1.0, 3.0)], [])
    assert not told.passed
    assert told.why == [f"{SECONDS_MEDIAN} is worse"]


def test_a_worse_slice_is_refused() -> None:
    told = decide(BETTER, [FALLEN])
    assert not told.passed
    assert told.why == ["crying found: age 2-6 months falls"]
