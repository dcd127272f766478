"""Whether a candidate may replace the current model."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from training.evaluation.error_analysis.effect import Effect
from training.release.comparison import FALSE_ALERTS, MEDIAN_S, Figure

MARGINS = MappingProxyType(
    {
        "crying found": 1.0,
        "crying found, television on": 2.0,
        "soothed from the start, rang": 3.0,
        "fussing that rang": 3.0,
        FALSE_ALERTS: 0.5,
        MEDIAN_S: 0.5,
    }
)
"""The figures that count, and how much worse each may be, in its own unit (points of a per cent, alerts, seconds)."""


class Verdict(StrEnum):
    """On one figure."""

    BETTER = "better"
    NO_WORSE = "no worse"
    WORSE = "WORSE"
    NOT_ASKED = ""
    """It does not count by itself, only if it falls by more than its interval, as a slice does."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdicts, and what they come to."""

    verdicts: Sequence[Verdict]
    """One a figure."""
    passed: bool
    why: Sequence[str]
    """Each reason to refuse, else what became better."""


def figure_verdict(figure: Figure) -> Verdict:
    """On a figure that counts.

    Better: the whole 95 % interval of the paired difference is better than zero. Worse: the whole interval is worse
    than zero, or the difference itself is worse than the margin. No worse: all else.
    """
    if figure.name not in MARGINS:
        return Verdict.NOT_ASKED
    sign = 1 if figure.higher_is_better else -1
    difference = figure.difference
    ends = sorted((sign * difference.low, sign * difference.high))
    if not difference.acts:
        return Verdict.WORSE  # never asked: nothing is known to be no worse
    if ends[0] > 0:
        return Verdict.BETTER
    if ends[1] < 0 or sign * difference.change < -MARGINS[figure.name]:
        return Verdict.WORSE
    return Verdict.NO_WORSE


def decide(figures: Sequence[Figure], fallen: Sequence[Effect]) -> Decision:
    """The rule of a release.

    A candidate passes if at least one of the figures that count (crying found, with and without a television; soothed
    and fussing that rang; false alerts; seconds to the alert) is better, none of them is worse, and no slice of any
    question falls by more than its interval. The margins are what an estimate may lose by chance, not what may be
    given away: a demand that whole intervals stay within them would refuse nearly every retrained model on 24 hours.
    Missing a cry is worse than ringing once too often, so crying has the narrowest margin.
    """
    verdicts = [figure_verdict(figure) for figure in figures]
    worse = [figure.name for figure, verdict in zip(figures, verdicts, strict=True) if verdict is Verdict.WORSE]
    better = [figure.name for figure, verdict in zip(figures, verdicts, strict=True) if verdict is Verdict.BETTER]
    against = [f"{name} is worse" for name in worse]
    against += [f"{each.question}: {each.trait} {each.value}".rstrip() + " falls" for each in fallen]
    if not better:
        against.append("no figure that counts is better")
    return Decision(verdicts, not against, against or [f"{name} is better" for name in better])
