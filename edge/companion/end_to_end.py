"""``hushd check --end-to-end``: is it alive, all the way to the phones?

A test alert, in which nobody cries, goes the way of a real one: to the broker, to the companion, to every push address.
Each leg is a line with its time; the first that does not answer ends it.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from edge.companion.mqtt import messages
from edge.companion.mqtt.messages import Heartbeat
from edge.config.configuration import Configuration
from edge.errors import BrokerError, ConfigurationError, HushdError, PushError
from edge.mqtt.connection import Connection
from edge.protocol import messages as payload
from edge.protocol import synthetic_alert
from edge.protocol.topics import Topics

_COMPANION_S = 5.0
_PUSH_S = 15.0
"""Apprise waits 4 s for a connection and 4 s for an answer."""
_SETTLE_S = 0.3
"""After the first companion, others on other machines are given so long."""


def check_end_to_end(configuration: Configuration, tell: Callable[[str, str], None]) -> int:
    """Tell each leg's name and what became of it; the exit code of the one that failed, else 0."""
    leg = "broker"
    try:
        if configuration.broker.url in ("embedded", "none"):
            raise ConfigurationError(f"a test alert needs a broker, not `{configuration.broker.url}`: set broker.url")
        start_s = time.monotonic()
        with Connection(configuration.broker, f"hushd-{configuration.device}-check") as connection:
            tell(leg, f"ok       lets us in, in {time.monotonic() - start_s:.2f} s")
            test = _TestAlert(configuration, connection)
            for leg, tried in test.legs():
                tell(leg, f"ok       {tried()}")
            for leg in test.addresses():
                tell(leg, f"ok       {test.push(leg)}")
    except HushdError as error:
        tell(leg, f"PROBLEM  {error}")
        return error.exit_code
    return 0


class _TestAlert:
    """One test alert, and what has been heard of it."""

    def __init__(self, configuration: Configuration, connection: Connection) -> None:
        self._configuration = configuration
        self._connection = connection
        self._topics = Topics.of(configuration.broker.prefix, configuration.device)
        self._id = f"test-{uuid4().hex}"
        self._sent_s = 0.0
        self._texts: dict[str, str] = {}
        """What the retained topics say."""
        self._heard: dict[str, tuple[dict[str, Any], float]] = {}
        """Each leg's answer, and after how many seconds it came."""
        self._companions: dict[str, int] = {}
        """To how many addresses each pushes."""

    def legs(self) -> list[tuple[str, Callable[[], str]]]:
        """Those before the push, in their order."""
        return [("delivery", self._delivery), ("speaker", self._speaker), ("companion", self._companion)]

    def addresses(self) -> list[str]:
        """The push addresses that have answered or will: first those that have."""
        count = sum(self._companions.values())
        self._await(lambda: len(self._pushes()) >= count, _PUSH_S)
        silent = count - len(self._pushes())
        return self._pushes() + [f"push {number + 1} of {count}" for number in range(count - silent, count)]

    def push(self, leg: str) -> str:
        """What a push service said."""
        if leg not in self._heard:
            raise PushError(f"no answer within {_PUSH_S:g} s: `journalctl -u hushd-phone` says more")
        answer, after_s = self._heard[leg]
        if answer["problem"] is not None:
            raise PushError(answer["problem"])
        return f"has taken it, {after_s:.2f} s after it was sent ({answer['took_s']:.2f} s in the push)"

    def _delivery(self) -> str:
        topics = self._topics
        for topic in (topics.event, topics.test, topics.status, topics.listening, topics.state):
            self._connection.subscribe(topic)
        text = synthetic_alert.alert(self._configuration.device, self._id, datetime.now(UTC))
        self._sent_s = time.monotonic()
        self._connection.publish(topics.event, text, qos=1, retain=False)
        if not self._await(lambda: "delivery" in self._heard, _COMPANION_S):
            raise BrokerError(
                f"it does not pass on what is sent to {topics.event}: allow reading and writing it in its ACL"
            )
        return f"passes it on in {self._heard['delivery'][1]:.2f} s"

    def _speaker(self) -> str:
        name, topics = self._configuration.device, self._topics
        if self._texts.get(topics.status) != payload.ONLINE:
            raise BrokerError(f"{name} is not there: is `hushd run` running, under this name and prefix?")
        if self._texts.get(topics.listening) != payload.ONLINE:
            raise BrokerError(f"{name} hears nothing: `hushd check` there says why")
        try:
            beat = messages.read(name, "state", self._texts.get(topics.state, "").encode(), retained=True)
        except ValueError as error:
            raise BrokerError(f"{name} has a heartbeat that nobody can read: {error}") from error
        if not isinstance(beat, Heartbeat):
            raise BrokerError(f"{name} has had no heartbeat: restart it")
        age_s = (datetime.now(UTC) - beat.utc).total_seconds()
        heartbeat_s = beat.heartbeat_s or self._configuration.broker.heartbeat_s  # an older speaker does not say
        if abs(age_s) > payload.MISSED_BEATS * heartbeat_s:
            raise BrokerError(f"{name} has had no heartbeat for {age_s:.0f} s: restart it, or set the clocks")
        return f"{name} is listening, its last heartbeat {max(0.0, age_s):.0f} s ago"

    def _companion(self) -> str:
        if not self._await(lambda: "companion" in self._heard, _COMPANION_S):
            raise PushError(f"no answer within {_COMPANION_S:g} s: is `hushd phone` running, and on this broker?")
        answer, after_s = self._heard["companion"]
        if answer["problem"] is not None:
            raise PushError(answer["problem"])
        self._await(lambda: False, after_s + _SETTLE_S)
        count = sum(self._companions.values())
        if not count:
            raise PushError("it has nobody to push to: set phone.push.first")
        who = f"{len(self._companions)} companions, which push" if len(self._companions) > 1 else "pushes"
        return f"has heard it after {after_s:.2f} s, {who} to {count}"

    def _pushes(self) -> list[str]:
        return [leg for leg in self._heard if leg.startswith("push")]

    def _await(self, there: Callable[[], bool], timeout_s: float) -> bool:
        deadline_s = self._sent_s + timeout_s
        while not there() and (left_s := deadline_s - time.monotonic()) > 0:
            self._connection.step(min(left_s, 1.0))
            for message in self._connection.received():
                self._take(message.topic, bytes(message.payload))
        return there()

    def _take(self, topic: str, content: bytes) -> None:
        after_s = time.monotonic() - self._sent_s
        text = content.decode("utf-8", "replace")
        if topic not in (self._topics.event, self._topics.test):
            self._texts[topic] = text
            return
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if not isinstance(answer, dict) or answer.get("id") != self._id:  # whoever may write there
            return
        leg = "delivery" if topic == self._topics.event else self._leg(answer)
        self._heard.setdefault(leg, (answer, after_s))

    def _leg(self, answer: dict[str, Any]) -> str:
        companion = answer.get("companion", "")  # an older one does not say
        self._companions.setdefault(companion, answer["addresses"])
        number = list(self._companions).index(companion) + 1
        whose = f", companion {number}" if number > 1 else ""
        return f"push {answer['address']}{whose}" if answer["leg"] == "push" else "companion"
