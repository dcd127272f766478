"""A real broker, push service and companion, with the times of a night scaled down."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from edge.companion import wiring
from edge.companion.companion import CompanionDependencies
from edge.config.companion import EscalationSettings, MonitorSettings, PhoneSettings, PushSettings
from edge.config.configuration import Configuration
from edge.mqtt.settings import BrokerSettings
from edge.process.console import Console
from edge.process.sd_notify import Notifier
from tests.support.http_sink import Sink
from tests.support.mosquitto import Mosquitto

Running = Callable[..., AbstractContextManager[CompanionDependencies]]

ESCALATION = EscalationSettings(
    repeat_every_s=0.6, escalate_after_s=1.5, pause_s=0.2, heartbeat_grace_s=0.3, give_up_after_s=30
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def configuration(broker: Mosquitto, sink: Sink) -> Configuration:
    """Anna is on the first list, Ben on the second."""
    push = PushSettings((sink.url("anna"),), (sink.url("ben"),), retry_min_s=0.1, retry_max_s=0.3)
    return Configuration(
        device="nursery",
        broker=BrokerSettings(broker.url, heartbeat_s=0.1, retry_min_s=0.1, retry_max_s=0.3),
        phone=PhoneSettings(
            serve_page=False, push=push, calling=ESCALATION, watch=MonitorSettings(alarm_after_s=30, clear_after_s=1)
        ),
    )


def with_push(configuration: Configuration, **push: object) -> Configuration:
    """Return the configuration with other push settings."""
    phone = configuration.phone
    return replace(configuration, phone=replace(phone, push=replace(phone.push, **push)))  # type: ignore[arg-type]


@pytest.fixture
def companion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """Function that runs a companion on a machine of this name and yields its dependencies."""

    @contextmanager
    def running(configuration: Configuration, machine: str = "speaker") -> Iterator[CompanionDependencies]:
        stop, crashes = Flag(), list[Exception]()
        (tmp_path / machine).mkdir(exist_ok=True)
        monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / machine))
        with wiring.build_companion(configuration, Notifier(None, None), Console()) as companion:

            def run() -> None:
                try:
                    companion.run(stop)
                except Exception as crash:  # noqa: BLE001 - raised below, in the test
                    crashes.append(crash)

            thread = Thread(target=run)
            thread.start()
            try:
                seen = companion.dependencies.registry.version
                while companion.dependencies.registry.problem is not None and not crashes:
                    seen = companion.dependencies.registry.wait(seen, timeout_s=1)
                yield companion.dependencies
            finally:
                stop.set()
                thread.join()
        assert crashes == []

    return running


EVER = datetime.fromtimestamp(0, UTC)


def wait_until(condition: Callable[[], object], parts: CompanionDependencies, timeout_s: float = 10.0) -> None:
    """Wait until a condition holds; it is evaluated after each change of the registry."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, parts.registry.devices()
        parts.registry.wait(parts.registry.version, timeout_s=0.1)


def wait_for_heartbeat(parts: CompanionDependencies, device: str = "nursery") -> None:
    """Wait until the companion has received a live heartbeat."""
    wait_until(lambda: any(view.device == device and view.last_heard for view in parts.registry.devices()), parts)
