"""Sensitivities are measured by what they would have cost on recordings whose right answer is known."""

from edge.decision_settings import Thresholds
from tests.training.heard import CRY, NORMAL, QUIET, SOOTHED, heard
from training.operating_points import decide, measure, rang


def test_a_cry_rings_and_a_soothed_one_does_not() -> None:
    assert rang(heard("cry", (10, QUIET), (10, CRY)).scores, NORMAL)
    assert not rang(heard("soothed", (10, QUIET), (10, SOOTHED)).scores, NORMAL)
    assert not rang(heard("cry", (10, QUIET), (2, CRY), (10, QUIET)).scores, NORMAL)
    assert not rang(heard("cry", (10, QUIET), (10, (0.6, 0.0))).scores, Thresholds(cry=0.7, soothing=0.5))


def test_each_recording_begins_without_the_past() -> None:
    cry = heard("cry", (10, CRY)).scores
    assert [event.kind for event in decide(cry, NORMAL)] == [event.kind for event in decide(cry, NORMAL)]


def test_the_higher_the_sensitivity_the_fainter_a_cry_rings() -> None:
    recordings = [heard("cry", (30, (probability, 0.0))) for probability in (0.35, 0.6, 0.9)]
    points = measure([*recordings, heard("confuser", (30, QUIET))])
    assert [round(points[name].missed_per_100) for name in ("high", "normal", "low")] == [0, 33, 67]


def test_false_alerts_are_counted_a_night_of_eight_hours() -> None:
    """Half an hour in which something cries out twice, a minute apart: 32 such alerts in a night."""
    burst = ((10, CRY), (60, QUIET))
    night = heard("night", *burst, *burst, (1_800 - 140, QUIET))
    points = measure([night, heard("cry", (30, CRY))])
    assert points["normal"].false_alerts_per_night == 32
    assert points["normal"].missed_per_100 == 0


def test_a_model_that_hears_nothing_misses_everything() -> None:
    points = measure([heard("cry", (30, QUIET)), heard("confuser", (30, QUIET))])
    assert {point.missed_per_100 for point in points.values()} == {100}
