"""YAMNet's alarms from scores made by hand; the tagger itself is not needed."""

from edge.records import EventKind
from training.data.yamnet import HOP_SAMPLES
from training.evaluation.nights.baselines import RULES, AlarmRule, yamnet_alarms

HOP_S = HOP_SAMPLES / 16_000
ONE, HALF, THIRD = RULES


def kinds(scores: list[float], rule: AlarmRule) -> list[EventKind]:
    return [event.kind for event in yamnet_alarms(scores, rule)]


def test_one_window_is_enough_for_the_first_rule() -> None:
    (alarm,) = yamnet_alarms([0.1, 0.79, 0.81, 0.1], ONE)
    assert alarm.kind.rings
    assert alarm.at_s == 2 * HOP_S + 0.975


def test_half_of_the_last_sixteen_windows() -> None:
    assert kinds([0.6, 0.1] * 7 + [0.1] * 5, HALF) == []
    (alarm,) = yamnet_alarms([0.6, 0.1] * 8, HALF)
    assert alarm.at_s == 14 * HOP_S + 0.975
    assert kinds([0.4] * 8, HALF) == []
    assert kinds([0.4] * 8, THIRD) == [EventKind.CRY_STARTED]


def test_an_alarm_ends_after_half_a_minute_without() -> None:
    silence = [0.0] * 61
    assert kinds([0.9, *silence], ONE) == [EventKind.CRY_STARTED]
    assert kinds([0.9, *silence, 0.0], ONE) == [EventKind.CRY_STARTED, EventKind.CRY_ENDED]
    assert kinds([0.9, *silence, 0.9], ONE) == [EventKind.CRY_STARTED]


def test_alarms_are_episodes_of_their_own() -> None:
    silence = [0.0] * 70
    first, ended, second = yamnet_alarms([0.9, *silence, 0.9], ONE)
    assert first.episode_id == ended.episode_id != second.episode_id
