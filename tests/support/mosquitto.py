"""A real mosquitto for tests: on a free port, killed and restarted at will, with a consumer that records.

with Mosquitto(tmp_path) as broker, Consumer(broker) as consumer:
    ...
    consumer.wait_for(lambda heard: len(heard) == 3)
"""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.ports import free_port

USERNAME, PASSWORD = "nursery", "p:ss w/rd@#%"
_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority, and what it issued to the broker (localhost, 127.0.0.1) and to a client. PEM files."""

    authority: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path

    @classmethod
    def issue(cls, directory: Path) -> Self:
        """Make new ones with openssl."""
        _need("openssl")
        directory.mkdir()
        issued = cls(*(directory / name for name in ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")))
        authority_key = directory / "ca.key"
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        authority_extensions = ["-addext", "keyUsage=critical,keyCertSign"]
        _openssl("req", "-x509", *new_key, "-days", "2", "-subj", "/CN=Test authority", *authority_extensions,
                 "-keyout", authority_key, "-out", issued.authority)  # fmt: skip
        for name, certificate, key in (
            ("localhost", issued.server, issued.server_key),
            ("client", issued.client, issued.client_key),
        ):
            request, extensions = directory / "request.pem", directory / "extensions"
            extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n")
            _openssl("req", *new_key, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
            _openssl("x509", "-req", "-in", request, "-CA", issued.authority, "-CAkey", authority_key,
                     "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate)  # fmt: skip
        return issued


class Mosquitto:
    """A mosquitto of our own."""

    def __init__(
        self,
        directory: Path,
        *,
        password: bool = False,
        certificates: Certificates | None = None,
        client_certificate: bool = False,
        persistent: bool = False,
        started: bool = True,
    ) -> None:
        """``password`` asks for USERNAME and PASSWORD; ``persistent`` keeps retained messages and queues at once."""
        _need("mosquitto")
        self._certificates = certificates
        self._start_at_entry = started
        self._process: subprocess.Popen[str] | None = None
        self.port = free_port()
        lines = [f"listener {self.port} 127.0.0.1", "user root", "log_dest stderr"]
        lines += [f"log_type {kind}" for kind in ("error", "information")]
        lines += [f"allow_anonymous {str(not password).lower()}"]
        directory.mkdir(parents=True, exist_ok=True)
        if password:
            lines += [f"password_file {directory / 'passwords'}"]
            subprocess.run(["mosquitto_passwd", "-c", "-b", directory / "passwords", USERNAME, PASSWORD], check=True)
        if certificates:
            lines += [f"cafile {certificates.authority}", f"certfile {certificates.server}"]
            lines += [f"keyfile {certificates.server_key}", f"require_certificate {str(client_certificate).lower()}"]
        if persistent:
            lines += ["persistence true", f"persistence_location {directory}/"]
            lines += ["autosave_on_changes true", "autosave_interval 1"]
        self._config = directory / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")

    @property
    def url(self) -> str:
        """Without credentials."""
        return f"{'mqtts' if self._certificates else 'mqtt'}://localhost:{self.port}"

    def __enter__(self) -> Self:
        """Start, unless asked not to."""
        if self._start_at_entry:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        self.kill()

    def start(self) -> None:
        """Start, again on the same port; returns when it listens."""
        self._process = subprocess.Popen(["mosquitto", "-c", self._config], stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        log = ""
        for line in self._process.stderr:
            log += line
            if line.rstrip().endswith(" running"):
                return
        raise AssertionError(f"mosquitto did not start: {log}")

    def stop(self) -> None:
        """SIGTERM: an orderly end, what is persistent written down."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()
            self._process = None

    def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it reached the consumer."""

    topic: str
    text: str
    retained: bool
    qos: int
    at: float
    """time.monotonic()"""

    @property
    def json(self) -> dict[str, Any]:
        """The payload as an object."""
        fields: dict[str, Any] = json.loads(self.text)
        return fields


class Consumer:
    """Listens to all topics as a phone bridge would: a session of its own that survives its disconnections."""

    def __init__(self, broker: Mosquitto, *, client_id: str = "consumer", topic: str = "#") -> None:
        self._broker = broker
        self._topic = topic
        self._changed = threading.Condition()
        self._subscribed = threading.Event()
        self._heard: list[Heard] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)
        self._client.username_pw_set(USERNAME, PASSWORD)
        if broker._certificates:
            issued = broker._certificates
            self._client.tls_set(str(issued.authority), str(issued.client), str(issued.client_key))
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(self._topic, qos=1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message

    def __enter__(self) -> Self:
        """Connect; returns once subscribed."""
        self._client.connect("localhost", self._broker.port)
        self._client.loop_start()
        assert self._subscribed.wait(_WAIT_S)
        return self

    def publish(self, topic: str, text: str, *, retain: bool = False) -> None:
        """Say something; returns when the broker has it."""
        self._client.publish(topic, text, qos=1, retain=retain).wait_for_publish(_WAIT_S)

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def heard(self, topic_end: str = "") -> list[Heard]:
        """What has arrived so far on topics with this ending, oldest first."""
        with self._changed:
            return [message for message in self._heard if message.topic.endswith(topic_end)]

    def wait_for(self, enough: Callable[[list[Heard]], bool], topic_end: str = "", timeout_s: float = _WAIT_S) -> None:
        """Wait until what has been heard is enough."""
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self.heard(topic_end)), timeout_s), self.heard(topic_end)

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        heard = Heard(message.topic, message.payload.decode(), message.retain, message.qos, time.monotonic())
        with self._changed:
            self._heard.append(heard)
            self._changed.notify_all()


def _need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
