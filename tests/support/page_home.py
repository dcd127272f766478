"""Home with a broker, the page and speakers whose messages the test chooses; phones are plain HTTP clients.

with Home(tmp_path) as home:
    home.speaker.go_online()
    home.phone().get("/phones")
"""

import json
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx

from edge.companion.history.journal import Journal
from edge.companion.mqtt.messages import CommandAck, EventMessage, SpeakerMessage
from edge.companion.mqtt.speaker_connection import SpeakerConnection
from edge.companion.mqtt.topic_map import TopicMap
from edge.companion.web.server import serve
from edge.companion.web.sessions import SessionStore
from edge.config.companion import PageSettings
from edge.mqtt.settings import BrokerSettings
from edge.protocol.messages import (
    AlertStatus,
    BrokerStatus,
    CommandReply,
    CommandStatus,
    EventWriter,
    HealthMessage,
    StateMessage,
    StreamClock,
)
from edge.records import Event, EventKind, MicrophoneHealth, MicrophoneState, OutboxCounts
from tests.support.mosquitto import Consumer, Mosquitto

FROM_THE_PAGE = {"x-hushd": "1", "sec-fetch-site": "same-origin"}
WAIT_S = 10.0


class Speaker:
    """Publisher of a speaker's messages."""

    def __init__(self, consumer: Consumer, name: str = "nursery") -> None:
        self._consumer = consumer
        self._events = EventWriter(name)
        self._lock = threading.Lock()
        self._last_state: tuple[str, str | None, float] | None = None
        self.name = name
        self.alert_status = AlertStatus(alerts=True, snoozed_until=None, sensitivity="normal", acknowledged=None)

    def go_online(self) -> None:
        """Publish that the speaker is online and listening, and a first heartbeat."""
        self.publish("status", "online", retain=True)
        self.publish("listening", "online", retain=True)
        self.publish_state("quiet")

    def publish_state(self, state: str, episode_id: str | None = None, level_dbfs: float = -52.0) -> None:
        """Publish a heartbeat with this state."""
        with self._lock:
            self._last_state = state, episode_id, level_dbfs
            self._publish_heartbeat(*self._last_state)

    def repeat_state(self) -> None:
        """Publish the last heartbeat again, with the time of now."""
        with self._lock:
            if self._last_state:
                self._publish_heartbeat(*self._last_state)

    def _publish_heartbeat(self, state: str, episode_id: str | None, level_dbfs: float) -> None:
        heartbeat = StateMessage(
            device=self.name,
            state=state,
            label="crying",
            probabilities={"crying": 0.9, "fussing": 0.1, "soothed-crying": 0.0, "none": 0.0},
            level_dbfs=level_dbfs,
            episode_id=episode_id,
            **asdict(self.alert_status),
            last_alert=None,
            lost_samples=0,
            model="cry-1",
            version="0.1.0",
            uptime_s=60.0,
            heartbeat_s=10.0,
            utc=datetime.now(UTC),
        )
        self.publish("state", heartbeat.to_json(), retain=True)

    def publish_event(self, kind: EventKind, episode_id: str, why: str, at: datetime | None = None) -> None:
        """Publish an event of now, or of another time."""
        event = Event(kind, episode_id, "crying", onset_s=54.0, at_s=60.0, confidence=0.93, why=why)
        self.publish("event", self._events.write(event, StreamClock.from_reading(60.0, at or datetime.now(UTC))))

    def publish_health(self, microphone: str, detail: str, *answers: CommandReply) -> None:
        """Publish a health message with the microphone's state and replies to commands."""
        health = HealthMessage(
            device=self.name,
            microphone=MicrophoneHealth(MicrophoneState(microphone), detail, lost_samples=0),
            broker=BrokerStatus(None),
            outbox=OutboxCounts(0, 0, 0),
            commands=CommandStatus(answers, lost=0),
            utc=datetime.now(UTC),
        )
        self.publish("health", health.to_json(), retain=True)

    def publish(self, leaf: str, text: str, *, retain: bool = False) -> None:
        """Publish any text on a topic of the speaker."""
        self._consumer.publish(f"hushd/{self.name}/{leaf}", text, retain=retain)


_hosts = count(2)


class Phone(httpx.Client):
    """HTTP client of a phone that keeps cookies and sends the page's headers, as a browser does."""

    def __init__(self, port: int) -> None:
        """Connect from an address that no other phone of the tests has."""
        address = httpx.HTTPTransport(local_address=f"127.0.0.{next(_hosts)}")
        super().__init__(base_url=f"http://127.0.0.1:{port}", headers=FROM_THE_PAGE, timeout=WAIT_S, transport=address)

    def pair(self, code: str, name: str = "Anna") -> httpx.Response:
        """Pair with a code."""
        return self.post("/pair", json={"code": code, "name": name})

    def send_command(self, name: str, value: object, device: str = "nursery") -> httpx.Response:
        """Send a command to a speaker."""
        return self.post("/command", json={"device": device, "name": name, "value": value})


class Home:
    """Broker, connection, journal and page of a home; entering returns when all of them run."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = PageSettings(**{"port": 0, **settings})
        self._folder = folder
        self._stack = ExitStack()
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        with self._stack as stack:
            self.broker = stack.enter_context(Mosquitto(self._folder / "mosquitto"))
            self.consumer = stack.enter_context(Consumer(self.broker))
            self.journal = Journal()
            stack.callback(self.journal.close)
            broker = BrokerSettings(url=self.broker.url, retry_min_s=0.1, retry_max_s=0.2)
            self.connection = stack.enter_context(
                SpeakerConnection(TopicMap(broker.prefix, "nursery"), broker, self._on_message)
            )
            self.registry = self.connection.registry
            self.sessions = SessionStore(
                self._folder / "access.sqlite",
                session_days=self.settings.session_days,
                pairing_minutes=self.settings.pairing_minutes,
            )
            self.page = stack.enter_context(serve(self.connection, self.journal, self.sessions, self.settings))
            self.speakers = [Speaker(self.consumer)]
            stack.callback(self._stopped.set)
            threading.Thread(target=self._repeat_states, name="speakers", daemon=True).start()
            version = 0
            while self.registry.problem:
                version = self.registry.wait(version, WAIT_S)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def speaker(self) -> Speaker:
        """The first speaker."""
        return self.speakers[0]

    def phone(self) -> Phone:
        """Return a new paired phone."""
        phone = self.unpaired_phone()
        secret = self.sessions.exchange(self.sessions.invite(), "Anna")
        assert secret
        phone.cookies.set("hushd", secret)
        return phone

    def unpaired_phone(self) -> Phone:
        """Return a new phone that is not paired."""
        phone = Phone(self.page.port)
        self._stack.callback(phone.close)
        return phone

    def wait_for_view(self, device: str, **fields: object) -> None:
        """Wait until the registry's view of a speaker has these values."""
        version = -1
        while not any(
            view.device == device and all(getattr(view, name) == value for name, value in fields.items())
            for view in self.registry.devices()
        ):
            seen = self.registry.wait(version, WAIT_S)
            assert seen > version, f"{device} was never {fields}: {self.registry.devices()}"
            version = seen

    def _repeat_states(self) -> None:
        """Send heartbeats as speakers do, however long a test takes."""
        while not self._stopped.wait(5.0):
            for speaker in self.speakers:
                speaker.repeat_state()

    def _on_message(self, message: SpeakerMessage) -> None:
        """Store events and verdicts in the journal, as the companion does."""
        match message:
            case EventMessage():
                self.journal.add(message)
            case CommandAck(device, "feedback", fields):
                self.journal.add_answer(device, fields["episode_id"], fields["verdict"], datetime.now(UTC))
            case _:
                return
        self.registry.touch()


def next_event(lines: Any, event: str = "house") -> Mapping[str, Any]:
    """Return the data of the next event of this kind on a stream."""
    for line in lines:
        if line == f"event: {event}":
            found: Mapping[str, Any] = json.loads(next(lines).removeprefix("data:") or "null")
            return found
    raise AssertionError("the stream has ended")
