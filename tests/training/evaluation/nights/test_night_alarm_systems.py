"""Operating points are measured on nights with known answers."""

from dataclasses import replace

from edge.detection.decision_settings import Thresholds
from tests.support.handmade_acts import CAT, CRYING
from tests.support.scripted_scores import CRY, QUIET, scores
from training.evaluation.nights.alarm_systems import measure_operating_points
from training.evaluation.nights.runner import Night
from training.synthesis.night_plan import NightEvent

SENSITIVITIES = {"low": Thresholds(0.8, 0.5), "normal": Thresholds(0.5, 0.5), "high": Thresholds(0.3, 0.5)}
LONG_S = 240


def night(number: int, night_event: NightEvent, odds: tuple[float, float], hours: float = 0.1) -> Night:
    """One night event with these scores from 100 s to 180 s, otherwise quiet."""
    seconds = [odds if 100 <= second < 180 else QUIET for second in range(LONG_S)]
    slot = (0.0, 3_600 * hours)
    return Night(number, slot[1], [replace(night_event, night=number, slot=slot)], scores(seconds), [])


def test_the_higher_the_sensitivity_the_fainter_a_cry_rings() -> None:
    nights = [night(number, CRYING, (odds, 0.0)) for number, odds in enumerate((0.45, 0.7, 0.95))]
    points = measure_operating_points(nights, SENSITIVITIES)
    assert [round(points[name].missed_per_100) for name in ("high", "normal", "low")] == [0, 33, 67]
    assert points["low"].cry_threshold == 0.8


def test_false_alerts_are_counted_in_eight_hours() -> None:
    points = measure_operating_points([night(0, CAT, CRY, hours=0.5), night(1, CRYING, CRY, hours=0.5)], SENSITIVITIES)
    assert points["normal"].false_alerts_per_night == 8
    assert points["normal"].missed_per_100 == 0


def test_a_model_without_detections_misses_every_cry_and_never_rings() -> None:
    points = measure_operating_points([night(0, CRYING, QUIET), night(1, CAT, QUIET)], SENSITIVITIES)
    assert {(point.missed_per_100, point.false_alerts_per_night) for point in points.values()} == {(100, 0)}
