"""The publisher with a real mosquitto: each event once and in order, over failures of the broker."""

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.errors import StorageError
from edge.mqtt.publisher import Publisher
from edge.mqtt.settings import BrokerSettings
from edge.protocol.commands import MAX_BYTES, CommandMessage
from edge.protocol.messages import EventWriter, StreamClock
from edge.records import Event, EventKind
from edge.storage.outbox import Outbox, OutboxSettings
from tests.support.mosquitto import PASSWORD, USERNAME, Certificates, Consumer, Heard, Mosquitto

pytestmark = pytest.mark.real

OUTAGE_S = float(os.environ.get("HUSHD_TEST_OUTAGE_S", "4"))
"""How long the broker is away; the full rehearsal takes 300."""


def settings_for(broker: Mosquitto) -> BrokerSettings:
    return BrokerSettings(url=broker.url, retry_min_s=0.1, retry_max_s=0.4, connect_timeout_s=5.0)


@contextmanager
def running(settings: BrokerSettings, outbox: Outbox) -> Iterator[Publisher]:
    publisher = Publisher(settings, "nursery", outbox)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(OutboxSettings(tmp_path / "outbox.sqlite"))
    yield outbox
    outbox.close()


def eventually(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Wait until an attribute of the publisher has the expected value."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Cries:
    """Source of events for the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._writer = EventWriter("nursery")
        self.added: dict[str, float] = {}
        """Event id -> time.monotonic()"""

    def add(self, publisher: Publisher | None = None) -> str:
        number = len(self.added)
        kind = list(EventKind)[number % len(EventKind)]
        event = Event(kind, f"episode-{number // len(EventKind)}", "crying", number, number + 1.0, 0.9, "a test")
        text = self._writer.write(event, StreamClock(datetime.now(UTC)))
        event_id = f"{event.episode_id}:{number % len(EventKind) + 1}"
        self._outbox.add(text, rings=kind.rings)
        self.added[event_id] = time.monotonic()
        if publisher is not None:
            publisher.wake()
        return event_id


def ids(heard: list[Heard]) -> list[str]:
    return [message.json["id"] for message in heard]


def without_repetitions(heard: list[Heard]) -> list[str]:
    """Return the ids as a consumer counts them, without repetitions."""
    return list(dict.fromkeys(ids(heard)))


def test_retained_topics_and_offline_at_the_end(tmp_path: Path, outbox: Outbox) -> None:
    with Mosquitto(tmp_path / "broker") as broker:
        with running(settings_for(broker), outbox) as publisher, Consumer(broker) as early:
            publisher.set_listening(True)
            publisher.publish_state('{"n":1}')
            publisher.publish_state('{"n":2}')
            publisher.publish_health('{"fine":true}')
            early.wait_for(lambda heard: any(message.text == '{"n":2}' for message in heard), "/state")
            early.wait_for(bool, "/health")
            early.wait_for(lambda heard: heard[-1:] != [] and heard[-1].text == "online", "/listening")
            with Consumer(broker, client_id="late") as late:
                late.wait_for(lambda heard: len(heard) == 4)
                assert all(message.retained for message in late.heard())
                assert {message.topic: message.text for message in late.heard()} == {
                    "hushd/nursery/status": "online",
                    "hushd/nursery/listening": "online",
                    "hushd/nursery/state": '{"n":2}',
                    "hushd/nursery/health": '{"fine":true}',
                }
        with Consumer(broker, client_id="afterwards") as afterwards:
            afterwards.wait_for(lambda heard: len(heard) == 4)
            assert [message.text for message in afterwards.heard("/status")] == ["offline"]
            assert [message.text for message in afterwards.heard("/listening")] == ["offline"]


def test_events_arrive_at_once_and_are_not_retained(tmp_path: Path, outbox: Outbox) -> None:
    cries = Cries(outbox)
    with Mosquitto(tmp_path / "broker") as broker, Consumer(broker) as consumer:
        with running(settings_for(broker), outbox) as publisher:
            consumer.wait_for(bool, "/status")
            for number in range(1, 21):
                cries.add(publisher)
                consumer.wait_for(lambda heard, number=number: len(heard) == number, "/event")  # type: ignore[misc]
            heard = consumer.heard("/event")
            assert ids(heard) == list(cries.added)
            assert all(message.qos == 1 and not message.retained for message in heard)
            assert not any(message.json["late"] for message in heard)
            assert statistics.median(message.at - cries.added[message.json["id"]] for message in heard) < 0.1
        assert outbox.counts().waiting == 0
        with Consumer(broker, client_id="late") as late:
            late.wait_for(bool, "/status")
            assert late.heard("/event") == []


def test_broker_down_at_the_start(tmp_path: Path, outbox: Outbox) -> None:
    cries = Cries(outbox)
    with Mosquitto(tmp_path / "broker", persistent=True) as broker:
        with Consumer(broker):
            pass  # keeps its session at the broker, so that it misses no event
        broker.stop()
        with running(settings_for(broker), outbox) as publisher:
            for _ in range(3):
                cries.add(publisher)
            eventually(lambda: publisher.problem)
            assert (
                publisher.problem
                == f"broker localhost:{broker.port} refuses connections: is it running, and on this port?"
            )
            assert not publisher.connected
            broker.start()
            with Consumer(broker) as consumer:
                consumer.wait_for(lambda heard: len(heard) >= 3, "/event")
                assert ids(consumer.heard("/event")) == list(cries.added)
            assert publisher.connected
            assert publisher.problem is None


@pytest.mark.parametrize(
    "limits",
    [OutboxSettings(), OutboxSettings(max_age_s=0.6 * OUTAGE_S, late_after_s=0.3 * OUTAGE_S)],
    ids=["default limits", "limits shorter than the outage"],
)
@pytest.mark.timeout(60 + 3 * OUTAGE_S)
def test_broker_killed_in_the_middle_and_back_later(tmp_path: Path, limits: OutboxSettings) -> None:
    outbox = Outbox(replace(limits, path=tmp_path / "outbox.sqlite"))
    cries = Cries(outbox)
    broker = Mosquitto(tmp_path / "broker", persistent=True)
    with broker, Consumer(broker) as consumer, running(settings_for(broker), outbox) as publisher:
        for _ in range(5):
            cries.add(publisher)
        consumer.wait_for(lambda heard: len(heard) >= 5, "/event")
        eventually(lambda: outbox.counts().waiting == 0)
        broker.kill()
        for _ in range(20):
            cries.add(publisher)
            time.sleep(OUTAGE_S / 20)
        broker.start()
        last = [cries.add(publisher) for _ in range(5)][-1]
        consumer.wait_for(lambda heard: last in ids(heard), "/event", timeout_s=30)
        eventually(lambda: outbox.counts().waiting == 0)

    heard = consumer.heard("/event")
    # Count the first arrival: a killed mosquitto loses the consumer's acknowledgements and may repeat messages.
    ages_s = {message.json["id"]: message.at - cries.added[message.json["id"]] for message in reversed(heard)}
    missing = [event_id for event_id in cries.added if event_id not in ages_s]
    assert without_repetitions(heard) == [event_id for event_id in cries.added if event_id in ages_s], "not in order"
    assert len(missing) == outbox.counts().expired, "lost without being without_repetitions"
    assert bool(missing) == (limits.max_age_s < OUTAGE_S)
    assert max(ages_s.values()) < limits.max_age_s + 1.0
    sure_s = 1.0  # the consumer reads its clock a little later than the publisher
    for message in heard:
        age_s = ages_s[message.json["id"]]
        if abs(age_s - limits.late_after_s) > sure_s:
            assert message.json["late"] == (age_s > limits.late_after_s)
    assert outbox.counts().dropped == 0
    outbox.close()


DAEMON = """
import sys
from pathlib import Path
from edge.mqtt.settings import BrokerSettings
from edge.storage.outbox import Outbox, OutboxSettings
from edge.mqtt.publisher import Publisher

url, path = sys.argv[1:]
outbox = Outbox(OutboxSettings(Path(path)))
outbox.add('{"id":"unsent","late":false}', rings=True) if url.endswith(":1") else None
publisher = Publisher(BrokerSettings(url=url, retry_min_s=0.1, retry_max_s=0.2), "nursery", outbox)
publisher.start()
publisher.set_listening(True)
print("started", flush=True)
sys.stdin.read()
"""


@contextmanager
def daemon(url: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", DAEMON, url, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def test_the_last_will_is_published_after_a_kill(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker") as broker, Consumer(broker) as consumer:
        with daemon(broker.url, tmp_path / "outbox.sqlite"):
            consumer.wait_for(lambda heard: [message.text for message in heard] == ["online"], "/status")
        consumer.wait_for(lambda heard: [message.text for message in heard] == ["online", "offline"], "/status")


def test_the_next_daemon_delivers_the_events_of_a_killed_one(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    with daemon("mqtt://127.0.0.1:1", path):
        pass
    with Mosquitto(tmp_path / "broker") as broker, Consumer(broker) as consumer:
        for _ in range(2):
            outbox = Outbox(OutboxSettings(path))
            with running(settings_for(broker), outbox) as publisher:
                eventually(lambda publisher=publisher: publisher.connected)  # type: ignore[misc]
            assert outbox.counts().waiting == 0
            outbox.close()
        consumer.wait_for(lambda heard: [message.text for message in heard] == ["online", "offline"] * 2, "/status")
        assert ids(consumer.heard("/event")) == ["unsent"]


def test_a_corrected_password_file_is_used_without_a_restart(tmp_path: Path, outbox: Outbox) -> None:
    password_file = tmp_path / "password"
    password_file.write_text("wrong\n")
    with Mosquitto(tmp_path / "broker", password=True) as broker:
        settings = replace(settings_for(broker), username=USERNAME, password_file=password_file)
        with running(settings, outbox) as publisher:
            eventually(lambda: publisher.problem)
            assert publisher.problem == (
                f"broker localhost:{broker.port} rejects hushd as not authorized: "
                "correct username and password, or allow them on the broker"
            )
            password_file.write_text(PASSWORD + "\n")
            eventually(lambda: publisher.connected)


def test_tls_with_a_client_certificate(tmp_path: Path, outbox: Outbox) -> None:
    issued = Certificates.issue(tmp_path / "certificates")
    broker = Mosquitto(tmp_path / "broker", certificates=issued, client_certificate=True)
    settings = replace(settings_for(broker), tls_ca=issued.authority, tls_cert=issued.client, tls_key=issued.client_key)
    with broker, Consumer(broker) as consumer, running(settings, outbox) as publisher:
        event_id = Cries(outbox).add(publisher)
        consumer.wait_for(bool, "/event")
        assert ids(consumer.heard("/event")) == [event_id]


def test_tls_with_an_untrusted_authority(tmp_path: Path, outbox: Outbox) -> None:
    issued = Certificates.issue(tmp_path / "certificates")
    other = Certificates.issue(tmp_path / "others")
    broker = Mosquitto(tmp_path / "broker", certificates=issued)
    with broker, running(replace(settings_for(broker), tls_ca=other.authority), outbox) as publisher:
        eventually(lambda: publisher.problem)
        assert "has a certificate that is not trusted" in (publisher.problem or "")
        assert not publisher.connected


def test_a_broken_outbox_stops_the_main_loop(tmp_path: Path) -> None:
    outbox = Outbox(OutboxSettings(tmp_path / "outbox.sqlite"))
    with Mosquitto(tmp_path / "broker") as broker, running(settings_for(broker), outbox) as publisher:
        eventually(lambda: publisher.connected)
        outbox.close()
        publisher.wake()
        eventually(lambda: not publisher.connected)
        with pytest.raises(StorageError):
            publisher.publish_state("{}")


def test_no_thread_is_left(tmp_path: Path, outbox: Outbox) -> None:
    with Mosquitto(tmp_path / "broker") as broker, running(settings_for(broker), outbox) as publisher:
        eventually(lambda: publisher.connected)
        began = time.monotonic()
        publisher.stop()
        assert time.monotonic() - began < 1.0
    assert "mqtt" not in {thread.name for thread in threading.enumerate()}


def test_waiting_events_are_delivered_before_the_end(tmp_path: Path, outbox: Outbox) -> None:
    cries = Cries(outbox)
    with Mosquitto(tmp_path / "broker") as broker, Consumer(broker) as consumer:
        with running(settings_for(broker), outbox) as publisher:
            for _ in range(20):
                cries.add(publisher)
        consumer.wait_for(lambda heard: len(heard) == 20, "/event")
        consumer.wait_for(lambda heard: [message.text for message in heard] == ["online", "offline"], "/status")
        assert ids(consumer.heard("/event")) == list(cries.added)


def test_commands_arrive_in_order_up_to_the_capacity(tmp_path: Path, outbox: Outbox) -> None:
    with Mosquitto(tmp_path / "broker") as broker, Consumer(broker) as parent:
        parent.publish("hushd/nursery/set/alerts", "off", retain=True)
        with running(settings_for(broker), outbox) as publisher:
            parent.wait_for(lambda heard: [message.text for message in heard] == ["online"], "/status")
            for number in range(30):
                parent.publish("hushd/nursery/set/snooze", f"{number}")
            parent.publish("hushd/another/set/snooze", "99")
            eventually(lambda: publisher.lost_commands == 31 - 16)
            first, *others = publisher.commands()
            assert first == CommandMessage("alerts", b"off", retained=True)
            assert others == [CommandMessage("snooze", f"{number}".encode(), retained=False) for number in range(15)]
            assert publisher.commands() == []
            parent.publish("hushd/nursery/set/feedback", "x" * 100_000)
            taken: list[CommandMessage] = []
            eventually(lambda: taken.extend(publisher.commands()) or taken)  # type: ignore[func-returns-value]
            assert [len(message.payload) for message in taken] == [MAX_BYTES + 1]
