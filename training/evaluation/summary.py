"""How a model does on streams, as one row a question a parent asks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.detection.decision_settings import Thresholds
from edge.records import Event, EventKind
from training.model.operating_points import ScoredStream, run_decision
from training.synthesis.episodes import CHANGE_S, ONSET_S

RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A question, its answer as a percentage or seconds, and a 95 % bootstrap interval over recordings."""

    question: str
    value: float
    low: float
    high: float
    recordings: int
    unit: str


def summarize(heard: Sequence[ScoredStream], thresholds: Thresholds) -> list[SummaryRow]:
    """Rows for composed episodes."""
    events = {
        kind: [run_decision(each.scores, thresholds) for each in heard if each.kind == kind] for kind in _kinds(heard)
    }
    unsoothed = [each for kind in ("cry", "cry_tv", "soothed_late") for each in events.get(kind, [])]
    delays = [first - ONSET_S for each in unsoothed if (first := _first_ring(each, 0, CHANGE_S)) is not None]
    came = [each for each in events.get("soothed_late", []) if _first_ring(each, 0, CHANGE_S) is not None]
    return [
        _share("crying found", [_first_ring(each, 0, CHANGE_S) is not None for each in events.get("cry", [])]),
        _share(
            "crying found, television on", [_first_ring(e, 0, CHANGE_S) is not None for e in events.get("cry_tv", [])]
        ),
        _share(
            "soothed from the start, rang all the same", [_first_ring(e) is not None for e in events.get("soothed", [])]
        ),
        _share("fussing that rang", [_first_ring(each) is not None for each in events.get("fuss", [])]),
        _share("other sounds that rang", [_first_ring(each) is not None for each in events.get("confuser", [])]),
        _seconds("seconds to the alert, median", delays, 50),
        _seconds("seconds to the alert, 95th percentile", delays, 95),
        _share("somebody came: told within 12 s", [_soothed_within(each, 12) for each in came]),
        _share(
            "soothing stopped: rang within 20 s",
            [_first_ring(each, CHANGE_S, CHANGE_S + 20) is not None for each in events.get("soothing_stops", [])],
        ),
    ]


def _kinds(heard: Sequence[ScoredStream]) -> list[str]:
    return sorted({each.kind for each in heard})


def _first_ring(events: Sequence[Event], after_s: float = 0.0, before_s: float = float("inf")) -> float | None:
    return next((event.at_s for event in events if event.kind.rings and after_s < event.at_s <= before_s), None)


def _soothed_within(events: Sequence[Event], seconds: float) -> bool:
    return any(event.kind is EventKind.CRY_SOOTHED and CHANGE_S < event.at_s <= CHANGE_S + seconds for event in events)


def _share(question: str, answers: Sequence[bool]) -> SummaryRow:
    return _row(question, np.array(answers, float) * 100, np.mean, "%")


def _seconds(question: str, values: Sequence[float], percentile: float) -> SummaryRow:
    return _row(question, np.array(values), lambda sample: np.percentile(sample, percentile), "s")


def _row(question: str, values: np.ndarray, statistic, unit: str) -> SummaryRow:  # type: ignore[no-untyped-def]
    if not len(values):
        return SummaryRow(question, float("nan"), float("nan"), float("nan"), 0, unit)
    rng = np.random.default_rng(0)
    resampled = [statistic(rng.choice(values, len(values))) for _ in range(RESAMPLES)]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return SummaryRow(question, float(statistic(values)), float(low), float(high), len(values), unit)
