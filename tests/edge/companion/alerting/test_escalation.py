"""Examples of the escalation: messages of a night, and the notifications that they cause."""

from dataclasses import replace

import pytest

from edge.companion.alerting.notifications import Tier
from tests.support.simulated_night import Night
from tests.support.speaker_messages import AlertState, build_event, build_heartbeat


@pytest.fixture
def night() -> Night:
    return Night()


def test_an_alert_repeats_then_escalates_until_it_is_acknowledged(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(250)
    assert night.rings() == [0, 60, 120, 180, 240]
    assert night.rings(Tier.SECOND) == [180, 240]
    assert [call.unanswered_s for _, call in night.notifications if call.tier is Tier.SECOND] == [180, 240]
    night.answer("a")
    night.until(1_000)
    assert len(night.rings()) == 5
    assert night.quiet() == ["answered", "answered"]  # for both lists


@pytest.mark.parametrize("kind", ["cry_soothed", "cry_ended"])
def test_soothing_or_the_end_stops_the_ringing(night: Night, kind: str) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(30)
    night.receive(build_event(kind, 30))
    night.until(900)
    assert night.rings() == [0]
    assert night.quiet() == [kind]


def test_the_speakers_reminders_are_the_repeats(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    for at_s in (59, 119, 179):
        night.until(at_s)
        night.receive(build_event("cry_reminder", at_s))
    assert night.rings() == [0, 59, 119, 179]


def test_a_reminder_just_after_a_repeat_does_not_ring_again(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(61)
    night.receive(build_event("cry_reminder", 61))
    night.until(100)
    assert night.rings() == [0, 60]


def test_crying_after_soothing_rings_and_escalates_again(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(170)
    night.receive(build_event("cry_soothed", 170))
    night.until(200)
    night.receive(build_event("cry_resumed", 200))
    night.until(375)
    assert night.rings() == [0, 60, 120, 200, 260, 320]
    night.until(380)
    assert night.rings(Tier.SECOND) == [380]


def test_an_acknowledged_episode_rings_again_after_soothing_has_stopped(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.answer("a")
    night.until(20)
    night.receive(build_event("cry_reminder", 20), build_event("cry_soothed", 20))
    night.until(60)
    night.receive(build_event("cry_resumed", 60))
    assert night.rings() == [0, 60]


def test_an_answer_that_only_the_heartbeat_reports_counts(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(10)
    night.receive(build_heartbeat("crying", 10, "a", alert_state=AlertState(acknowledged="a")))
    night.until(300)
    assert night.rings() == [0]


def test_an_answer_counts_though_the_speakers_clock_was_set_back_by_hours(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.receive(build_heartbeat("crying", -7200, "a", alert_state=AlertState(acknowledged="a")))
    night.until(300)
    assert night.rings() == [0]
    assert night.quiet() == ["answered"]


def test_an_answer_that_the_heartbeat_withdraws_rings_again_without_an_event(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.answer("a")
    night.receive(build_heartbeat("crying", 1, "a"))  # the speaker has not received it yet
    night.until(10)
    night.receive(build_heartbeat("crying", 10, "a", alert_state=AlertState(acknowledged="a")))
    night.until(40)
    night.receive(build_heartbeat("crying", 40, "a"))  # cry_resumed took it back, and was lost
    night.until(50)
    assert night.rings() == [0, 45]


def test_a_cry_that_only_heartbeats_report_rings(night: Night) -> None:
    night.receive(build_heartbeat("quiet", 0), build_heartbeat("crying", 1, "a"))
    night.until(20)
    assert night.rings() == [5]
    night.receive(build_event("cry_started", 20))  # at last
    night.until(59)
    assert night.rings() == [5]


def test_a_heartbeat_before_its_event_does_not_ring_twice(night: Night) -> None:
    night.receive(build_heartbeat("crying", 0, "a"))
    night.until(1)
    night.receive(build_event("cry_started", 1))
    night.until(50)
    assert night.rings() == [1]


def test_an_episode_that_the_heartbeat_no_longer_names_has_ended(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.receive(build_heartbeat("quiet", -1))  # said before
    night.until(10)
    night.receive(build_heartbeat("quiet", 10))
    night.until(300)
    assert night.rings() == [0]
    night.receive(build_event("cry_ended", 300))
    assert night.quiet() == ["cry_ended"]  # once


def test_a_restart_during_a_cry_does_not_end_the_episode(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(30)
    night.receive(build_heartbeat("quiet", 30, None, uptime_s=1))
    night.until(38)
    night.receive(build_event("cry_started", 38, "b"))
    night.until(50)
    assert night.rings() == [0, 38]
    assert night.quiet() == []


def test_a_retained_heartbeat_causes_no_notification(night: Night) -> None:
    night.receive(build_heartbeat("crying", 0, "a", live=False))
    night.until(100)
    assert night.notifications == []


def test_a_late_event_notifies_quietly_once_and_rings_only_if_crying_goes_on(night: Night) -> None:
    night.receive(build_event("cry_started", -300, late=True), build_event("cry_reminder", -240, late=True))
    night.until(30)
    assert night.rings() == []
    assert [call.late for _, call in night.notifications] == [True]
    night.receive(build_heartbeat("crying", 30, "a"))
    night.until(40)
    assert night.rings() == [35]


def test_a_snoozed_episode_rings_when_the_snooze_ends_during_it(night: Night) -> None:
    snoozed = AlertState(snoozed=True)
    night.receive(build_event("cry_started", 0, muted=True), build_heartbeat("crying", 1, "a", alert_state=snoozed))
    night.until(100)
    night.receive(
        build_event("cry_soothed", 90), build_event("cry_ended", 91), build_heartbeat("quiet", 95, alert_state=snoozed)
    )
    assert night.notifications == []
    night.receive(
        build_event("cry_started", 100, "b", muted=True), build_heartbeat("crying", 101, "b", alert_state=snoozed)
    )
    night.until(130)
    night.receive(build_heartbeat("crying", 130, "b"))
    night.until(140)
    assert night.rings() == [135]


def test_a_snooze_in_the_middle_of_an_alert_stops_it(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(10)
    night.receive(build_heartbeat("crying", 10, "a", alert_state=AlertState(snoozed=True)))
    night.until(300)
    assert night.rings() == [0]


def test_two_speakers_have_independent_episodes(night: Night) -> None:
    night.receive(build_event("cry_started", 0), build_event("cry_started", 0, "b", device="attic"))
    night.answer("b", "attic")
    night.until(60)
    assert night.rings() == [0, 60]
    assert night.rings(device="attic") == [0]


def test_a_speaker_that_goes_offline_during_a_cry_stops_ringing(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(10_000)
    assert night.rings()[-1] == 600


def test_long_soothing_notifies_quietly(night: Night) -> None:
    night.receive(build_event("soothing_long", 0))
    assert night.quiet() == ["soothing_long"]


def test_an_event_of_an_unknown_kind_rings_if_its_rings_field_is_true(night: Night) -> None:
    night.receive(replace(build_event("cry_started", 0), kind="cry_of_a_newer_kind"))
    assert night.rings() == [0]
