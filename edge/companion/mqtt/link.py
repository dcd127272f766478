"""Network thread of the companion: connects to the broker, subscribes, passes payloads on and publishes.

The broker queues events while the link is down (QoS 1, a persistent session). It queues no heartbeats: hours of them
would push the events out of its queue.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from edge.errors import BrokerError
from edge.mqtt.connection import Connection
from edge.mqtt.settings import BrokerSettings
from edge.process.backoff import Backoff
from edge.process.wakeup import Wakeup
from edge.process.worker import Worker

_log = logging.getLogger(__name__)

_STEP_S = 1.0
"""Longest wait of one step while connected, so that MQTT's keepalive is served this often."""
_MAX_WAITING = 64


class Link:
    """Connection to the broker that is renewed until it is stopped."""

    def __init__(
        self,
        settings: BrokerSettings,
        client_id: str,
        filters: Iterable[tuple[str, int]],
        on_payload: Callable[[str, bytes, bool], None],
        on_connection: Callable[[str | None], None],
    ) -> None:
        """Prepare a link; ``filters`` are topic filters with their QoS. Both callbacks run in the link's thread.

        ``on_payload`` receives topic, payload and whether the message is retained. ``on_connection`` receives None
        once the subscriptions hold, or the reason why there is no connection.
        """
        self._settings = settings
        self._client_id = client_id
        self._filters = tuple(filters)
        self._on_payload = on_payload
        self._on_connection = on_connection
        self._wakeup = Wakeup()
        self._outgoing: queue.Queue[tuple[str, str]] = queue.Queue(_MAX_WAITING)
        self._stop = threading.Event()
        self._connected = False
        self._problem = not_reached(settings)
        self._worker = Worker("broker", self._keep_connecting)

    def start(self) -> None:
        """Begin connecting; return at once."""
        self._worker.start()

    def check(self) -> None:
        """Raise the exception that has ended the link's thread, if one has."""
        self._worker.check()

    def send(self, topic: str, text: str) -> None:
        """Publish without retaining; raise BrokerError where there is no connection or the queue is full."""
        if not self._connected:
            raise BrokerError(self._problem)
        try:
            self._outgoing.put_nowait((topic, text))
        except queue.Full:
            raise BrokerError(f"broker {self._settings.address} is too slow: try again") from None
        self._wakeup.set()

    def stop(self, timeout_s: float = 0.5) -> None:
        """Disconnect; leave the thread behind where it waits for an unreachable host for longer than this."""
        self._stop.set()
        self._wakeup.set()
        self._worker.join(timeout_s)

    def _keep_connecting(self) -> None:
        backoff = Backoff(self._settings.retry_min_s, self._settings.retry_max_s)
        problem = ""
        while not self._stop.is_set():
            try:
                with Connection(self._settings, self._client_id, keep_session=True) as connection:
                    backoff.reset()
                    problem = ""
                    _log.info("connected to broker %s", self._settings.address)
                    self._serve(connection)
            except BrokerError as error:
                if str(error) != problem:  # log a problem once, not at each attempt
                    _log.warning("%s", error)
                self._problem = problem = str(error)
                self._on_connection(problem)
            if self._stop.wait(backoff.next_s()):
                break
        self._wakeup.close()

    def _serve(self, connection: Connection) -> None:
        for topic_filter, qos in self._filters:
            connection.subscribe(topic_filter, qos=qos)
        self._connected, announced = True, False
        try:
            while not self._stop.is_set():
                self._wakeup.clear()
                self._publish_waiting(connection)
                connection.step(_STEP_S, self._wakeup.wire)
                # Only once subscribed: a message that a speaker publishes before is not delivered here.
                if not announced and connection.subscribed:
                    announced = True
                    self._on_connection(None)
                for message in connection.received():
                    self._on_payload(message.topic, bytes(message.payload), message.retain)
        finally:  # before on_connection reports the loss: its receiver may send a command at once
            self._connected = False

    def _publish_waiting(self, connection: Connection) -> None:
        with suppress(queue.Empty):
            while True:
                topic, text = self._outgoing.get_nowait()
                connection.publish(topic, text, qos=1, retain=False)


def not_reached(settings: BrokerSettings) -> str:
    """Return the problem that holds before the first attempt to connect has ended."""
    return f"broker {settings.address} has not been reached yet"
