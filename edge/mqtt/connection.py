"""One connection to an MQTT broker, from CONNECT to its end; failures are a BrokerError with cause and remedy.

A paho client serves one connection and is then discarded. The thread that calls ``step`` drives it. So no message stays
in its memory to be sent again without the outbox, every failure is an exception where it can be handled, and the next
attempt reads renewed certificates and passwords.

There are no retries here. The wait between attempts is ``BrokerSettings.retry_max_s``; the loops are in
``edge.mqtt.publisher`` and ``edge.companion.mqtt.link``.
"""

import logging
import select
import socket
import ssl
import time
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import BrokerError
from edge.mqtt.settings import BrokerSettings
from edge.protocol.messages import OFFLINE

_log = logging.getLogger(__name__)

_CONNACK_ERRORS = {
    "Bad user name or password": "rejects the user name or password: correct username and password",
    "Not authorized": "rejects hushd as not authorized: correct username and password, or allow them on the broker",
    "Server unavailable": "reports that it is unavailable: look at its log",
    "Client identifier not valid": "rejects the client identifier: change the device name",
    "Unsupported protocol version": "does not speak MQTT 3.1.1: use another broker",
}


class Connection:
    """Context manager of one connection, for one thread: entering connects, leaving disconnects."""

    def __init__(
        self, settings: BrokerSettings, client_id: str, will_topic: str | None = None, *, keep_session: bool = False
    ) -> None:
        """With ``keep_session`` the broker stores messages of QoS 1 while this client is disconnected."""
        self._settings = settings
        self._connack: ReasonCode | None = None
        self._acknowledged: list[int] = []
        self._received: list[mqtt.MQTTMessage] = []
        self._pending_subscriptions: set[int | None] = set()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=not keep_session,
            protocol=mqtt.MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = settings.connect_timeout_s
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        if will_topic is not None:
            self._client.will_set(will_topic, OFFLINE, qos=1, retain=True)

    def __enter__(self) -> Self:
        """Connect; raise BrokerError with the reason where that fails."""
        if credentials := self._settings.credentials():
            self._client.username_pw_set(*credentials)
        if context := self._settings.tls():
            self._client.tls_set_context(context)
        try:
            self._client.connect(self._settings.host, self._settings.port, self._settings.keepalive_s)
        except (OSError, UnicodeError) as error:
            raise BrokerError(_describe_error(error, self._settings)) from error
        self._await_connack()
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect; no-op when the connection is already lost."""
        self._client.disconnect()
        if (sock := self._client.socket()) is not None:
            sock.close()

    def publish(self, topic: str, text: str, *, qos: int, retain: bool) -> int:
        """Send a message; return its number, which ``step`` returns once the broker has acknowledged it (QoS 1)."""
        return self._client.publish(topic, text, qos, retain).mid

    def subscribe(self, topic_filter: str, *, qos: int = 1) -> None:
        """Subscribe to topics; ``received`` returns their messages, with QoS 1 each at least once."""
        _, mid = self._client.subscribe(topic_filter, qos=qos)
        self._pending_subscriptions.add(mid)

    @property
    def subscribed(self) -> bool:
        """Whether the broker has acknowledged every ``subscribe``, so that messages published from now on arrive."""
        return not self._pending_subscriptions

    def received(self) -> list[mqtt.MQTTMessage]:
        """Return the messages received since the last call, in order."""
        received, self._received = self._received, []
        return received

    def step(self, timeout_s: float, wake: socket.socket | None = None) -> list[int]:
        """Send and receive until an event, until ``wake`` is readable, or for ``timeout_s``.

        Return the numbers of the messages acknowledged; raise BrokerError when the connection is lost.
        """
        sock = self._client.socket()
        if sock is not None:
            # TLS may hold decrypted bytes for which the socket itself never becomes readable.
            pending = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
            readable, writable, _ = select.select(
                [sock] if wake is None else [sock, wake],
                [sock] if self._client.want_write() else [],
                [],
                0.0 if pending else timeout_s,
            )
            if pending or sock in readable:
                self._client.loop_read()
            if sock in writable:
                self._client.loop_write()
            self._client.loop_misc()
        if self._client.socket() is None:
            raise BrokerError(self._describe_loss())
        acknowledged, self._acknowledged = self._acknowledged, []
        return acknowledged

    def _await_connack(self) -> None:
        deadline = time.monotonic() + self._settings.connect_timeout_s
        while self._connack is None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise BrokerError(f"{self._settings.address} accepts connections but does not answer as an MQTT broker")
            self.step(remaining)
        if self._connack.is_failure:
            raise BrokerError(self._describe_loss())

    def _describe_loss(self) -> str:
        broker = f"broker {self._settings.address}"
        if self._connack is None:
            return (
                f"{broker} closed the connection before answering: is this port for TLS (mqtts://) or not MQTT at all?"
            )
        if self._connack.is_failure:
            return (
                f"{broker} {_CONNACK_ERRORS.get(self._connack.getName(), f'rejects the connection: {self._connack}')}"
            )
        return f"{broker} is gone: it stopped, the network failed, or another device uses the same name"

    def _on_connect(self, _client: mqtt.Client, _userdata: Any, _flags: Any, answer: ReasonCode, _more: Any) -> None:
        self._connack = answer

    def _on_publish(self, _client: mqtt.Client, _userdata: Any, mid: int, _reason: ReasonCode, _more: Any) -> None:
        self._acknowledged.append(mid)

    def _on_message(self, _client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        self._received.append(message)

    def _on_subscribe(
        self, _client: mqtt.Client, _userdata: Any, mid: int, reasons: list[ReasonCode], _more: Any
    ) -> None:
        self._pending_subscriptions.discard(mid)
        if any(reason.is_failure for reason in reasons):
            _log.warning(
                "broker %s does not allow the subscription: allow reading it in its ACL", self._settings.address
            )


def probe(settings: BrokerSettings, device: str) -> None:
    """Connect and disconnect as the daemon does, for ``hushd check``; raise BrokerError where that fails."""
    # With another client id, because the daemon's would disconnect a running daemon.
    with Connection(settings, f"hushd-{device}-check"):
        pass


def _describe_error(error: OSError | UnicodeError, settings: BrokerSettings) -> str:
    broker = f"broker {settings.address}"
    match error:
        case ConnectionRefusedError():
            return f"{broker} refuses connections: is it running, and on this port?"
        case TimeoutError():
            return (
                f"{broker} does not answer within {settings.connect_timeout_s:g} s: check address, network and firewall"
            )
        case socket.gaierror() | UnicodeError():
            return f"{broker}: unknown host {settings.host}: check its spelling and the network's name service"
        case ssl.SSLCertVerificationError():
            return (
                f"{broker} has a certificate that is not trusted ({error.verify_message}): set tls_ca to its authority"
            )
        case ssl.SSLError() | ConnectionError():
            reason = getattr(error, "reason", None) or error.strerror
            return f"{broker}: TLS failed ({reason}): is this a TLS port, and does it want tls_cert?"
        case _:
            return f"{broker} cannot be reached: {error.strerror or error}"
