"""Commands over a real broker to a real hushd: accepted or rejected with a reason, also after a restart."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.hushd_process import Hushd
from tests.support.mosquitto import Consumer, Mosquitto

pytestmark = pytest.mark.real

PATIENCE_S = 60.0


def wait_for_reply(parent: Consumer, name: str, accepted: bool, detail: str) -> None:
    """Wait until this is the newest reply."""

    def newest() -> bool:
        answers = [each.json["commands"]["answers"][:1] for each in parent.heard("/health")[-1:]]
        return any(
            (each["name"], each["accepted"]) == (name, accepted) and each["detail"].startswith(detail)
            for (each,) in filter(None, answers)
        )

    parent.wait_for(lambda _: newest(), timeout_s=PATIENCE_S)


def test_invalid_commands_are_rejected_with_a_reason(tmp_path: Path, model: Path) -> None:
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
    options = ("--source", "microphone:none", "--model", model, "--device", "nursery")

    with Mosquitto(tmp_path / "mosquitto") as broker, Consumer(broker) as parent:

        def hushd() -> Hushd:
            return Hushd("run", *options, "--broker", broker.url, environment=environment)

        def says(name: str, text: str) -> Callable[[bool, str], None]:
            parent.publish(f"hushd/nursery/set/{name}", text)
            return lambda accepted, detail: wait_for_reply(parent, name, accepted, detail)

        parent.publish("hushd/nursery/set/alerts", "off", retain=True)
        with hushd():
            wait_for_reply(parent, "alerts", False, "it is retained, and an old command must not come back")
            says("snooze", "half an hour")(False, "it is malformed: minutes must be a number from 0 to 720")
            says("snooze", "5" * 513)(False, "it is longer than 512 bytes")
            says("lullaby", "on")(False, "there is no such command, only alerts, snooze, ")
            stale = json.dumps({"value": "off", "at": (datetime.now(UTC) - timedelta(minutes=10)).isoformat()})
            says("alerts", stale)(False, "it was given at ")
            says("snooze", '{"value": 30, "id": "x"}')(True, "snoozed until ")
            says("snooze", '{"value": 30, "id": "x"}')(False, "it came before: its id has been used")
            says("alerts", "on")(True, "alerts are on")
        snoozed_until = parent.heard("/state")[-1].json["snoozed_until"]
        assert snoozed_until is not None
        with hushd():
            wait_for_reply(parent, "alerts", False, "it is retained, and an old command must not come back")
            says("snooze", '{"value": 700, "id": "x"}')(False, "it came before: its id has been used")
        assert parent.heard("/state")[-1].json["snoozed_until"] == snoozed_until
