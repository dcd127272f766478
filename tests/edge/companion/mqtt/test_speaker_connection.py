"""The companion's connection over a real broker, once with password, TLS and access control list."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.companion.mqtt.messages import EventMessage, SpeakerMessage
from edge.companion.mqtt.speaker_connection import SpeakerConnection
from edge.companion.mqtt.speaker_registry import DeviceView, SpeakerRegistry
from edge.companion.mqtt.topic_map import TopicMap
from edge.errors import BrokerError
from edge.mqtt.settings import BrokerSettings
from tests.support.mosquitto import PASSWORD, USERNAME, Certificates, Consumer, Mosquitto
from tests.support.simulated_speaker import SimulatedSpeaker

pytestmark = pytest.mark.real

QUICK = BrokerSettings(retry_min_s=0.1, retry_max_s=0.2)


@contextmanager
def connected(broker: Mosquitto, received: list[SpeakerMessage] | None = None) -> Iterator[SpeakerConnection]:
    """A connection to this broker; ``received`` collects its messages."""
    settings = replace(QUICK, url=broker.url)
    on_message = received.append if received is not None else lambda _: None
    with SpeakerConnection(TopicMap(settings.prefix, "nursery"), settings, on_message) as connection:
        yield connection


def wait_for_view(registry: SpeakerRegistry, **wanted: object) -> DeviceView:
    """Wait until a speaker's view has these values."""
    for _ in range(200):
        seen = registry.version
        for view in registry.devices():
            if all(getattr(view, name) == value for name, value in wanted.items()):
                return view
        registry.wait(seen, timeout_s=0.1)
    raise AssertionError((wanted, registry.devices(), registry.problem))


def wait_for_broker(registry: SpeakerRegistry) -> None:
    """Wait until all topics are subscribed; retained messages may come before."""
    while registry.problem is not None:
        registry.wait(registry.version, 1)


def test_a_speaker_comes_speaks_and_goes(broker: Mosquitto) -> None:
    with connected(broker) as connection:
        registry = connection.registry
        with SimulatedSpeaker(replace(QUICK, url=broker.url)).running() as nursery:
            view = wait_for_view(registry, online=True, listening=True)
            nursery.set_listening(False)
            wait_for_view(registry, listening=False)
            nursery.state = "fussing"
            while view.state is None or view.state["state"] != "fussing":
                registry.wait(registry.version, 1)
                (view,) = registry.devices()
            assert view.last_heard is not None
            assert view.silent_after == timedelta(seconds=1.3)  # from the speaker's own heartbeat interval
        wait_for_view(registry, online=False)


def test_a_retained_heartbeat_is_shown_but_does_not_count_as_live(broker: Mosquitto) -> None:
    with SimulatedSpeaker(replace(QUICK, url=broker.url)).running(), connected(broker) as connection:
        while wait_for_view(connection.registry, online=True).last_heard is None:
            connection.registry.wait(connection.registry.version, 1)
    with connected(broker) as connection:
        while wait_for_view(connection.registry, online=False).state is None:
            connection.registry.wait(connection.registry.version, 1)
        assert wait_for_view(connection.registry, online=False).last_heard is None


def test_commands_are_accepted_or_rejected_with_a_reason(broker: Mosquitto) -> None:
    with (
        SimulatedSpeaker(replace(QUICK, url=broker.url)).running(),
        connected(broker) as connection,
        Consumer(broker) as consumer,
    ):
        wait_for_view(connection.registry, online=True)
        commands = connection.commands
        accepted = commands.await_reply("nursery", commands.send("nursery", "snooze", 30))
        rejected = commands.await_reply("nursery", commands.send("nursery", "acknowledge", "latest"))
        feedback = commands.await_reply(
            "nursery", commands.send("nursery", "feedback", {"episode_id": "latest", "verdict": "right"})
        )
        assert accepted is not None
        assert accepted.accepted
        assert rejected is not None
        assert (rejected.accepted, rejected.name) == (False, "acknowledge")
        assert "no episode" in rejected.detail
        assert feedback is not None
        assert not feedback.accepted
        sent = consumer.heard("/set/snooze")
        assert [(message.retained, message.qos) for message in sent] == [(False, 1)]
        assert commands.await_reply("nursery", "no such id", timeout_s=0.1) is None


def test_a_command_that_cannot_be_sent_is_a_broker_error(broker: Mosquitto) -> None:
    with connected(broker) as connection:
        with pytest.raises(BrokerError, match="'attic'"):
            connection.commands.send("attic", "snooze", 30)
        with SimulatedSpeaker(replace(QUICK, url=broker.url)).running():
            wait_for_view(connection.registry, online=True)
        wait_for_broker(connection.registry)
        broker.kill()
        while connection.registry.problem is None:
            connection.registry.wait(connection.registry.version, 1)
        with pytest.raises(BrokerError, match="broker localhost"):
            connection.commands.send("nursery", "snooze", 30)


def test_junk_on_the_topics_is_ignored(broker: Mosquitto) -> None:
    with connected(broker) as connection, Consumer(broker) as stranger:
        for number in range(40):
            stranger.publish(f"hushd/speaker-{number}/status", "online")
        stranger.publish("hushd/speaker-1/state", "{")
        stranger.publish("hushd/speaker-1/event", json.dumps({"v": 1, "rings": True}))
        stranger.publish("hushd/speaker-1/listening", "online")
        for _ in range(100):
            if any(view.listening for view in connection.registry.devices()):
                break
            connection.registry.wait(connection.registry.version, 0.1)
        assert len(connection.registry.devices()) == 32
        assert not any(view.state for view in connection.registry.devices())


def test_the_broker_queues_an_event_while_the_companion_is_away(broker: Mosquitto) -> None:
    received = list[SpeakerMessage]()
    with SimulatedSpeaker(replace(QUICK, url=broker.url)).running() as nursery:
        with connected(broker) as connection:
            wait_for_broker(connection.registry)
        with Consumer(broker) as consumer:
            nursery.publish_event("cry_started", "a")
            consumer.wait_for(lambda messages: len(messages) == 1, "/event")
        with connected(broker, received) as connection:
            wait_for_view(connection.registry, online=True)
            while not any(isinstance(message, EventMessage) for message in received):
                connection.registry.wait(connection.registry.version, 1)


def test_an_asyncio_loop_can_subscribe_to_changes(broker: Mosquitto) -> None:
    async def await_change(registry: SpeakerRegistry) -> None:
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        unsubscribe = registry.subscribe(lambda: loop.call_soon_threadsafe(changed.set))
        with SimulatedSpeaker(replace(QUICK, url=broker.url)).running():
            await asyncio.wait_for(changed.wait(), 10)
        unsubscribe()

    with connected(broker) as connection:
        asyncio.run(await_change(connection.registry))


def test_tls_with_password_and_the_acl_that_the_readme_gives(tmp_path: Path) -> None:
    certificates = Certificates.issue(tmp_path / "certificates")
    acl = tmp_path / "acl"
    with Mosquitto(tmp_path / "tls", password=True, certificates=certificates, started=False) as broker:
        acl.write_text(f"user {USERNAME}\ntopic readwrite hushd/nursery/#\n")
        broker._config.write_text(f"{broker._config.read_text()}acl_file {acl}\n")
        broker.start()
        settings = replace(QUICK, url=broker.url, username=USERNAME, password=PASSWORD, tls_ca=certificates.authority)
        topics = TopicMap(settings.prefix, "nursery")
        with SimulatedSpeaker(settings).running(), SpeakerConnection(topics, settings) as connection:
            wait_for_view(connection.registry, online=True)
            reply = connection.commands.await_reply("nursery", connection.commands.send("nursery", "alerts", "off"))
            assert reply is not None
            assert reply.accepted
