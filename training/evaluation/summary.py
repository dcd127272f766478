"""A model's results on composed episodes, one row for each question of a parent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.detection.decision_settings import Thresholds
from edge.records import Event, EventKind
from training.evaluation.goals import RESUMED_WITHIN_S, SOOTHED_WITHIN_S
from training.model.operating_points import ScoredStream, run_decision
from training.statistics import Estimate, Figures, bootstrap, mean
from training.synthesis.episodes import CHANGE_S, ONSET_S

RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A question and its answer, with a 95 % bootstrap interval over recordings."""

    question: str
    estimate: Estimate
    unit: str
    """Per cent or seconds."""

    def as_record(self) -> dict[str, Any]:
        """Return the fields for ``figures.json``."""
        return {"question": self.question, **self.estimate.as_record("recordings"), "unit": self.unit}


def summarize(streams: Sequence[ScoredStream], thresholds: Thresholds) -> list[SummaryRow]:
    """Return the rows of composed episodes."""
    kinds = sorted({each.kind for each in streams})
    events = {kind: [run_decision(each.scores, thresholds) for each in streams if each.kind == kind] for kind in kinds}

    def of(kind: str) -> list[list[Event]]:
        return events.get(kind, [])

    unsoothed = [*of("cry"), *of("cry_tv"), *of("soothed_late")]
    delays = [first - ONSET_S for each in unsoothed if (first := _first_ring(each, 0, CHANGE_S)) is not None]
    alerted = [each for each in of("soothed_late") if _first_ring(each, 0, CHANGE_S) is not None]
    resumed_by_s = CHANGE_S + RESUMED_WITHIN_S
    return [
        _share("crying found", [_rings(each, 0, CHANGE_S) for each in of("cry")]),
        _share("crying found, television on", [_rings(each, 0, CHANGE_S) for each in of("cry_tv")]),
        _share("soothed from the start, rang all the same", [_rings(each) for each in of("soothed")]),
        _share("fussing that rang", [_rings(each) for each in of("fuss")]),
        _share("other sounds that rang", [_rings(each) for each in of("confuser")]),
        _seconds("seconds to the alert, median", delays, 50),
        _seconds("seconds to the alert, 95th percentile", delays, 95),
        _share(
            f"somebody came: told within {SOOTHED_WITHIN_S:g} s",
            [_is_soothed_within(each, SOOTHED_WITHIN_S) for each in alerted],
        ),
        _share(
            f"soothing stopped: rang within {RESUMED_WITHIN_S:g} s",
            [_rings(each, CHANGE_S, resumed_by_s) for each in of("soothing_stops")],
        ),
    ]


def _first_ring(events: Sequence[Event], after_s: float = 0.0, before_s: float = float("inf")) -> float | None:
    return next((event.at_s for event in events if event.kind.rings and after_s < event.at_s <= before_s), None)


def _rings(events: Sequence[Event], after_s: float = 0.0, before_s: float = float("inf")) -> bool:
    return _first_ring(events, after_s, before_s) is not None


def _is_soothed_within(events: Sequence[Event], seconds: float) -> bool:
    return any(event.kind is EventKind.CRY_SOOTHED and CHANGE_S < event.at_s <= CHANGE_S + seconds for event in events)


def _share(question: str, answers: Sequence[bool]) -> SummaryRow:
    return SummaryRow(question, bootstrap(np.array(answers, float) * 100, mean, resamples=RESAMPLES), "%")


def _seconds(question: str, values: Sequence[float], percentile: float) -> SummaryRow:
    def statistic(rows: Figures) -> Figures:
        return np.asarray(np.percentile(rows, percentile, axis=-1))

    return SummaryRow(question, bootstrap(np.array(values), statistic, resamples=RESAMPLES), "s")
