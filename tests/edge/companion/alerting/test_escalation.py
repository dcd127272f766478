"""Whom the companion calls: in examples a parent would tell, and in properties that no night may break."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.companion.alerting.escalation import Escalation
from edge.companion.alerting.notifications import Notification, Tier
from edge.companion.mqtt.messages import EventMessage, Heartbeat
from edge.config.companion import EscalationSettings
from tests.support.speaker_messages import AlertState, build_event, build_heartbeat

SETTINGS = EscalationSettings(
    repeat_every_s=60, escalate_after_s=180, pause_s=20, heartbeat_grace_s=5, give_up_after_s=600
)


@dataclass
class Night:
    """Plays messages in, second by second, and keeps what comes out with its time."""

    escalation: Escalation = field(default_factory=lambda: Escalation(SETTINGS))
    now_s: float = 0.0
    notifications: list[tuple[float, Notification]] = field(default_factory=list)

    def until(self, end_s: float) -> None:
        while self.now_s < end_s:
            self.now_s += 1
            self._keep(self.escalation.step(self.now_s))

    def receive(self, *messages: EventMessage | Heartbeat) -> None:
        for message in messages:
            match message:
                case EventMessage():
                    self._keep(self.escalation.on_event(message, self.now_s))
                case Heartbeat():
                    self._keep(self.escalation.on_heartbeat(message, self.now_s))

    def answer(self, episode: str, device: str = "nursery") -> None:
        self._keep(self.escalation.on_acknowledged(device, episode))

    def rings(self, tier: Tier = Tier.FIRST, device: str = "nursery") -> list[float]:
        return [at_s for at_s, call in self.notifications if call.rings and call.tier is tier and call.device == device]

    def quiet(self) -> list[str]:
        return [call.reason for _, call in self.notifications if not call.rings]

    def _keep(self, calls: list[Notification]) -> None:
        self.notifications += [(self.now_s, call) for call in calls]


@pytest.fixture
def night() -> Night:
    return Night()


def test_an_alert_rings_at_once_then_every_minute_then_the_second_list_until_somebody_goes(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(250)
    assert night.rings() == [0, 60, 120, 180, 240]
    assert night.rings(Tier.SECOND) == [180, 240]
    assert [call.unanswered_s for _, call in night.notifications if call.tier is Tier.SECOND] == [180, 240]
    night.answer("a")
    night.until(1_000)
    assert len(night.rings()) == 5
    assert night.quiet() == ["answered", "answered"]  # both lists know that somebody is going


@pytest.mark.parametrize("kind", ["cry_soothed", "cry_ended"])
def test_somebody_soothes_or_it_is_over(night: Night, kind: str) -> None:
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


def test_a_reminder_that_comes_just_after_our_own_repeat_does_not_ring_again(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(61)
    night.receive(build_event("cry_reminder", 61))
    night.until(100)
    assert night.rings() == [0, 60]


def test_crying_on_after_soothing_rings_again_and_escalates_anew(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(170)
    night.receive(build_event("cry_soothed", 170))
    night.until(200)
    night.receive(build_event("cry_resumed", 200))
    night.until(375)
    assert night.rings() == [0, 60, 120, 200, 260, 320]
    night.until(380)
    assert night.rings(Tier.SECOND) == [380]


def test_somebody_was_going_but_the_crying_goes_on_after_the_soothing(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.answer("a")
    night.until(20)
    night.receive(build_event("cry_reminder", 20), build_event("cry_soothed", 20))
    night.until(60)
    night.receive(build_event("cry_resumed", 60))
    assert night.rings() == [0, 60]


def test_an_answer_that_only_the_heartbeat_tells_counts(night: Night) -> None:
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


def test_an_answer_that_the_heartbeat_takes_back_rings_again_though_the_event_is_lost(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.answer("a")
    night.receive(build_heartbeat("crying", 1, "a"))  # the speaker has not heard of it yet
    night.until(10)
    night.receive(build_heartbeat("crying", 10, "a", alert_state=AlertState(acknowledged="a")))
    night.until(40)
    night.receive(build_heartbeat("crying", 40, "a"))  # cry_resumed took it back, and was lost
    night.until(50)
    assert night.rings() == [0, 45]


def test_a_cry_of_which_only_heartbeats_tell_rings(night: Night) -> None:
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


def test_an_episode_of_which_the_heartbeat_no_longer_speaks_is_over(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.receive(build_heartbeat("quiet", -1))  # said before
    night.until(10)
    night.receive(build_heartbeat("quiet", 10))
    night.until(300)
    assert night.rings() == [0]
    night.receive(build_event("cry_ended", 300))
    assert night.quiet() == ["cry_ended"]  # once


def test_a_speaker_that_restarts_in_the_middle_of_a_cry_does_not_call_the_baby_quiet(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(30)
    night.receive(build_heartbeat("quiet", 30, None, uptime_s=1))
    night.until(38)
    night.receive(build_event("cry_started", 38, "b"))
    night.until(50)
    assert night.rings() == [0, 38]
    assert night.quiet() == []


def test_what_the_broker_had_kept_tells_nothing_of_now(night: Night) -> None:
    night.receive(build_heartbeat("crying", 0, "a", live=False))
    night.until(100)
    assert night.notifications == []


def test_a_late_event_is_told_quietly_once_and_rings_only_if_the_crying_goes_on(night: Night) -> None:
    night.receive(build_event("cry_started", -300, late=True), build_event("cry_reminder", -240, late=True))
    night.until(30)
    assert night.rings() == []
    assert [call.late for _, call in night.notifications] == [True]
    night.receive(build_heartbeat("crying", 30, "a"))
    night.until(40)
    assert night.rings() == [35]


def test_a_snoozed_speaker_does_not_ring_and_does_when_the_snooze_ends_in_the_middle(night: Night) -> None:
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


def test_two_speakers_have_their_own_episodes(night: Night) -> None:
    night.receive(build_event("cry_started", 0), build_event("cry_started", 0, "b", device="attic"))
    night.answer("b", "attic")
    night.until(60)
    assert night.rings() == [0, 60]
    assert night.rings(device="attic") == [0]


def test_a_speaker_that_is_gone_in_the_middle_of_a_cry_is_not_rung_for_all_night(night: Night) -> None:
    night.receive(build_event("cry_started", 0))
    night.until(10_000)
    assert night.rings()[-1] == 600


def test_long_soothing_is_told_quietly(night: Night) -> None:
    night.receive(build_event("soothing_long", 0))
    assert night.quiet() == ["soothing_long"]


def test_an_event_that_only_newer_speakers_know_rings_if_it_says_so(night: Night) -> None:
    night.receive(replace(build_event("cry_started", 0), kind="cry_of_a_newer_kind"))
    assert night.rings() == [0]


KINDS = ("cry_started", "cry_reminder", "cry_resumed", "cry_soothed", "cry_ended", "soothing_long")
events = st.builds(
    lambda kind, episode, device, muted, late: (
        lambda at_s: build_event(kind, at_s, episode, device=device, muted=muted, late=late)
    ),
    st.sampled_from(KINDS),
    st.sampled_from("abc"),
    st.sampled_from(("nursery", "attic")),
    st.booleans(),
    st.booleans(),
)
beats = st.builds(
    lambda state, episode, device, alert_state, live: (
        lambda at_s: build_heartbeat(state, at_s, episode, device=device, alert_state=alert_state, live=live)
    ),
    st.sampled_from(("quiet", "fussing", "crying", "soothed")),
    st.sampled_from((None, "a", "b", "c")),
    st.sampled_from(("nursery", "attic")),
    st.builds(AlertState, st.sampled_from((None, "a", "b")), st.booleans(), st.booleans()),
    st.booleans(),
)
nights = st.lists(
    st.tuples(st.integers(0, 90), st.one_of(events, beats, st.sampled_from(("a", "b", "c")))), max_size=15
)
Said = Callable[[float], EventMessage | Heartbeat] | str


def play(steps: list[tuple[int, Said]]) -> Night:
    night = Night()
    for pause_s, said in steps:
        night.until(night.now_s + pause_s)
        if isinstance(said, str):
            night.answer(said)
        else:
            night.receive(said(night.now_s))
    night.until(night.now_s + 700)
    return night


@settings(max_examples=40, deadline=None)
@given(nights)
def test_it_never_floods(steps: list[tuple[int, Said]]) -> None:
    night = play(steps)
    for device in ("nursery", "attic"):
        for tier in Tier:
            rings = night.rings(tier, device)
            assert all(later - earlier >= SETTINGS.pause_s for earlier, later in pairwise(rings))
    assert len(night.quiet()) <= 2 * len(steps)


@settings(max_examples=40, deadline=None)
@given(nights)
def test_it_is_silent_in_the_end_and_the_second_list_never_rings_alone(steps: list[tuple[int, Said]]) -> None:
    night = play(steps)
    before = len(night.notifications)
    night.until(night.now_s + 1_000)
    assert len(night.notifications) == before
    assert set(night.rings(Tier.SECOND)) <= set(night.rings(Tier.FIRST))


@settings(max_examples=40, deadline=None)
@given(nights, st.sampled_from(("cry_started", "cry_reminder", "cry_resumed")))
def test_a_new_alert_always_rings_within_the_pause(steps: list[tuple[int, Said]], kind: str) -> None:
    night = play(steps)
    night.until(night.now_s + 3_000)
    start_s = night.now_s
    night.receive(build_event(kind, start_s, "new"))
    night.until(start_s + 30)
    assert night.rings()[-1] == start_s


@settings(max_examples=40, deadline=None)
@given(nights, st.integers(0, 400), nights)
def test_once_answered_it_rings_for_no_event_but_resumed_crying(
    before: list[tuple[int, Said]], after_s: int, after: list[tuple[int, Said]]
) -> None:
    """Whatever else comes that is not a heartbeat, nor of another episode."""
    night = play(before)
    night.receive(build_event("cry_started", night.now_s, "new"))
    night.until(night.now_s + after_s)
    night.answer("new")
    rung = len(night.rings())
    for pause_s, said in after:
        night.until(night.now_s + pause_s)
        event = None if isinstance(said, str) else said(night.now_s)
        if isinstance(event, EventMessage) and event.kind in (
            "cry_started",
            "cry_reminder",
            "soothing_long",
            "cry_ended",
        ):
            night.receive(build_event(event.kind, night.now_s, "new", muted=event.muted is not None))
    assert len(night.rings()) == rung


def test_once_answered_it_stays_answered_however_long_nothing_is_heard() -> None:
    night = play([])
    night.receive(build_event("cry_started", night.now_s, "new"))
    night.answer("new")
    night.until(night.now_s + 3_000)
    night.receive(build_event("cry_reminder", night.now_s, "new"))
    assert len(night.rings()) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.booleans(), st.sampled_from("ab")), max_size=20))
def test_nothing_muted_late_or_kept_by_the_broker_ever_rings(steps: list[tuple[int, bool, str]]) -> None:
    night = Night()
    for pause_s, is_late, episode in steps:
        night.until(night.now_s + pause_s)
        night.receive(build_event("cry_started", night.now_s, episode, late=is_late, muted=not is_late))
        night.receive(build_heartbeat("crying", night.now_s, episode, live=False))
    night.until(night.now_s + 200)
    assert night.rings() == []
