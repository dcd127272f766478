"""Publishes the outbox and the retained topics to the broker, and receives commands.

One thread does all network work, so a slow or broken network never delays detection. The main loop hands over events
through the outbox, and the rest through a buffer that keeps the newest text of each retained topic. Commands come back
through a queue. All are bounded.
Events go one at a time, each after the acknowledgement of the one before, so they arrive in order. While the
connection lives, an event is sent once, however slow its acknowledgement. Only a lost connection makes it go again.
"""

import logging
import queue
import threading
import time
from contextlib import suppress

from paho.mqtt.client import MQTTMessage

from edge.errors import BrokerError
from edge.mqtt.connection import Connection
from edge.mqtt.retained_buffer import RetainedBuffer
from edge.mqtt.settings import BrokerSettings
from edge.process.backoff import Backoff
from edge.process.worker import Worker
from edge.protocol import messages
from edge.protocol.commands import MAX_BYTES, CommandMessage
from edge.protocol.home_assistant import DiscoveryMessage
from edge.protocol.topics import Topics
from edge.storage.outbox import Outbox

_log = logging.getLogger(__name__)

_STEP_S = 1.0
"""Longest sleep of the network thread while connected, which bounds the delay of keepalive and expiry."""

_MAX_COMMANDS = 16
"""Capacity of the queue; the main loop empties it about ten times a second, faster than any parent taps."""


class Publisher:
    """Client of one broker, from start to stop, over any number of connections."""

    def __init__(
        self, settings: BrokerSettings, device: str, outbox: Outbox, discovery: DiscoveryMessage | None = None
    ) -> None:
        self._settings = settings
        self._client_id = f"hushd-{device}"
        self._topics = Topics.of(settings.prefix, device)
        self._outbox = outbox
        self._retained = RetainedBuffer()
        self._commands: queue.Queue[CommandMessage] = queue.Queue(_MAX_COMMANDS)
        self._lost_commands = 0
        self._stop = threading.Event()
        self._deadline = 0.0
        self._connected = False
        self._problem: str | None = None
        self._worker = Worker("mqtt", self._run)
        self.set_listening(False)
        self._discovery_status = discovery and discovery.status_topic
        if discovery:
            self._retained.put(discovery.topic, discovery.text)

    def start(self) -> None:
        """Start connecting, in a thread; return at once."""
        self._worker.start()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted the connection and it lives."""
        return self._connected

    @property
    def problem(self) -> str | None:
        """The reason for a missing connection, in one line; None while connected."""
        return self._problem

    @property
    def lost_commands(self) -> int:
        """Number of commands dropped because the queue was full."""
        return self._lost_commands

    def commands(self) -> list[CommandMessage]:
        """Return the commands received since the last call, in order."""
        commands = []
        with suppress(queue.Empty):
            while True:
                commands.append(self._commands.get_nowait())
        return commands

    def wake(self) -> None:
        """Deliver the event just added to the outbox; raise what has crashed the thread, as publishing does."""
        self._worker.check()
        self._retained.wake()

    def set_listening(self, listening: bool) -> None:
        """Publish on ``/listening`` whether sound is being classified."""
        self._retained.put(self._topics.listening, messages.ONLINE if listening else messages.OFFLINE)

    def publish_state(self, text: str) -> None:
        """Replace the heartbeat on ``/state``."""
        self._worker.check()
        self._retained.put(self._topics.state, text)

    def publish_health(self, text: str) -> None:
        """Replace the message on ``/health``."""
        self._worker.check()
        self._retained.put(self._topics.health, text)

    def stop(self, timeout_s: float = 1.5) -> None:
        """Deliver until the timeout, publish offline and disconnect."""
        self._deadline = time.monotonic() + timeout_s
        self._stop.set()
        self._retained.wake()
        # A thread blocked by a host that does not answer is left behind: once unblocked, it ends.
        self._worker.join(timeout_s)

    def _run(self) -> None:
        try:
            self._keep_connecting()
        finally:
            self._retained.close()

    def _keep_connecting(self) -> None:
        backoff = Backoff(self._settings.retry_min_s, self._settings.retry_max_s)
        while not self._stop.is_set():
            try:
                with Connection(self._settings, self._client_id, will_topic=self._topics.status) as connection:
                    if self._stop.is_set() and self._time_left() == 0:
                        return
                    backoff.reset()
                    self._connected, self._problem = True, None
                    _log.info("connected to broker %s", self._settings.address)
                    self._exchange(connection)
                    self._publish_offline(connection)
            except BrokerError as error:
                if str(error) != self._problem:  # one line a problem, not one an attempt
                    _log.warning("%s", error)
                self._problem = str(error)
            finally:
                self._connected = False
            if self._stop.wait(backoff.next_s()):
                return
            self._outbox.drop_expired()

    def _exchange(self, connection: Connection) -> None:
        connection.subscribe(self._topics.commands)
        if self._discovery_status:
            connection.subscribe(self._discovery_status)
        connection.publish(self._topics.status, messages.ONLINE, qos=1, retain=True)
        self._retained.mark_all_unsent()
        in_flight: tuple[int, int] | None = None  # message number at the broker, event id in the outbox
        while True:
            for topic, text in self._retained.take():
                connection.publish(topic, text, qos=1, retain=True)
            if in_flight is None and (event := self._outbox.due()):
                text = messages.mark_late(event.text, late=event.late)
                in_flight = connection.publish(self._topics.event, text, qos=1, retain=False), event.id
            if self._stop.is_set() and (in_flight is None or self._time_left() == 0):
                return
            acknowledged = connection.step(self._time_left(), self._retained.wakeup.wire)
            if in_flight and in_flight[0] in acknowledged:
                self._outbox.delete(in_flight[1])
                in_flight = None
            for message in connection.received():
                if message.topic != self._discovery_status:
                    self._enqueue(message)
                elif message.payload == messages.ONLINE.encode():
                    self._retained.mark_all_unsent()
                    self._retained.wake()

    def _enqueue(self, message: MQTTMessage) -> None:
        # One byte above the limit suffices to reject it.
        command = CommandMessage(
            message.topic.rpartition("/")[2], bytes(message.payload[: MAX_BYTES + 1]), message.retain
        )
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            self._lost_commands += 1

    def _publish_offline(self, connection: Connection) -> None:
        # A clean DISCONNECT cancels the last will, so publish here what it would.
        unacknowledged = {
            connection.publish(topic, messages.OFFLINE, qos=1, retain=True)
            for topic in (self._topics.listening, self._topics.status)
        }
        while unacknowledged and self._time_left() > 0:
            unacknowledged.difference_update(connection.step(self._time_left()))

    def _time_left(self) -> float:
        """Return the seconds that the thread may sleep: once stopping, those until the deadline."""
        return max(0.0, min(_STEP_S, self._deadline - time.monotonic())) if self._stop.is_set() else _STEP_S
