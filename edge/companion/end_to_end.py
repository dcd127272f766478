"""End-to-end check (``hushd check --end-to-end``): sends a test alert along the way of a real one.

The alert goes to the broker, to the companion and to every push address. Each of these steps prints a line with its
time. The first step that fails ends the check.
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
from edge.protocol import synthetic_alert
from edge.protocol.heartbeat import HeartbeatPolicy
from edge.protocol.messages import ONLINE
from edge.protocol.topics import Topics

_COMPANION_S = 5.0
_PUSH_S = 15.0
"""Apprise waits 4 s for a connection and 4 s for an answer."""
_SETTLE_S = 0.3
"""After the first companion's answer, the time for companions on other machines to answer."""


def check_end_to_end(configuration: Configuration, report: Callable[[str, str], None]) -> int:
    """Run all steps and return 0, or the exit code of the one that failed.

    ``report`` receives each step's name and its result.
    """
    step = "broker"
    try:
        if configuration.broker.url in ("embedded", "none"):
            raise ConfigurationError(f"a test alert needs a broker, not `{configuration.broker.url}`: set broker.url")
        start_s = time.monotonic()
        with Connection(configuration.broker, f"hushd-{configuration.device}-check") as connection:
            report(step, f"ok       accepts the connection, in {time.monotonic() - start_s:.2f} s")
            test = _TestAlert(configuration, connection)
            for step, run in test.steps():
                report(step, f"ok       {run()}")
            for step in test.await_pushes():
                report(step, f"ok       {test.push_result(step)}")
    except HushdError as error:
        report(step, f"PROBLEM  {error}")
        return error.exit_code
    return 0


class _TestAlert:
    """One test alert and the messages that have come since it was sent."""

    def __init__(self, configuration: Configuration, connection: Connection) -> None:
        self._configuration = configuration
        self._connection = connection
        self._topics = Topics.of(configuration.broker.prefix, configuration.device)
        self._id = f"test-{uuid4().hex}"
        self._sent_s = 0.0
        self._texts: dict[str, str] = {}
        """Text of each retained topic."""
        self._answers: dict[str, tuple[dict[str, Any], float]] = {}
        """Each step's answer, and the seconds until it came."""
        self._companions: dict[str, int] = {}
        """Number of push addresses of each companion, by its identity."""

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Return name and function of the steps before the pushes, in their order."""
        return [
            ("delivery", self._check_delivery),
            ("speaker", self._check_speaker),
            ("companion", self._check_companion),
        ]

    def await_pushes(self) -> list[str]:
        """Wait until every push address has answered, at most ``_PUSH_S`` seconds; return the names of the pushes.

        Pushes with an answer come first, then one name for each address without.
        """
        count = sum(self._companions.values())
        self._await(lambda: len(self._pushes()) >= count, _PUSH_S)
        silent = count - len(self._pushes())
        return self._pushes() + [f"push {number + 1} of {count}" for number in range(count - silent, count)]

    def push_result(self, step: str) -> str:
        """Return a push's times; raise PushError with the reason of its service where it failed."""
        if step not in self._answers:
            raise PushError(f"no answer within {_PUSH_S:g} s: look at `journalctl -u hushd-phone`")
        answer, after_s = self._answers[step]
        if answer["problem"] is not None:
            raise PushError(answer["problem"])
        return f"has taken it, {after_s:.2f} s after it was sent ({answer['took_s']:.2f} s in the push)"

    def _check_delivery(self) -> str:
        topics = self._topics
        for topic in (topics.event, topics.test, topics.status, topics.listening, topics.state):
            self._connection.subscribe(topic)
        text = synthetic_alert.alert(self._configuration.device, self._id, datetime.now(UTC))
        self._sent_s = time.monotonic()
        self._connection.publish(topics.event, text, qos=1, retain=False)
        if not self._await(lambda: "delivery" in self._answers, _COMPANION_S):
            raise BrokerError(
                f"it does not pass on what is sent to {topics.event}: allow reading and writing it in its ACL"
            )
        return f"passes it on in {self._answers['delivery'][1]:.2f} s"

    def _check_speaker(self) -> str:
        name, topics = self._configuration.device, self._topics
        if self._texts.get(topics.status) != ONLINE:
            raise BrokerError(f"{name} is offline: is `hushd run` running, under this name and prefix?")
        if self._texts.get(topics.listening) != ONLINE:
            raise BrokerError(f"{name} receives no sound: run `hushd check` there")
        try:
            heartbeat = messages.read(name, "state", self._texts.get(topics.state, "").encode(), retained=True)
        except ValueError as error:
            raise BrokerError(f"{name} has an invalid heartbeat: {error}") from error
        if not isinstance(heartbeat, Heartbeat):
            raise BrokerError(f"{name} has had no heartbeat: restart it")
        age_s = (datetime.now(UTC) - heartbeat.utc).total_seconds()
        heartbeat_s = heartbeat.heartbeat_s or self._configuration.broker.heartbeat_s  # older speakers send none
        if abs(age_s) > HeartbeatPolicy(heartbeat_s).expire_after_s:
            raise BrokerError(f"{name} has had no heartbeat for {age_s:.0f} s: restart it, or set the clocks")
        return f"{name} is listening, its last heartbeat {max(0.0, age_s):.0f} s ago"

    def _check_companion(self) -> str:
        if not self._await(lambda: "companion" in self._answers, _COMPANION_S):
            raise PushError(f"no answer within {_COMPANION_S:g} s: is `hushd phone` running, and on this broker?")
        answer, after_s = self._answers["companion"]
        if answer["problem"] is not None:
            raise PushError(answer["problem"])
        self._await(lambda: False, after_s + _SETTLE_S)
        count = sum(self._companions.values())
        if not count:
            raise PushError("it has no push addresses: set phone.push.first")
        pushing = f"{len(self._companions)} companions, which push" if len(self._companions) > 1 else "pushes"
        return f"has heard it after {after_s:.2f} s, {pushing} to {count}"

    def _pushes(self) -> list[str]:
        return [step for step in self._answers if step.startswith("push")]

    def _await(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        deadline_s = self._sent_s + timeout_s
        while not condition() and (left_s := deadline_s - time.monotonic()) > 0:
            self._connection.step(min(left_s, 1.0))
            for message in self._connection.received():
                self._receive(message.topic, bytes(message.payload))
        return condition()

    def _receive(self, topic: str, content: bytes) -> None:
        after_s = time.monotonic() - self._sent_s
        text = content.decode("utf-8", "replace")
        if topic not in (self._topics.event, self._topics.test):
            self._texts[topic] = text
            return
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if not isinstance(answer, dict) or answer.get("id") != self._id:  # other clients may publish there
            return
        step = "delivery" if topic == self._topics.event else self._name_step(answer)
        self._answers.setdefault(step, (answer, after_s))

    def _name_step(self, answer: dict[str, Any]) -> str:
        companion = answer.get("companion", "")  # older companions send none
        self._companions.setdefault(companion, answer["addresses"])
        number = list(self._companions).index(companion) + 1
        suffix = f", companion {number}" if number > 1 else ""
        return f"push {answer['address']}{suffix}" if answer["leg"] == "push" else "companion"
