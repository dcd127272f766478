"""One connection: its errors in words, and slow acknowledgements."""

import itertools
import os
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from edge.errors import BrokerError
from edge.mqtt.connection import Connection, probe
from edge.mqtt.publisher import Publisher
from edge.mqtt.settings import BrokerSettings
from edge.storage.outbox import Outbox, OutboxSettings
from tests.support.mosquitto import PASSWORD, USERNAME, Certificates, Mosquitto

pytestmark = pytest.mark.real

CONNACK, PUBACK = b"\x20\x02\x00\x00", b"\x40\x02"
CONNECT_TYPE, PUBLISH_TYPE = 1, 3


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.issue(tmp_path_factory.mktemp("tls") / "certificates")


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server, f"mqtt://127.0.0.1:{server.getsockname()[1]}"


def problem(settings: BrokerSettings) -> str:
    with pytest.raises(BrokerError) as caught:
        probe(settings, "nursery")
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_a_broker_that_accepts_the_connection(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, password=True) as broker:
        probe(BrokerSettings(url=broker.url, username=USERNAME, password=PASSWORD), "nursery")
        address = f"localhost:{broker.port}"
        probe(BrokerSettings(url=f"mqtt://{USERNAME}:p%3Ass%20w%2Frd%40%23%25@{address}"), "nursery")


def test_the_password_comes_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mqtt").write_text(PASSWORD + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with Mosquitto(tmp_path / "broker", password=True) as broker:
        probe(BrokerSettings(url=broker.url, username=USERNAME), "nursery")


def test_by_hand_on_a_speaker_the_service_password_is_used(tmp_path: Path) -> None:
    settings = BrokerSettings("mqtt://localhost", username=USERNAME)
    assert settings.credentials(tmp_path / "mqtt.password") == (USERNAME, None)
    (tmp_path / "mqtt.password").write_text(PASSWORD + "\n")
    assert settings.credentials(tmp_path / "mqtt.password") == (USERNAME, PASSWORD)
    with pytest.raises(BrokerError, match=r"cannot be used: Is a directory$"):
        settings.credentials(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_password_unreadable_for_this_user_is_reported(tmp_path: Path) -> None:
    (tmp_path / "mqtt.password").write_text(PASSWORD)
    (tmp_path / "mqtt.password").chmod(0o600)
    os.seteuid(65534)
    try:
        with pytest.raises(BrokerError, match=r"mqtt\.password cannot be read by this user: use sudo$"):
            BrokerSettings("mqtt://localhost", username=USERNAME).credentials(tmp_path / "mqtt.password")
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_a_wrong_password(tmp_path: Path, password: str | None) -> None:
    with Mosquitto(tmp_path, password=True) as broker:
        settings = BrokerSettings(url=broker.url, username=USERNAME, password=password)
        assert "correct username and password" in problem(settings)


def test_a_broker_that_rejects_the_subscription(caplog: pytest.LogCaptureFixture) -> None:
    with listening() as (server, url):

        def refuse() -> None:
            peer, _ = server.accept()
            with peer, peer.makefile("rb") as stream:
                stream.read(1), stream.read(_length(stream))
                peer.sendall(CONNACK)
                stream.read(1)
                number = stream.read(_length(stream))[:2]
                peer.sendall(b"\x90\x03" + number + b"\x80")
                stream.read(1)

        broker = threading.Thread(target=refuse)
        broker.start()
        with Connection(BrokerSettings(url), "hushd-nursery") as connection:
            connection.subscribe("hushd/nursery/set/+")
            assert not connection.subscribed
            while not caplog.records:
                connection.step(5.0)
            assert connection.subscribed  # the broker has replied, with a rejection
        broker.join()
    assert "does not allow the subscription: allow reading it in its ACL" in caplog.text


def test_a_closed_port() -> None:
    with listening() as (_, url):
        pass
    assert "refuses connections: is it running, and on this port?" in problem(BrokerSettings(url=url))


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b"])
def test_an_unknown_host(host: str) -> None:
    assert f"unknown host {host}: check its spelling" in problem(BrokerSettings(url=f"mqtt://{host}"))


def test_a_silent_server() -> None:
    with listening() as (_, url):
        settings = BrokerSettings(url=url, connect_timeout_s=0.2)
        assert "accepts connections but does not answer as an MQTT broker" in problem(settings)
        assert "does not answer within 0.2 s" in problem(replace(settings, url=url.replace("mqtt", "mqtts")))


def test_plain_to_a_tls_port(tmp_path: Path, issued: Certificates) -> None:
    with Mosquitto(tmp_path, certificates=issued) as broker:
        assert "is this port for TLS (mqtts://)" in problem(BrokerSettings(url=broker.url.replace("mqtts", "mqtt")))


def test_tls_to_a_plain_port(tmp_path: Path) -> None:
    with Mosquitto(tmp_path) as broker:
        said = problem(BrokerSettings(url=broker.url.replace("mqtt", "mqtts"), connect_timeout_s=1.0))
        assert "is this a TLS port" in said


def test_tls_to_a_name_the_certificate_lacks(tmp_path: Path, issued: Certificates) -> None:
    with Mosquitto(tmp_path, certificates=issued) as broker:
        settings = BrokerSettings(url=f"mqtts://127.0.0.2:{broker.port}", tls_ca=issued.authority)
        with closing(socket.create_server(("127.0.0.2", broker.port))) as relay:
            thread = threading.Thread(target=_relay_once, args=(relay, broker.port))
            thread.start()
            assert "has a certificate that is not trusted (IP address mismatch" in problem(settings)
            thread.join()


def _relay_once(relay: socket.socket, port: int) -> None:
    """Relay one connection in both directions until the client leaves."""
    client, _ = relay.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        server.sendall(client.recv(65536))
        client.sendall(server.recv(65536))
        client.recv(65536)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("tls_ca", r"tls_ca \S+ cannot be used: No such file"),
        ("tls_cert", r"tls_cert \S+ cannot be used: No such file"),
    ],
)
def test_a_missing_certificate(tmp_path: Path, setting: str, message: str) -> None:
    settings = BrokerSettings(url="mqtts://localhost", **{setting: tmp_path / "missing.pem"})  # type: ignore[arg-type]
    with pytest.raises(BrokerError, match=message):
        probe(settings, "nursery")


def test_an_invalid_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    assert "tls_ca" in problem(BrokerSettings(url="mqtts://localhost", tls_ca=tmp_path / "ca.pem"))


def test_a_missing_password_file(tmp_path: Path) -> None:
    settings = BrokerSettings(username="nursery", password_file=tmp_path / "password")
    assert (
        problem(settings) == f"broker password_file {tmp_path / 'password'} cannot be used: No such file or directory"
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"url": "http://broker"}, "broker url must be mqtt://"),
        ({"url": "mqtt://a\udcff:b@broker"}, "broker url contains a control character"),
        ({"url": "broker:1883"}, "broker url must be mqtt://"),
        ({"url": "mqtt://"}, "broker url must be mqtt://"),
        ({"url": "mqtt://broker/topic"}, "topics are set by prefix"),
        ({"url": "mqtt://broker:99999"}, "port from 1 to 65535"),
        ({"url": "mqtt://broker:0"}, "port from 1 to 65535"),
        ({"url": "mqtt://user:sec/ret@broker"}, "write / in a password as %2F"),
        ({"password": "secret"}, "password_file, needs a username"),
        ({"tls_ca": Path("ca.pem")}, "need an mqtts:// url"),
        ({"url": "mqtts://broker", "tls_key": Path("key.pem")}, "tls_key needs tls_cert"),
        ({"prefix": "home/#"}, "without"),
        ({"keepalive_s": 0}, "must be above 0"),
        ({"keepalive_s": 65_536}, "keepalive_s must be at most 65535"),
        ({"heartbeat_s": 1e5}, "heartbeat_s, connect_timeout_s and retry_max_s must be at most 3600"),
        ({"connect_timeout_s": 1e300}, "connect_timeout_s and retry_max_s must be at most 3600"),
        ({"retry_max_s": 1e300}, "connect_timeout_s and retry_max_s must be at most 3600"),
        ({"retry_min_s": 20.0}, "at most retry_max_s"),
    ],
)
def test_invalid_settings_are_rejected(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        BrokerSettings(**wrong)  # type: ignore[arg-type]
    assert "sec" not in str(caught.value).replace("seconds", "")


def test_secrets_are_hidden() -> None:
    settings = BrokerSettings(url="mqtt://user:secret@broker", password="secret")
    assert "secret" not in repr(settings)
    assert settings.address == "broker:1883"


class Script(socketserver.BaseRequestHandler):
    """The reactions of a broker to publications on /event: one word each, over all connections."""

    server: "ScriptedBroker"

    def handle(self) -> None:
        stream = self.request.makefile("rb")
        for packet_type in iter(lambda: stream.read(1), b""):
            body = stream.read(_length(stream))
            kind = packet_type[0] >> 4
            if kind == CONNECT_TYPE:
                self.request.sendall(CONNACK)
            elif kind == PUBLISH_TYPE and not self._published(body):
                return

    def _published(self, body: bytes) -> bool:
        topic_end = 2 + int.from_bytes(body[:2], "big")
        acknowledgement = PUBACK + body[topic_end : topic_end + 2]
        if body[2:topic_end].endswith(b"/event"):
            self.server.events.append(body[topic_end + 2 :].decode())
            match next(self.server.script):
                case "hang up":
                    return False
                case "be slow":
                    time.sleep(1.0)
        self.request.sendall(acknowledgement)
        return True


class ScriptedBroker(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, *script: str) -> None:
        super().__init__(("127.0.0.1", 0), Script)
        self.script = itertools.chain(script, itertools.repeat("acknowledge"))
        self.events: list[str] = []

    @property
    def settings(self) -> BrokerSettings:
        return BrokerSettings(url=f"mqtt://127.0.0.1:{self.server_address[1]}", retry_min_s=0.05, retry_max_s=0.1)


def _length(stream: BinaryIO) -> int:
    length, shift = 0, 0
    while True:
        byte = stream.read(1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return length


@pytest.mark.parametrize(
    ("script", "arrivals"),
    [
        (["be slow"], ["1", "2"]),
        (["hang up"], ["1", "1", "2"]),
        (["hang up", "hang up", "be slow", "hang up"], ["1", "1", "1", "2", "2"]),
    ],
)
def test_only_a_lost_connection_repeats_an_event(script: list[str], arrivals: list[str]) -> None:
    outbox = Outbox(OutboxSettings())
    with ScriptedBroker(*script) as broker:
        server = threading.Thread(target=broker.serve_forever, args=(0.01,))
        server.start()
        publisher = Publisher(broker.settings, "nursery", outbox)
        publisher.start()
        for number in "12":
            outbox.add(f'{{"n":{number}}}', rings=True)
            publisher.wake()
        deadline = time.monotonic() + 10
        while outbox.counts().waiting and time.monotonic() < deadline:
            time.sleep(0.01)
        publisher.stop()
        broker.shutdown()
        server.join()
    assert broker.events == [f'{{"n":{number},"late":false}}' for number in arrivals]
    outbox.close()


def test_stopping_does_not_wait_for_a_dead_host() -> None:
    outbox = Outbox(OutboxSettings())
    with listening() as (server, url):
        publisher = Publisher(BrokerSettings(url=url, connect_timeout_s=1.0), "nursery", outbox)
        publisher.start()
        server.accept()[0].close()
        client, _ = server.accept()
        with client:
            began = time.monotonic()
            publisher.stop(timeout_s=0.3)
            assert time.monotonic() - began < 0.8
            outbox.close()
    for thread in threading.enumerate():
        if thread.name == "mqtt":
            thread.join()
