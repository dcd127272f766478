"""The companion while a push service, the broker, a speaker or the disk fails, with a real broker."""

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from edge.config.companion import MonitorSettings, PageSettings, PushSettings
from edge.config.configuration import Configuration
from tests.edge.companion.conftest import ESCALATION, EVER, Running, wait_for_heartbeat, wait_until, with_push
from tests.support.http_sink import ALARM, QUIET, RING, Sink
from tests.support.mosquitto import Consumer, Mosquitto
from tests.support.simulated_speaker import SimulatedSpeaker

pytestmark = pytest.mark.real

OUTAGE_S = float(os.environ.get("HUSHD_TEST_OUTAGE_S", "4"))
"""Seconds during which the push service is down; HUSHD_TEST_OUTAGE_S=60 tests a real minute."""


@pytest.mark.timeout(60 + 2 * OUTAGE_S)
def test_an_outage_of_the_push_service_loses_and_doubles_no_push(
    configuration: Configuration, companion: Running, sink: Sink
) -> None:
    """The retry times are scaled as the outage is; the repeats are not."""
    slow = replace(configuration.phone, calling=replace(ESCALATION, repeat_every_s=3_600, escalate_after_s=3_600))
    usual, pace = PushSettings(), OUTAGE_S / 60
    configuration = with_push(
        replace(configuration, phone=slow),
        retry_min_s=usual.retry_min_s * pace,
        retry_max_s=usual.retry_max_s * pace,
        late_after_s=usual.late_after_s * pace,
    )
    with SimulatedSpeaker(configuration.broker).running() as nursery, companion(configuration) as parts:
        wait_for_heartbeat(parts)
        sink.stop()
        nursery.publish_event("cry_started", "a")
        wait_until(lambda: parts.registry.warnings, parts)
        assert parts.registry.warnings[0].startswith("first 1 (json) cannot be reached: A Connection error")
        nursery.publish_event("cry_soothed", "a")
        time.sleep(0.4 * OUTAGE_S)
        nursery.publish_event("cry_resumed", "a")
        time.sleep(0.6 * OUTAGE_S)
        sink.start()
        sink.wait_for(lambda pushed: len(pushed) == 3, timeout_s=15 + OUTAGE_S)
        wait_until(lambda: not parts.registry.warnings, parts)
        time.sleep(1)
        titles = [each.title for each in sink.pushes()]
        assert titles == [
            "Late: The baby cries (nursery)",
            "Late: Somebody is soothing (nursery)",
            "Late: The baby cries again (nursery)",
        ]


def test_waiting_pushes_survive_a_restart_of_the_companion(
    configuration: Configuration, companion: Running, sink: Sink
) -> None:
    sink.stop()
    with SimulatedSpeaker(configuration.broker).running() as nursery:
        with companion(configuration) as parts:
            wait_for_heartbeat(parts)
            nursery.publish_event("cry_started", "a")
            wait_until(lambda: parts.registry.warnings, parts)
            nursery.publish_event("cry_ended", "a")
            wait_until(lambda: parts.journal.episodes("nursery", EVER)[0].ended, parts)
        sink.start()
        with companion(configuration):
            sink.wait_for(lambda pushed: len(pushed) == 2)
    ring, end = sink.pushes()
    assert ring.title == "The baby cries (nursery)"
    assert ring.type == RING
    assert end.title == "The baby is quiet again (nursery)"


def test_on_a_read_only_disk_the_parents_are_notified_without_a_page(
    configuration: Configuration, companion: Running, sink: Sink, tmp_path: Path
) -> None:
    disk = tmp_path / "speaker"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a disk: {mounted.stderr.strip()}")
    page = replace(configuration.phone, serve_page=True, page=PageSettings(host="0.0.0.0", port=0))
    configuration = replace(configuration, phone=page)
    try:
        with companion(configuration) as parts:
            assert parts.page_url is not None  # each alert says where it is answered
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with SimulatedSpeaker(configuration.broker).running() as nursery, companion(configuration) as parts:
            wait_for_heartbeat(parts)
            assert parts.page_url is None
            assert any("read-only" in warning for warning in parts.registry.warnings)
            nursery.publish_event("cry_started", "a")
            sink.wait_for(lambda pushed: len(pushed) == 1)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_cry_while_the_broker_is_down_rings_once_when_it_is_back(
    configuration: Configuration, companion: Running, broker: Mosquitto, sink: Sink
) -> None:
    slow = replace(configuration.phone, calling=replace(ESCALATION, repeat_every_s=60, escalate_after_s=60))
    configuration = replace(configuration, phone=slow)
    with SimulatedSpeaker(configuration.broker).running() as nursery, companion(configuration) as parts:
        wait_for_heartbeat(parts)
        broker.kill()
        wait_until(lambda: parts.registry.problem, parts)
        nursery.publish_event("cry_started", "a")
        broker.start()
        sink.wait_for(lambda pushed: len(pushed) == 1, timeout_s=20)
        broker.kill()
        wait_until(lambda: parts.registry.problem, parts)
        broker.start()
        wait_until(lambda: parts.registry.problem is None, parts)
        nursery.publish_event("cry_soothed", "a")
        sink.wait_for(lambda pushed: len(pushed) == 2, timeout_s=20)
        assert [each.type for each in sink.pushes()] == [RING, QUIET]


def test_a_gone_or_deaf_speaker_raises_one_alarm_and_one_all_clear(
    configuration: Configuration, companion: Running, sink: Sink
) -> None:
    watch = MonitorSettings(alarm_after_s=1.0, clear_after_s=0.5)
    configuration = replace(configuration, phone=replace(configuration.phone, watch=watch))
    with SimulatedSpeaker(configuration.broker).running() as nursery, companion(configuration) as parts:
        wait_for_heartbeat(parts)
        nursery.sends_heartbeats = False
        sink.wait_for(lambda pushed: len(pushed) == 1)
        (view,) = parts.registry.devices()
        assert view.alarm == "it is gone: no heartbeat for 1 s"
        nursery.sends_heartbeats = True
        sink.wait_for(lambda pushed: len(pushed) == 2)
        nursery.set_listening(False)
        sink.wait_for(lambda pushed: len(pushed) == 3)
        nursery.set_listening(True)
        sink.wait_for(lambda pushed: len(pushed) == 4)
        assert [each.type for each in sink.pushes("anna")] == [ALARM, QUIET, ALARM, QUIET]
        assert [gap.why.partition(":")[0] for gap in parts.journal.gaps("nursery", EVER)] == [
            "hushd phone was not there yet",
            "it is gone",
            "it is deaf",
        ]


def test_a_renamed_speaker_is_forgotten_once_its_retained_topics_are_cleared(
    configuration: Configuration, companion: Running, broker: Mosquitto, sink: Sink
) -> None:
    watch = MonitorSettings(alarm_after_s=1.0, clear_after_s=0.5)
    configuration = replace(configuration, phone=replace(configuration.phone, watch=watch))
    with companion(configuration) as parts, Consumer(broker) as parent:
        with SimulatedSpeaker(configuration.broker).running():
            wait_for_heartbeat(parts)
        sink.wait_for(lambda pushed: len(pushed) == 1)
        wait_until(parts.journal.open_gaps, parts)
        for leaf in "status", "listening", "state", "health":
            parent.publish(f"hushd/nursery/{leaf}", "", retain=True)
        wait_until(lambda: not parts.registry.devices() and not parts.journal.open_gaps(), parts)
    with companion(configuration) as parts:
        wait_until(lambda: parts.registry.problem is None, parts)
        assert parts.registry.devices() == ()


def test_a_lost_broker_raises_one_alarm_and_one_all_clear(
    configuration: Configuration, companion: Running, broker: Mosquitto, sink: Sink
) -> None:
    watch = MonitorSettings(alarm_after_s=1.0, clear_after_s=0.5)
    configuration = replace(configuration, phone=replace(configuration.phone, watch=watch))
    with SimulatedSpeaker(configuration.broker).running(), companion(configuration) as parts:
        wait_for_heartbeat(parts)
        broker.kill()
        sink.wait_for(lambda pushed: len(pushed) == 1)
        time.sleep(2)
        broker.start()
        sink.wait_for(lambda pushed: len(pushed) == 2, timeout_s=20)
        assert [each.title for each in sink.pushes()] == [
            "You are not being watched over: the broker",
            "All is well again: the broker",
        ]


def test_a_night_that_the_broker_queued_causes_no_push(
    configuration: Configuration, companion: Running, sink: Sink
) -> None:
    old = with_push(configuration, late_after_s=0.1, max_age_s=0.2)
    with SimulatedSpeaker(old.broker).running() as nursery:
        with companion(old) as parts:
            wait_for_heartbeat(parts)
        for number in range(5):
            nursery.publish_event("cry_started", f"episode-{number}")
            nursery.publish_event("cry_ended", f"episode-{number}")
        time.sleep(0.5)
        with companion(old) as parts:
            wait_until(lambda: len(parts.journal.episodes("nursery", EVER)) == 5, parts)
            wait_for_heartbeat(parts)
    assert sink.pushes() == []
