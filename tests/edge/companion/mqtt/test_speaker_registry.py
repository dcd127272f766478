"""The registry of speakers and the command client without a broker: messages in, views and payloads out."""

import json
from datetime import timedelta
from types import MappingProxyType

import pytest

from edge.companion.mqtt.command_client import CommandClient
from edge.companion.mqtt.messages import CommandAck, Health, MicrophoneMessage, Status, TopicCleared
from edge.companion.mqtt.speaker_registry import SpeakerRegistry
from edge.companion.mqtt.topic_map import TopicMap
from edge.errors import BrokerError
from edge.protocol.messages import CommandReply
from tests.support.speaker_messages import build_heartbeat, utc


@pytest.fixture
def registry() -> SpeakerRegistry:
    return SpeakerRegistry(default_heartbeat_s=10.0, problem="not reached yet")


def test_each_message_updates_its_speakers_view(registry: SpeakerRegistry) -> None:
    for message in (Status("nursery", True), MicrophoneMessage("nursery", True), Status("attic", False)):
        registry.apply(message)
    attic, nursery = registry.devices()
    assert (attic.device, attic.online, attic.listening) == ("attic", False, False)
    assert (nursery.device, nursery.online, nursery.listening) == ("nursery", True, True)
    registry.apply(TopicCleared("attic"))
    assert [view.device for view in registry.devices()] == ["nursery"]


@pytest.mark.parametrize(("heartbeat_s", "silent_after_s"), [(2.0, 7.0), (None, 31.0)])
def test_a_speaker_is_silent_after_three_heartbeats(
    registry: SpeakerRegistry, heartbeat_s: float | None, silent_after_s: float
) -> None:
    registry.apply(build_heartbeat("quiet", 0, heartbeat_s=heartbeat_s))
    (view,) = registry.devices()
    assert view.silent_after == timedelta(seconds=silent_after_s)


def test_every_change_raises_the_version_and_runs_the_callbacks(registry: SpeakerRegistry) -> None:
    versions = list[int]()
    unsubscribe = registry.subscribe(lambda: versions.append(registry.version))
    registry.set_problem(None)
    registry.set_warnings(("the disk is full",))
    registry.set_alarm("nursery", "it is gone")
    registry.touch()
    unsubscribe()
    registry.touch()
    assert versions == [1, 2, 3, 4]
    assert (registry.problem, registry.warnings) == (None, ("the disk is full",))
    assert registry.devices()[0].alarm == "it is gone"
    assert registry.wait(after_version=4, timeout_s=0) == 5


def test_a_33rd_speaker_is_not_accepted_and_the_known_ones_are(registry: SpeakerRegistry) -> None:
    for number in range(32):
        assert registry.accepts(f"speaker-{number}")
        registry.apply(Status(f"speaker-{number}", True))
    assert registry.accepts("speaker-0")
    assert not registry.accepts("speaker-32")


def test_a_command_is_published_with_an_id_by_which_its_reply_is_found(registry: SpeakerRegistry) -> None:
    published = list[tuple[str, str]]()
    sent = list[CommandAck]()
    client = CommandClient(
        registry, TopicMap("hushd/{device}", "nursery"), lambda *each: published.append(each), sent.append
    )
    with pytest.raises(BrokerError, match="'nursery'"):
        client.send("nursery", "snooze", 30)
    assert (published, sent) == ([], [])
    registry.apply(Status("nursery", True))
    command_id = client.send("nursery", "snooze", 30)
    ((topic, text),) = published
    assert (topic, json.loads(text)) == ("hushd/nursery/set/snooze", {"value": 30, "id": command_id})
    assert sent == [CommandAck("nursery", "snooze", {"value": 30})]
    assert client.await_reply("nursery", command_id, timeout_s=0) is None
    reply = CommandReply("snooze", command_id, True, "snoozed", utc(0))
    registry.apply(Health("nursery", (reply,), MappingProxyType({})))
    assert client.await_reply("nursery", command_id, timeout_s=0) == reply
    client.answer_test("nursery", "{}")
    assert published[1:] == [("hushd/nursery/test", "{}")]
