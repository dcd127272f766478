"""``hushd check --end-to-end``: a line with a time for each step, and the first step that fails."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from edge.companion.end_to_end import check_end_to_end
from edge.config.configuration import Configuration
from edge.mqtt.settings import BrokerSettings
from tests.edge.companion.conftest import EVER, Running, wait_for_heartbeat, with_push
from tests.support.http_sink import Sink
from tests.support.mosquitto import Consumer, Mosquitto
from tests.support.simulated_speaker import SimulatedSpeaker

pytestmark = pytest.mark.real


def run_check(configuration: Configuration) -> tuple[int, dict[str, str]]:
    """Run the check; return the exit code and each step's line."""
    lines: dict[str, str] = {}
    return check_end_to_end(configuration, lines.__setitem__), lines


def test_all_legs_answer_and_no_cry_gets_into_the_journal(
    configuration: Configuration, companion: Running, broker: Mosquitto, sink: Sink
) -> None:
    with (
        SimulatedSpeaker(configuration.broker).running(),
        companion(configuration) as parts,
        Consumer(broker) as consumer,
    ):
        wait_for_heartbeat(parts)
        code, lines = run_check(configuration)
        assert code == 0, lines
        assert list(lines)[:4] == ["broker", "delivery", "speaker", "companion"]
        assert set(list(lines)[4:]) == {"push first 1 (json)", "push second 1 (json)"}  # at once: either is first
        assert all(line.startswith("ok  ") for line in lines.values())
        assert parts.journal.episodes("nursery", EVER) == ()
        assert {pushed.to for pushed in sink.pushes()} == {"anna", "ben"}
        assert {pushed.title for pushed in sink.pushes()} == {"Test of hushd (nursery)"}
        (alert,) = consumer.heard("/event")
        assert (alert.json["test"], alert.json["rings"], alert.retained) == (True, False, False)


def test_each_of_two_companions_is_checked(configuration: Configuration, companion: Running, sink: Sink) -> None:
    grandma = with_push(configuration, first=(sink.url("grandma"),), second=())
    with (
        SimulatedSpeaker(configuration.broker).running(),
        companion(configuration, "speaker") as parts,
        companion(grandma, "server") as others,
    ):
        wait_for_heartbeat(parts)
        wait_for_heartbeat(others)
        code, lines = run_check(configuration)
    assert code == 0, lines
    assert sorted(name.partition(", ")[0] for name in lines if name.startswith("push")) == [
        "push first 1 (json)",
        "push first 1 (json)",
        "push second 1 (json)",
    ]
    assert lines["companion"].endswith("2 companions, which push to 3")


def test_a_push_that_fails_is_named_with_its_reason(
    configuration: Configuration, companion: Running, sink: Sink
) -> None:
    with SimulatedSpeaker(configuration.broker).running(), companion(configuration) as parts:
        wait_for_heartbeat(parts)
        sink.status = 503
        code, lines = run_check(configuration)
        assert code == 75
        name, line = list(lines.items())[-1]
        assert name.startswith("push ")
        assert line.startswith("PROBLEM  ")
        assert "503" in line


def test_a_speaker_that_is_offline_is_named(configuration: Configuration) -> None:
    code, lines = run_check(configuration)
    assert code == 69
    assert lines["speaker"].startswith("PROBLEM  nursery is offline")


def test_a_speaker_that_is_deaf_is_named(configuration: Configuration, broker: Mosquitto) -> None:
    with SimulatedSpeaker(configuration.broker).running() as nursery, Consumer(broker) as consumer:
        nursery.set_listening(False)
        consumer.wait_for(lambda received: received != [] and received[-1].text == "offline", "/listening")
        code, lines = run_check(configuration)
    assert code == 69
    assert lines["speaker"].startswith("PROBLEM  nursery receives no sound")


def test_an_invalid_heartbeat_is_named(configuration: Configuration, broker: Mosquitto) -> None:
    with Consumer(broker) as stranger:
        for leaf, text in (("status", "online"), ("listening", "online"), ("state", '{"v": 1, "utc": "yesterday"}')):
            stranger.publish(f"hushd/nursery/{leaf}", text, retain=True)
        stranger.wait_for(lambda received: len(received) == 3)
        code, lines = run_check(configuration)
    assert code == 69
    assert lines["speaker"].startswith("PROBLEM  nursery has an invalid heartbeat: ")


def test_other_messages_on_the_test_topics_are_ignored(
    configuration: Configuration, companion: Running, broker: Mosquitto
) -> None:
    with (
        SimulatedSpeaker(configuration.broker).running(),
        companion(configuration) as parts,
        Consumer(broker) as stranger,
    ):
        wait_for_heartbeat(parts)
        for leaf, text in (("event", "no JSON"), ("test", '["a", "list"]')):
            stranger.publish(f"hushd/nursery/{leaf}", text, retain=True)
        stranger.wait_for(lambda received: received != [], "/test")
        code, lines = run_check(configuration)
    assert code == 0, lines


def test_a_companion_that_does_not_answer_is_named(configuration: Configuration, broker: Mosquitto) -> None:
    with SimulatedSpeaker(configuration.broker).running(), Consumer(broker) as consumer:
        consumer.wait_for(lambda received: len(received) > 1, "/state")
        code, lines = run_check(configuration)
    assert code == 75
    assert list(lines)[-1] == "companion"
    assert lines["companion"].startswith("PROBLEM  no answer within 5 s: is `hushd phone` running")


def test_a_companion_without_push_addresses_is_named(configuration: Configuration, companion: Running) -> None:
    unreachable = with_push(configuration, first=(), second=())
    unreachable = replace(
        unreachable, phone=replace(unreachable.phone, serve_page=True, page=replace(unreachable.phone.page, port=0))
    )
    with SimulatedSpeaker(unreachable.broker).running(), companion(unreachable) as parts:
        wait_for_heartbeat(parts)
        code, lines = run_check(unreachable)
    assert (code, lines["companion"]) == (75, "PROBLEM  it has no push addresses: set phone.push.first")


def test_a_broker_that_is_absent_or_delivers_no_message_is_named(tmp_path: Path, configuration: Configuration) -> None:
    away = replace(configuration, broker=BrokerSettings("mqtt://localhost:1"))
    assert run_check(away) == (
        69,
        {"broker": "PROBLEM  broker localhost:1 refuses connections: is it running, and on this port?"},
    )
    none = replace(configuration, broker=BrokerSettings("none"))
    assert run_check(none)[0] == 78
    (tmp_path / "acl").write_text("topic readwrite other/#\n")
    with Mosquitto(tmp_path / "closed", started=False) as broker:
        broker._config.write_text(f"{broker._config.read_text()}acl_file {tmp_path / 'acl'}\n")
        broker.start()
        code, lines = run_check(replace(configuration, broker=BrokerSettings(broker.url)))
    assert code == 69
    assert lines["delivery"].startswith("PROBLEM  it does not pass on what is sent to hushd/nursery/event")


def test_test_alerts_cannot_keep_a_phone_ringing(
    configuration: Configuration, companion: Running, broker: Mosquitto, sink: Sink
) -> None:
    golden = Path(__file__).parents[2] / "contract" / "golden" / "test_alert.json"
    alert = json.loads(golden.read_text("utf-8"))
    with (
        SimulatedSpeaker(configuration.broker).running() as nursery,
        companion(configuration) as parts,
        Consumer(broker) as stranger,
    ):
        wait_for_heartbeat(parts)
        for number in range(20):
            stranger.publish("hushd/nursery/event", json.dumps({**alert, "id": f"test-{number}"}))
        code, lines = run_check(configuration)
        assert code == 75
        assert re.fullmatch("PROBLEM  the phones were tested just now: try again in [1-5] s", list(lines.values())[-1])
        nursery.publish_event("cry_started", "a")
        sink.wait_for(lambda pushed: any(each.title == "The baby cries (nursery)" for each in pushed))
        assert len([pushed for pushed in sink.pushes("anna") if pushed.title.startswith("Test")]) == 1
