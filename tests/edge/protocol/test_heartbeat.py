"""Heartbeats: the page and the alarm wait for three of them, the alarm at least as long as it is set to."""

import pytest

from edge.protocol.heartbeat import HeartbeatPolicy


def test_a_page_waits_for_three_heartbeats_and_a_second() -> None:
    assert HeartbeatPolicy(10.0).expire_after_s == 30.0
    assert HeartbeatPolicy(10.0).silent_after_s == 31.0


@pytest.mark.parametrize(("interval_s", "alarm_after_s"), [(10.0, 60.0), (20.0, 60.0), (30.0, 90.0)])
def test_an_alarm_waits_for_its_setting_and_at_least_three_heartbeats(interval_s: float, alarm_after_s: float) -> None:
    assert HeartbeatPolicy(interval_s).alarm_after_s(60.0) == alarm_after_s
