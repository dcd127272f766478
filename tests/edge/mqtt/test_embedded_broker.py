"""The embedded broker with real clients, and its end."""

import logging
import socket
import sys
import threading
import time
from queue import SimpleQueue

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from edge.errors import BrokerError, ConfigurationError
from edge.mqtt.embedded_broker import EmbeddedBroker
from edge.mqtt.publisher import Publisher
from edge.mqtt.settings import BrokerSettings
from edge.storage.outbox import Outbox, OutboxSettings

pytestmark = pytest.mark.real

pytest.importorskip("amqtt", reason="the extra demo is not installed")


class Listener:
    """A client that takes the first message on a topic."""

    def __init__(self, broker: EmbeddedBroker, topic: str) -> None:
        self._messages: SimpleQueue[paho.MQTTMessage] = SimpleQueue()
        subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = lambda _client, _userdata, message: self._messages.put(message)
        self._client.connect("127.0.0.1", BrokerSettings(url=broker.url).port)
        self._client.loop_start()
        assert subscribed.wait(5)

    def take(self) -> paho.MQTTMessage:
        message = self._messages.get(timeout=5)
        self.close()
        return message

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_an_event_with_qos_1_and_retained_status() -> None:
    outbox = Outbox(OutboxSettings())
    outbox.add('{"n":1}', rings=True)
    with EmbeddedBroker() as broker:
        event = Listener(broker, "hushd/nursery/event")
        publisher = Publisher(BrokerSettings(url=broker.url), "nursery", outbox)
        publisher.start()
        message = event.take()
        assert (message.payload, message.qos, message.retain) == (b'{"n":1,"late":false}', 1, False)
        message = Listener(broker, "hushd/nursery/status").take()
        assert (message.payload, message.retain) == (b"online", True)
        publisher.stop()
        assert outbox.counts().waiting == 0
        assert Listener(broker, "hushd/nursery/status").take().payload == b"offline"
    outbox.close()


def test_the_last_will() -> None:
    with EmbeddedBroker() as broker:
        will = Listener(broker, "last/will")
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.will_set("last/will", "gone", qos=1)
        connected = threading.Event()
        client.on_connect = lambda *_: connected.set()
        client.connect("127.0.0.1", BrokerSettings(url=broker.url).port)
        client.loop_start()
        assert connected.wait(5)
        sock = client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)
        assert will.take().payload == b"gone"
        client.disconnect()
        client.loop_stop()


def test_it_stops_at_once_with_clients_connected() -> None:
    with EmbeddedBroker() as broker:
        listener = Listener(broker, "any")
        began = time.monotonic()
    assert time.monotonic() - began < 2.0
    assert "broker" not in {thread.name for thread in threading.enumerate()}
    listener.close()


def test_it_listens_on_loopback_and_logs_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with EmbeddedBroker() as broker:
        assert BrokerSettings(url=broker.url).host == "127.0.0.1"
        Listener(broker, "any").close()
    assert [record for record in caplog.records if not record.name.startswith("paho")] == []


def test_a_port_in_use() -> None:
    with EmbeddedBroker() as broker:
        port = BrokerSettings(url=broker.url).port
        with pytest.raises(BrokerError, match=f"cannot listen on 127.0.0.1:{port}: "), EmbeddedBroker(port=port):
            pass


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "amqtt", None)
    with pytest.raises(ConfigurationError, match=r"needs amqtt: pip install 'hushd\[demo\]'"), EmbeddedBroker():
        pass


class StuckBroker(EmbeddedBroker):
    """Its thread never starts the broker."""

    def _run(self) -> None:
        pass


def test_a_timeout_of_the_start_is_one_line() -> None:
    with pytest.raises(BrokerError, match=r"^embedded broker has not started within 0\.1 s: "):
        StuckBroker(start_s=0.1).__enter__()
