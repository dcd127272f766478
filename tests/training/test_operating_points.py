"""Thresholds are chosen by what they would have cost on recordings whose right answer is known."""

from edge.decision import Thresholds
from tests.training.heard import CRY, NORMAL, QUIET, SOOTHED, heard
from training.operating_points import choose, decide, rang


def test_a_cry_rings_and_a_soothed_one_does_not() -> None:
    assert rang(heard("cry", (10, QUIET), (10, CRY)).scores, NORMAL)
    assert not rang(heard("soothed", (10, QUIET), (10, SOOTHED)).scores, NORMAL)
    assert not rang(heard("cry", (10, QUIET), (2, CRY), (10, QUIET)).scores, NORMAL)
    assert not rang(heard("cry", (10, QUIET), (10, (0.6, 0.0))).scores, Thresholds(cry=0.7, soothing=0.5))


def test_each_recording_begins_without_the_past() -> None:
    cry = heard("cry", (10, CRY)).scores
    assert [event.kind for event in decide(cry, NORMAL)] == [event.kind for event in decide(cry, NORMAL)]


def test_the_share_of_soothing_parts_the_soothed_from_the_rest() -> None:
    """Soothed cries at a share of 0.43, a television at 0.14: one line between them has no cost at all."""
    recordings = [
        heard("cry", (30, CRY)),
        heard("cry_tv", (30, (0.65, 0.11))),
        heard("soothed", (30, (0.5, 0.37))),
        heard("confuser", (30, QUIET)),
    ]
    for point in choose(recordings).values():
        assert 0.14 < point.soothing_threshold <= 0.43
        assert point.missed_per_100 == 0


def test_the_higher_the_sensitivity_the_fainter_a_cry_rings() -> None:
    recordings = [heard("cry", (30, (probability, 0.0))) for probability in (0.35, 0.6, 0.9)]
    points = choose([*recordings, heard("confuser", (30, QUIET))])
    assert [round(points[name].missed_per_100) for name in ("high", "normal", "low")] == [0, 33, 67]


def test_false_alerts_are_counted_a_night_of_eight_hours() -> None:
    """Half an hour in which something cries out twice, a minute apart: 32 such alerts in a night."""
    burst = ((10, CRY), (60, QUIET))
    night = heard("night", *burst, *burst, (1_800 - 140, QUIET))
    points = choose([night, heard("cry", (30, CRY))])
    assert points["normal"].false_alerts_per_night == 32
    assert points["normal"].missed_per_100 == 0


def test_a_model_that_hears_nothing_misses_everything() -> None:
    points = choose([heard("cry", (30, QUIET)), heard("confuser", (30, QUIET))])
    assert {point.missed_per_100 for point in points.values()} == {100}
