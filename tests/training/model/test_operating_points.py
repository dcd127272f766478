"""Events of the decision at an operating point."""

from edge.detection.decision_settings import Thresholds
from tests.support.scripted_scores import CRY, NORMAL, QUIET, SOOTHED, heard
from training.model.operating_points import rings, run_decision


def test_a_cry_rings_and_a_soothed_one_does_not() -> None:
    assert rings(heard("cry", (10, QUIET), (10, CRY)).scores, NORMAL)
    assert not rings(heard("soothed", (10, QUIET), (10, SOOTHED)).scores, NORMAL)
    assert not rings(heard("cry", (10, QUIET), (2, CRY), (10, QUIET)).scores, NORMAL)
    assert not rings(heard("cry", (10, QUIET), (10, (0.6, 0.0))).scores, Thresholds(cry=0.7, soothing=0.5))


def test_each_recording_begins_without_the_past() -> None:
    cry = heard("cry", (10, CRY)).scores
    assert [event.kind for event in run_decision(cry, NORMAL)] == [event.kind for event in run_decision(cry, NORMAL)]
