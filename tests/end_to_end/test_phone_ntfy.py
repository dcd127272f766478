"""``hushd phone`` with a real ntfy, as its app receives it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.mqtt.settings import BrokerSettings
from tests.support.hushd_process import Hushd
from tests.support.mosquitto import Mosquitto
from tests.support.ntfy import Ntfy
from tests.support.simulated_speaker import SimulatedSpeaker

pytestmark = pytest.mark.real

MAX, LOW = 5, 2
"""ntfy's priorities: rings for long through silence; makes no sound."""


@pytest.fixture
def ntfy(tmp_path: Path) -> Iterator[Ntfy]:
    with Ntfy(tmp_path / "ntfy") as ntfy:
        yield ntfy


def test_an_alert_rings_in_the_app_and_information_does_not(tmp_path: Path, ntfy: Ntfy) -> None:
    settings = tmp_path / "hushd.yaml"
    settings.write_text(f"device: nursery\nphone: {{serve_page: false, push: {{first: [{ntfy.url}]}}}}\n")
    with Mosquitto(tmp_path / "mosquitto") as broker, ntfy.subscribed(timeout_s=30) as told:
        options = ("phone", "--config", settings, "--broker", broker.url)
        environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
        with Hushd(*options, "--test-message", environment=environment) as test:
            assert test.ends(within_s=60) == 0
        assert next(told)["title"] == "Test of hushd (nursery)"
        with (
            Hushd(*options, environment=environment) as companion,
            SimulatedSpeaker(BrokerSettings(broker.url)).running() as nursery,
        ):
            companion.says("connected to broker")
            nursery.publish_event("cry_started", "a")
            assert (message := next(told))["title"] == "The baby cries (nursery)"
            assert message["priority"] == MAX
            assert "icon" not in message
            nursery.publish_event("cry_soothed", "a")
            assert (message := next(told))["title"] == "Somebody is soothing (nursery)"
            assert message["priority"] == LOW
