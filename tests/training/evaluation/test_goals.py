"""Goals: each has one bound, and belongs to a question that is asked."""

from math import nan

import pytest

from training.evaluation.goals import FALSE_ALERTS, GOALS, RELEASE_MARGINS, Goal
from training.evaluation.nights.metrics import SECONDS, YES_OR_NO


@pytest.mark.parametrize(
    ("goal", "text", "met", "missed"),
    [(Goal(at_least=98), ">= 98", 98.0, 97.9), (Goal(at_most=0.5), "<= 0.5", 0.5, 0.6)],
)
def test_a_goal_is_a_bound(goal: Goal, text: str, met: float, missed: float) -> None:
    assert str(goal) == text
    assert goal.is_met(met)
    assert not goal.is_met(missed)
    assert not goal.is_met(nan)


def test_goals_and_margins_are_of_figures_that_are_measured() -> None:
    figures = {question.text for question in (*YES_OR_NO, *SECONDS)} | {FALSE_ALERTS}
    assert GOALS.keys() <= figures
    assert RELEASE_MARGINS.keys() <= GOALS.keys()
