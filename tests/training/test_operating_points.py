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


def test_thresholds_part_the_cries_from_the_rest() -> None:
    """Cries at 0.72 and other sounds at 0.58: one threshold between them has no cost at all."""
    recordings = [
        heard("cry", (30, (0.72, 0.0))),
        heard("cry_tv", (30, (0.72, 0.0))),
        heard("confuser", (30, (0.58, 0.0))),
        heard("soothed", (30, SOOTHED)),
    ]
    for point in choose(recordings).values():
        assert 0.58 < point.cry_threshold <= 0.72
        assert point.missed_per_100 == 0
        assert point.false_alerts_per_night == 0


def test_the_higher_the_sensitivity_the_more_a_miss_weighs() -> None:
    """One cry in four is as faint as half the confusers: to find it costs 25 % of the episodes that should not ring."""
    faint, clear = (0.5, 0.0), (0.9, 0.0)
    recordings = [heard("cry", (30, faint)), *[heard("cry", (30, clear))] * 3]
    recordings += [heard("confuser", (30, faint)), heard("confuser", (30, QUIET)), heard("soothed", (30, QUIET))]
    points = choose(recordings)
    assert set(points) == {"low", "normal", "high"}
    assert points["low"].missed_per_100 == 0  # 25 % of cries against 25 % of others: even, and a miss is worse
    recordings += [heard("soothed", (30, faint))]
    points = choose(recordings)
    assert points["low"].missed_per_100 == 25  # now it would cost 50 %
    assert points["normal"].missed_per_100 == points["high"].missed_per_100 == 0


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
