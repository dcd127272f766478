"""What the page and the companion know of the speakers, over a real broker; once with password, TLS and ACL."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.companion.mqtt.messages import EventMessage, Message
from edge.companion.mqtt.speaker_registry import DeviceView, SpeakerRegistry
from edge.companion.mqtt.topic_map import TopicMap
from edge.errors import BrokerError
from edge.mqtt.settings import BrokerSettings
from tests.support.mosquitto import PASSWORD, USERNAME, Certificates, Consumer, Mosquitto
from tests.support.simulated_speaker import Nursery

QUICK = BrokerSettings(retry_min_s=0.1, retry_max_s=0.2)


@contextmanager
def house(broker: Mosquitto, heard: list[Message] | None = None) -> Iterator[SpeakerRegistry]:
    settings = replace(QUICK, url=broker.url)
    hear = heard.append if heard is not None else lambda _: None
    with SpeakerRegistry(TopicMap(settings.prefix, "nursery"), settings, hear) as house:
        yield house


def until_view(house: SpeakerRegistry, **wanted: object) -> DeviceView:
    """Wait until the only speaker is seen like this."""
    for _ in range(200):
        seen = house.version
        for view in house.devices():
            if all(getattr(view, name) == value for name, value in wanted.items()):
                return view
        house.wait(seen, timeout_s=0.1)
    raise AssertionError((wanted, house.devices(), house.problem))


def until_reached(house: SpeakerRegistry) -> None:
    """Wait until it is subscribed to everything; what the broker had kept may come, and be viewed, before."""
    while house.problem is not None:
        house.wait(house.version, 1)


def test_a_speaker_comes_speaks_and_goes(broker: Mosquitto) -> None:
    with house(broker) as home:
        with Nursery(replace(QUICK, url=broker.url)).alive() as nursery:
            view = until_view(home, online=True, listening=True)
            nursery.hear(False)
            until_view(home, listening=False)
            nursery.state = "fussing"
            while view.state is None or view.state["state"] != "fussing":
                home.wait(home.version, 1)
                (view,) = home.devices()
            assert view.last_heard is not None
            assert view.silence == timedelta(seconds=1.3)  # by its own heartbeat
        until_view(home, online=False)


def test_what_the_broker_had_kept_is_shown_but_not_taken_for_fresh(broker: Mosquitto) -> None:
    with Nursery(replace(QUICK, url=broker.url)).alive(), house(broker) as home:
        while until_view(home, online=True).last_heard is None:
            home.wait(home.version, 1)
    with house(broker) as home:
        while until_view(home, online=False).state is None:
            home.wait(home.version, 1)
        assert until_view(home, online=False).last_heard is None


def test_commands_are_obeyed_or_refused_with_a_reason(broker: Mosquitto) -> None:
    with Nursery(replace(QUICK, url=broker.url)).alive(), house(broker) as home, Consumer(broker) as consumer:
        until_view(home, online=True)
        obeyed = home.await_answer("nursery", home.command("nursery", "snooze", 30))
        refused = home.await_answer("nursery", home.command("nursery", "acknowledge", "latest"))
        feedback = home.await_answer(
            "nursery", home.command("nursery", "feedback", {"episode_id": "latest", "verdict": "right"})
        )
        assert obeyed is not None
        assert obeyed.accepted
        assert refused is not None
        assert (refused.accepted, refused.name) == (False, "acknowledge")
        assert "no episode" in refused.detail
        assert feedback is not None
        assert not feedback.accepted
        sent = consumer.heard("/set/snooze")
        assert [(message.retained, message.qos) for message in sent] == [(False, 1)]
        assert home.await_answer("nursery", "no such id", timeout_s=0.1) is None


def test_a_command_that_cannot_be_sent_is_a_broker_error(broker: Mosquitto) -> None:
    with house(broker) as home:
        with pytest.raises(BrokerError, match="no speaker called 'attic'"):
            home.command("attic", "snooze", 30)
        with Nursery(replace(QUICK, url=broker.url)).alive():
            until_view(home, online=True)
        until_reached(home)
        broker.kill()
        while home.problem is None:
            home.wait(home.version, 1)
        with pytest.raises(BrokerError, match="broker localhost"):
            home.command("nursery", "snooze", 30)


def test_junk_on_the_topics_is_passed_over(broker: Mosquitto) -> None:
    with house(broker) as home, Consumer(broker) as somebody:
        for number in range(40):
            somebody.publish(f"hushd/speaker-{number}/status", "online")
        somebody.publish("hushd/speaker-1/state", "{")
        somebody.publish("hushd/speaker-1/event", json.dumps({"v": 1, "rings": True}))
        somebody.publish("hushd/speaker-1/listening", "online")
        for _ in range(100):
            if any(view.listening for view in home.devices()):
                break
            home.wait(home.version, 0.1)
        assert len(home.devices()) == 32
        assert not any(view.state for view in home.devices())


def test_an_event_that_comes_while_we_are_away_is_kept_by_the_broker(broker: Mosquitto) -> None:
    heard = list[Message]()
    with Nursery(replace(QUICK, url=broker.url)).alive() as nursery:
        with house(broker) as home:
            until_reached(home)
        with Consumer(broker) as consumer:
            nursery.says("cry_started", "a")
            consumer.wait_for(lambda messages: len(messages) == 1, "/event")
        with house(broker, heard) as home:
            until_view(home, online=True)
            while not any(isinstance(message, EventMessage) for message in heard):
                home.wait(home.version, 1)


def test_asyncio_is_told_of_changes(broker: Mosquitto) -> None:
    async def follow(home: SpeakerRegistry) -> None:
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        unsubscribe = home.subscribe(lambda: loop.call_soon_threadsafe(changed.set))
        with Nursery(replace(QUICK, url=broker.url)).alive():
            await asyncio.wait_for(changed.wait(), 10)
        unsubscribe()

    with house(broker) as home:
        asyncio.run(follow(home))


def test_by_tls_with_password_and_an_acl_that_allows_just_what_the_readme_says(tmp_path: Path) -> None:
    certificates = Certificates.issue(tmp_path / "certificates")
    acl = tmp_path / "acl"
    with Mosquitto(tmp_path / "tls", password=True, certificates=certificates, started=False) as broker:
        acl.write_text(f"user {USERNAME}\ntopic readwrite hushd/nursery/#\n")
        broker._config.write_text(f"{broker._config.read_text()}acl_file {acl}\n")
        broker.start()
        settings = replace(QUICK, url=broker.url, username=USERNAME, password=PASSWORD, tls_ca=certificates.authority)
        with Nursery(settings).alive(), SpeakerRegistry(TopicMap(settings.prefix, "nursery"), settings) as home:
            until_view(home, online=True)
            answer = home.await_answer("nursery", home.command("nursery", "alerts", "off"))
            assert answer is not None
            assert answer.accepted
