"""The companion's line to the broker: one thread that connects, subscribes, hands over what comes and sends.

Events are kept by the broker while the line is down (QoS 1, a session of our own); heartbeats are not, or hours of them
would push the events out of the broker's queue.
"""

import logging
import queue
import random
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

from paho.mqtt.client import MQTTMessage

from edge.errors import BrokerError
from edge.mqtt.connection import Connection
from edge.mqtt.settings import BrokerSettings
from edge.process.wakeup import Wakeup
from edge.process.worker import Worker

_log = logging.getLogger(__name__)

_STEP_S = 1.0
"""Longest sleep while connected: the keepalive is looked after this often."""
_MAX_WAITING = 64


class Link:
    """Connected until stopped, through any number of connections."""

    def __init__(
        self,
        settings: BrokerSettings,
        client_id: str,
        filters: Iterable[tuple[str, int]],
        hear: Callable[[MQTTMessage], None],
        line: Callable[[str | None], None],
    ) -> None:
        """``filters`` come with their QoS. ``hear`` and ``line`` (None: connected, else why not): in its thread."""
        self._settings = settings
        self._client_id = client_id
        self._filters = tuple(filters)
        self._hear = hear
        self._line = line
        self._bell = Wakeup()
        self._outgoing: queue.Queue[tuple[str, str]] = queue.Queue(_MAX_WAITING)
        self._stop = threading.Event()
        self._connected = False
        self._problem = f"broker {settings.address} has not been reached yet"
        self._worker = Worker("house", self._keep_connecting)

    def start(self) -> None:
        """Begin connecting; returns at once."""
        self._worker.start()

    def check(self) -> None:
        """Raise what made its thread crash, if it did."""
        self._worker.check()

    def send(self, topic: str, text: str) -> None:
        """Publish, not retained; BrokerError where there is no connection to publish on."""
        if not self._connected:
            raise BrokerError(self._problem)
        try:
            self._outgoing.put_nowait((topic, text))
        except queue.Full:
            raise BrokerError(f"broker {self._settings.address} is too slow: try again") from None
        self._bell.set()

    def stop(self, timeout_s: float = 0.5) -> None:
        """Disconnect; a thread stuck on a host that does not answer is left behind."""
        self._stop.set()
        self._bell.set()
        self._worker.join(timeout_s)

    def _keep_connecting(self) -> None:
        patience_s = self._settings.retry_min_s
        problem = ""
        while not self._stop.is_set():
            try:
                with Connection(self._settings, self._client_id, keep_session=True) as connection:
                    patience_s, problem = self._settings.retry_min_s, ""
                    _log.info("connected to broker %s", self._settings.address)
                    self._converse(connection)
            except BrokerError as error:
                if str(error) != problem:  # once a problem, not once an attempt
                    _log.warning("%s", error)
                self._problem = problem = str(error)
                self._line(problem)
            if self._stop.wait(patience_s * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret
                break
            patience_s = min(2 * patience_s, self._settings.retry_max_s)
        self._bell.close()

    def _converse(self, connection: Connection) -> None:
        for topic_filter, qos in self._filters:
            connection.subscribe(topic_filter, qos=qos)
        self._connected, told = True, False
        try:
            while not self._stop.is_set():
                self._bell.clear()
                with suppress(queue.Empty):
                    while True:
                        topic, text = self._outgoing.get_nowait()
                        connection.publish(topic, text, qos=1, retain=False)
                connection.step(_STEP_S, self._bell.wire)
                # Not before: what a speaker says while we are not yet subscribed never comes.
                if not told and connection.subscribed:
                    told = True
                    self._line(None)
                for message in connection.received():
                    self._hear(message)
        finally:  # before the line is told: who hears of it may command at once
            self._connected = False
