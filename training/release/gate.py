"""The release gate: it decides whether a candidate may replace the current model."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from training.evaluation.error_analysis.effect import Effect
from training.evaluation.goals import RELEASE_MARGINS
from training.release.comparison import Figure


class Verdict(StrEnum):
    """The verdict on one figure."""

    BETTER = "better"
    NO_WORSE = "no worse"
    WORSE = "WORSE"
    NOT_ASKED = ""
    """The figure has no margin. It counts only if it gets worse by more than its interval, as a slice does."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdicts and the decision."""

    verdicts: Sequence[Verdict]
    """One for each figure."""
    passed: bool
    why: Sequence[str]
    """The reasons to refuse, or the figures that became better."""


def figure_verdict(figure: Figure) -> Verdict:
    """Judge one figure.

    Better: the whole 95 % interval of the paired difference is better than zero. Worse: the whole interval is worse
    than zero, the difference itself is worse than the margin, or there is no night event. No worse: all other cases.
    """
    if figure.name not in RELEASE_MARGINS:
        return Verdict.NOT_ASKED
    sign = 1 if figure.higher_is_better else -1
    difference = figure.difference
    ends = sorted((sign * difference.low, sign * difference.high))
    if not difference.acts:
        return Verdict.WORSE  # without night events, "no worse" is not shown
    if ends[0] > 0:
        return Verdict.BETTER
    if ends[1] < 0 or sign * difference.change < -RELEASE_MARGINS[figure.name]:
        return Verdict.WORSE
    return Verdict.NO_WORSE


def decide(figures: Sequence[Figure], fallen: Sequence[Effect]) -> Decision:
    """Apply the rule of a release.

    A candidate passes if at least one figure of ``RELEASE_MARGINS`` is better, none of them is worse, and no slice of
    any question gets worse by more than its interval. The margins allow for chance and are no loss to be used up. A
    rule that keeps whole intervals within them would refuse nearly every retrained model on 24 hours. A missed cry is
    worse than one ring too many, so crying has the narrowest margin.
    """
    verdicts = [figure_verdict(figure) for figure in figures]
    worse = [figure.name for figure, verdict in zip(figures, verdicts, strict=True) if verdict is Verdict.WORSE]
    better = [figure.name for figure, verdict in zip(figures, verdicts, strict=True) if verdict is Verdict.BETTER]
    against = [f"{name} is worse" for name in worse]
    against += [f"{each.question}: {each.trait} {each.value}".rstrip() + " falls" for each in fallen]
    if not better:
        against.append("no figure that counts is better")
    return Decision(verdicts, not against, against or [f"{name} is better" for name in better])
