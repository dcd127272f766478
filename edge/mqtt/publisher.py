"""Tells the world: drains the outbox to the broker and keeps the retained topics current.

One thread of its own does all the talking, so a slow or dead network never holds up listening. The main loop hands
it events through the outbox and the rest through a mailbox with one slot a topic, where newest wins; commands come back
through a queue: all bounded.
Events go one at a time, each after the acknowledgement of the one before, so they arrive in order. As long as the
connection lives, none is sent again however slow the acknowledgement; only a lost connection makes the outbox repeat.
"""

import logging
import queue
import random
import threading
import time
from contextlib import suppress

from paho.mqtt.client import MQTTMessage

from edge.errors import BrokerError
from edge.mqtt.connection import Connection
from edge.mqtt.retained_buffer import RetainedBuffer
from edge.mqtt.settings import BrokerSettings
from edge.protocol import messages
from edge.protocol.commands import MAX_BYTES, Message
from edge.protocol.home_assistant import Announcement
from edge.protocol.topics import Topics
from edge.storage.outbox import Outbox

_log = logging.getLogger(__name__)

_STEP_S = 1.0
"""Longest sleep of the network thread while connected: keepalive and expiry are looked after this often."""

_WAITING_COMMANDS = 16
"""The main loop takes them ten times a second; more at a time is no parent."""


class Publisher:
    """Delivers to one broker until stopped, through any number of connections."""

    def __init__(
        self, settings: BrokerSettings, device: str, outbox: Outbox, announcement: Announcement | None = None
    ) -> None:
        self._settings = settings
        self._client_id = f"hushd-{device}"
        self._topics = Topics.of(settings.prefix, device)
        self._outbox = outbox
        self._mailbox = RetainedBuffer()
        self._commands: queue.Queue[Message] = queue.Queue(_WAITING_COMMANDS)
        self._lost_commands = 0
        self._stop = threading.Event()
        self._deadline = 0.0
        self._connected = False
        self._problem: str | None = None
        self._crash: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self.set_listening(False)
        self._asked_on = announcement and announcement.asked_on
        if announcement:
            self._mailbox.put(announcement.topic, announcement.text)

    def start(self) -> None:
        """Begin connecting; returns at once."""
        self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and the connection lives."""
        return self._connected

    @property
    def problem(self) -> str | None:
        """Why there is no connection, in one line; None while there is one."""
        return self._problem

    @property
    def lost_commands(self) -> int:
        """Commands that came faster than they were taken."""
        return self._lost_commands

    def commands(self) -> list[Message]:
        """The commands that have come since the last call, in order."""
        taken = []
        with suppress(queue.Empty):
            while True:
                taken.append(self._commands.get_nowait())
        return taken

    def wake(self) -> None:
        """An event has been added to the outbox."""
        self._raise_crash()
        self._mailbox.wake()

    def set_listening(self, listening: bool) -> None:
        """Say on /listening whether sound is being classified."""
        self._mailbox.put(self._topics.listening, messages.ONLINE if listening else messages.OFFLINE)

    def publish_state(self, text: str) -> None:
        """Replace the heartbeat."""
        self._raise_crash()
        self._mailbox.put(self._topics.state, text)

    def publish_health(self, text: str) -> None:
        """Replace the health message."""
        self._raise_crash()
        self._mailbox.put(self._topics.health, text)

    def stop(self, timeout_s: float = 1.5) -> None:
        """Deliver what can be delivered in time, say goodbye and disconnect."""
        self._deadline = time.monotonic() + timeout_s
        self._stop.set()
        self._mailbox.wake()
        # Stuck on a host that does not answer, the thread is left behind: once it gets out, it does nothing more.
        self._thread.join(timeout_s)

    def _raise_crash(self) -> None:
        if self._crash is not None:
            raise self._crash

    def _run(self) -> None:
        try:
            self._keep_connecting()
        except Exception as crash:  # noqa: BLE001 - handed to the main loop, whose next call raises it
            self._crash = crash
        finally:
            self._mailbox.close()

    def _keep_connecting(self) -> None:
        patience_s = self._settings.retry_min_s
        while not self._stop.is_set():
            try:
                with Connection(self._settings, self._client_id, will_topic=self._topics.status) as connection:
                    if self._stop.is_set() and self._time_left() == 0:
                        return
                    patience_s = self._settings.retry_min_s
                    self._connected, self._problem = True, None
                    _log.info("connected to broker %s", self._settings.address)
                    self._converse(connection)
                    self._say_goodbye(connection)
            except BrokerError as error:
                if str(error) != self._problem:  # once a problem, not once an attempt
                    _log.warning("%s", error)
                self._problem = str(error)
            finally:
                self._connected = False
            # Jitter: after a power cut, a house full of devices does not fall on the broker at the same moment.
            if self._stop.wait(patience_s * random.uniform(0.5, 1.0)):  # noqa: S311 - no secret
                return
            patience_s = min(2 * patience_s, self._settings.retry_max_s)
            self._outbox.drop_expired()

    def _converse(self, connection: Connection) -> None:
        connection.subscribe(self._topics.commands)
        if self._asked_on:
            connection.subscribe(self._asked_on)
        connection.publish(self._topics.status, messages.ONLINE, qos=1, retain=True)
        self._mailbox.renew()
        in_flight: tuple[int, int] | None = None  # message number at the broker, event id in the outbox
        while True:
            for topic, text in self._mailbox.take():
                connection.publish(topic, text, qos=1, retain=True)
            if in_flight is None and (event := self._outbox.due()):
                text = messages.marked(event.text, late=event.late)
                in_flight = connection.publish(self._topics.event, text, qos=1, retain=False), event.id
            if self._stop.is_set() and (in_flight is None or self._time_left() == 0):
                return
            acknowledged = connection.step(self._time_left(), self._mailbox.bell.wire)
            if in_flight and in_flight[0] in acknowledged:
                self._outbox.delivered(in_flight[1])
                in_flight = None
            for message in connection.received():
                if message.topic != self._asked_on:
                    self._hand_over(message)
                elif message.payload == messages.ONLINE.encode():
                    self._mailbox.renew()
                    self._mailbox.wake()

    def _hand_over(self, message: MQTTMessage) -> None:
        # One byte too many is enough to refuse it by.
        command = Message(message.topic.rpartition("/")[2], bytes(message.payload[: MAX_BYTES + 1]), message.retain)
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            self._lost_commands += 1

    def _say_goodbye(self, connection: Connection) -> None:
        # A clean DISCONNECT cancels the last will, so its work is done here.
        unheard = {
            connection.publish(topic, messages.OFFLINE, qos=1, retain=True)
            for topic in (self._topics.listening, self._topics.status)
        }
        while unheard and self._time_left() > 0:
            unheard.difference_update(connection.step(self._time_left()))

    def _time_left(self) -> float:
        """Seconds the network thread may sleep: until the deadline once stopping."""
        return max(0.0, min(_STEP_S, self._deadline - time.monotonic())) if self._stop.is_set() else _STEP_S
