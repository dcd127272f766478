"""Connection to all speakers of a home: what they publish, what is known of them, and commands to them."""

import logging
from collections.abc import Callable
from typing import Self

from edge.companion.mqtt import messages
from edge.companion.mqtt.command_client import CommandClient
from edge.companion.mqtt.link import Link, not_reached
from edge.companion.mqtt.messages import SpeakerMessage
from edge.companion.mqtt.speaker_registry import SpeakerRegistry
from edge.companion.mqtt.topic_map import TopicMap
from edge.mqtt.settings import BrokerSettings

_log = logging.getLogger(__name__)

_QOS = {"status": 0, "listening": 0, "state": 0, "health": 0, "event": 1}
"""Of each subscribed topic, by its last level."""


class SpeakerConnection:
    """The link to the broker with the registry that it keeps current and the client that sends through it."""

    def __init__(
        self,
        topics: TopicMap,
        broker: BrokerSettings,
        on_message: Callable[[SpeakerMessage], None] = lambda _: None,
        on_connection: Callable[[str | None], None] = lambda _: None,
        client_id_suffix: str = "",
    ) -> None:
        """Prepare a connection; entering it begins to connect.

        ``on_message`` receives each message, ``on_connection`` None once the broker is reached, or the reason why it
        is not. Both run in the link's thread, ``on_message`` also in that of a sender of commands. The broker closes
        the connection of one of two clients with the same id, so each companion needs its own suffix.
        """
        self._topics = topics
        self._on_message = on_message
        self._on_connection = on_connection
        filters = [(topics.filter(leaf), qos) for leaf, qos in _QOS.items()]
        client_id = f"hushd-{topics.only}-phone{client_id_suffix}"
        self._link = Link(broker, client_id, filters, self._receive, self._set_problem)
        self.registry = SpeakerRegistry(broker.heartbeat_s, not_reached(broker))
        self.commands = CommandClient(self.registry, topics, self._link.send, on_message)

    def __enter__(self) -> Self:
        """Begin connecting; return at once."""
        self._link.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._link.stop()

    def check(self) -> None:
        """Raise the exception that has ended the link's thread, if one has."""
        self._link.check()

    def _set_problem(self, problem: str | None) -> None:
        self.registry.set_problem(problem)
        self._on_connection(problem)

    def _receive(self, topic: str, payload: bytes, retained: bool) -> None:
        found = self._topics.device_of(topic)
        if found is None or not self.registry.accepts(found[0]):
            return
        device, leaf = found
        try:
            message = messages.read(device, leaf, payload, retained=retained)
        except ValueError as error:
            _log.warning("a message on %.100s is ignored: %s", topic, error)
            return
        self.registry.apply(message)
        self._on_message(message)
