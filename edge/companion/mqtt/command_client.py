"""Client that sends parents' commands to the speakers and waits for their replies."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from edge.companion.mqtt.messages import CommandAck
from edge.companion.mqtt.speaker_registry import SpeakerRegistry
from edge.companion.mqtt.topic_map import TopicMap
from edge.errors import BrokerError
from edge.protocol.messages import CommandReply


class CommandClient:
    """Sender of commands and of answers to test alerts; replies are read from the registry."""

    def __init__(
        self,
        registry: SpeakerRegistry,
        topics: TopicMap,
        publish: Callable[[str, str], None],
        on_sent: Callable[[CommandAck], None],
    ) -> None:
        """``publish`` takes topic and text and raises BrokerError; ``on_sent`` receives each command that was sent."""
        self._registry = registry
        self._topics = topics
        self._publish = publish
        self._on_sent = on_sent

    def send(self, device: str, name: str, value: str | float | Mapping[str, Any]) -> str:
        """Send a command of ``edge.protocol.commands`` and return its id; raise BrokerError where that fails.

        ``value`` is a bare value, or the fields of feedback.
        """
        if not self._registry.is_known(device):
            raise BrokerError(f"no speaker called {device!r:.40} has been heard of")
        command_id = uuid4().hex
        fields = dict(value) if isinstance(value, Mapping) else {"value": value}
        # Without "at": the speaker would reject a command of a companion whose clock differs from its own.
        self._publish(self._topics.topics_of(device).command(name), json.dumps({**fields, "id": command_id}))
        self._on_sent(CommandAck(device, name, fields))
        return command_id

    def await_reply(self, device: str, command_id: str, timeout_s: float = 5.0) -> CommandReply | None:
        """Return the speaker's reply to a command, or None where it does not come in time."""
        return self._registry.wait_for(lambda: self._registry.reply(device, command_id), timeout_s)

    def answer_test(self, device: str, text: str) -> None:
        """Publish how far a test alert has come; raise BrokerError where that fails."""
        self._publish(self._topics.topics_of(device).test, text)
