"""Liveness monitor: one alarm for a speaker or broker in trouble, and one all-clear."""

from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.companion.alerting.event_age import EventAge
from edge.companion.alerting.monitor import LivenessMonitor
from edge.companion.alerting.notifications import Alarm
from edge.companion.mqtt.messages import Health, Heartbeat, MicrophoneMessage, SpeakerMessage, Status, TopicCleared
from edge.config.companion import MonitorSettings
from tests.support.speaker_messages import AlertState, build_event, build_heartbeat, utc

SETTINGS = MonitorSettings(alarm_after_s=60, clear_after_s=30)


class Evening:
    """Monitor and clock of an evening; the nursery sends a heartbeat every 10 s while it is well."""

    def __init__(self, watch: LivenessMonitor | None = None) -> None:
        self.monitor = watch or LivenessMonitor(SETTINGS, 0, heartbeat_s=10)
        self.monitor.on_connection(None, 0)
        self.now_s = 0
        self.alarms: list[tuple[int, Alarm]] = []

    def advance(self, seconds: int, sends_heartbeats: bool = True, alert_state: AlertState | None = None) -> None:
        for _ in range(seconds):
            self.now_s += 1
            if sends_heartbeats and self.now_s % 10 == 0:
                self.receive(build_heartbeat("quiet", self.now_s, alert_state=alert_state))
            self.alarms += [(self.now_s, alarm) for alarm in self.monitor.step(self.now_s)]

    def receive(self, *messages: SpeakerMessage) -> None:
        for message in messages:
            self.monitor.on_message(message, self.now_s)

    @property
    def reported(self) -> list[tuple[str | None, str | None]]:
        return [(alarm.device, alarm.problem and alarm.problem.partition(":")[0]) for _, alarm in self.alarms]


@pytest.fixture
def evening() -> Evening:
    evening = Evening()
    evening.advance(20)
    return evening


def test_missing_heartbeats_raise_one_alarm_and_one_all_clear(evening: Evening) -> None:
    evening.advance(3_000, sends_heartbeats=False)
    assert evening.reported == [("nursery", "it is gone")]
    assert evening.alarms[0][0] == 80
    evening.advance(3_000)
    assert evening.reported[1:] == [("nursery", None)]
    assert not evening.alarms[1][1].rings


def health(detail: str) -> Health:
    microphone = {"state": "silent" if detail else "listening", "detail": detail}
    return Health("nursery", (), MappingProxyType({"microphone": microphone}))


def test_an_alarm_for_a_deaf_microphone_quotes_its_detail(evening: Evening) -> None:
    evening.receive(MicrophoneMessage("nursery", False), health("only digital silence for 10 s"))
    evening.advance(100)
    assert [alarm.problem for _, alarm in evening.alarms] == ["it is deaf: only digital silence for 10 s"]
    evening.receive(MicrophoneMessage("nursery", True), health(""))
    evening.advance(100)
    assert len(evening.alarms) == 2


@pytest.mark.parametrize("trouble", [Status("nursery", False), MicrophoneMessage("nursery", False)])
def test_offline_and_deaf_raise_an_alarm_without_waiting_for_slow_heartbeats(
    evening: Evening, trouble: SpeakerMessage
) -> None:
    evening.receive(build_heartbeat("quiet", evening.now_s, heartbeat_s=100), trouble)
    evening.advance(59, sends_heartbeats=False)
    assert evening.alarms == []
    evening.advance(1, sends_heartbeats=False)
    assert [alarm.device for _, alarm in evening.alarms] == ["nursery"]


def test_three_missing_heartbeats_of_a_slow_speaker_raise_an_alarm(evening: Evening) -> None:
    evening.receive(
        build_heartbeat("quiet", evening.now_s, heartbeat_s=100, live=False),
        build_heartbeat("quiet", 20, heartbeat_s=None),
    )
    evening.advance(299, sends_heartbeats=False)
    assert evening.alarms == []
    evening.advance(1, sends_heartbeats=False)
    assert [alarm.problem for _, alarm in evening.alarms] == ["it is gone: no heartbeat for 300 s"]


def test_without_an_interval_the_companions_own_setting_holds() -> None:
    evening = Evening(LivenessMonitor(SETTINGS, 0, heartbeat_s=100))
    evening.receive(build_heartbeat("quiet", 0, heartbeat_s=None))
    evening.advance(400, sends_heartbeats=False)
    assert [at_s for at_s, _ in evening.alarms] == [300]


def test_a_restart_raises_no_alarm(evening: Evening) -> None:
    evening.receive(MicrophoneMessage("nursery", False), Status("nursery", False))
    evening.advance(30, sends_heartbeats=False)
    evening.receive(Status("nursery", True), MicrophoneMessage("nursery", True))
    evening.advance(300)
    assert evening.alarms == []


def test_without_the_broker_no_speaker_raises_an_alarm(evening: Evening) -> None:
    evening.monitor.on_connection("broker x refuses connections", evening.now_s)
    evening.advance(300, sends_heartbeats=False)
    assert evening.reported == [(None, "broker x refuses connections")]
    evening.monitor.on_connection(None, evening.now_s)
    evening.advance(300)
    assert evening.reported[1:] == [(None, None)]


def test_a_speaker_that_does_not_return_with_the_broker_raises_an_alarm(evening: Evening) -> None:
    evening.monitor.on_connection("gone", evening.now_s)
    evening.advance(300, sends_heartbeats=False)
    evening.monitor.on_connection(None, evening.now_s)
    evening.advance(300, sends_heartbeats=False)
    assert evening.reported[1:] == [(None, None), ("nursery", "it is gone")]


def test_an_expected_speaker_without_any_message_raises_an_alarm() -> None:
    evening = Evening(LivenessMonitor(SETTINGS, 0, expected=["attic"], heartbeat_s=10))
    evening.advance(200)
    assert evening.reported == [("attic", "it is gone")]


def test_a_cleared_speaker_raises_an_alarm_only_if_it_is_expected(evening: Evening) -> None:
    evening.receive(TopicCleared("nursery"))
    evening.advance(3_000, sends_heartbeats=False)
    assert evening.reported == []
    expecting = Evening(LivenessMonitor(SETTINGS, 0, ["nursery"], heartbeat_s=10))
    expecting.receive(TopicCleared("nursery"))
    expecting.advance(3_000, sends_heartbeats=False)
    assert expecting.reported == [("nursery", "it is gone")]


def test_an_alarm_from_before_a_restart_is_not_repeated() -> None:
    evening = Evening(LivenessMonitor(SETTINGS, 0, alarmed=["nursery"], heartbeat_s=10))
    evening.advance(200, sends_heartbeats=False)
    assert evening.alarms == []
    evening.advance(200)
    assert evening.reported == [("nursery", None)]


def test_an_alarm_is_quiet_where_alerts_are_off_and_not_where_they_are_snoozed() -> None:
    for alert_state, rings in ((AlertState(alerts=False), False), (AlertState(snoozed=True), True)):
        evening = Evening()
        evening.advance(20, alert_state=alert_state)
        evening.advance(200, sends_heartbeats=False)
        assert [alarm.rings for _, alarm in evening.alarms] == [rings]


def test_a_speaker_that_comes_and_goes_raises_few_alarms(evening: Evening) -> None:
    for _ in range(120):
        evening.advance(120, sends_heartbeats=False)
        evening.advance(120)
    assert len(evening.alarms) <= 12


def test_a_single_heartbeat_gives_no_all_clear(evening: Evening) -> None:
    evening.advance(100, sends_heartbeats=False)
    evening.advance(10)
    evening.advance(200, sends_heartbeats=False)
    assert len(evening.alarms) == 1


messages: st.SearchStrategy[Callable[[float], SpeakerMessage]] = st.sampled_from(
    (
        lambda at_s: build_heartbeat("quiet", at_s),
        lambda at_s: build_heartbeat("quiet", at_s, live=False),
        lambda _: Status("nursery", True),
        lambda _: Status("nursery", False),
        lambda _: MicrophoneMessage("nursery", True),
        lambda _: MicrophoneMessage("nursery", False),
    )
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), messages), max_size=20), st.booleans())
def test_alarms_and_all_clears_alternate(
    steps: list[tuple[int, Callable[[float], SpeakerMessage]]], changes_connection: bool
) -> None:
    evening = Evening()
    for pause_s, build_message in steps:
        evening.advance(pause_s, sends_heartbeats=False)
        evening.receive(build_message(evening.now_s))
        if changes_connection and pause_s > 80:
            evening.monitor.on_connection("gone" if pause_s % 2 else None, evening.now_s)
    evening.advance(300, sends_heartbeats=False)
    for device in ("nursery", None):
        cleared = [alarm.problem is None for _, alarm in evening.alarms if alarm.device == device]
        assert cleared == [bool(number % 2) for number in range(len(cleared))]


@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_the_age_of_an_event_is_measured_by_the_speakers_clock(hours: int) -> None:
    off = timedelta(hours=hours)
    lateness = EventAge(late_after_s=30, history_after_s=600)
    first: Heartbeat = build_heartbeat("quiet", 0)
    lateness.on_heartbeat(first, utc(0) + off)
    assert not lateness.with_age(build_event("cry_started", 10), utc(11) + off).late
    assert lateness.with_age(build_event("cry_started", 10), utc(60) + off).late
    assert lateness.with_age(build_event("cry_started", 10, late=True), utc(11) + off).late
    assert not lateness.is_history(build_event("cry_started", 10), utc(600) + off)
    assert lateness.is_history(build_event("cry_started", 10), utc(611) + off)


def test_a_retained_heartbeat_does_not_measure_the_clock() -> None:
    lateness = EventAge(late_after_s=30, history_after_s=600)
    lateness.on_heartbeat(build_heartbeat("quiet", 0, live=False), utc(9_999))
    assert lateness.with_age(build_event("cry_started", 10), utc(60)).late
