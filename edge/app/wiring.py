"""Assembles the daemon from a configuration, and closes its parts again."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag

from edge.app.daemon import Daemon
from edge.app.ports import DaemonDependencies
from edge.audio.sources import Source
from edge.config.configuration import Configuration
from edge.control.controller import AlertController
from edge.detection.classifier import Classifier, ModelCard
from edge.detection.decision import Decision
from edge.detection.model_loading import operating_point
from edge.detection.pipeline import Pipeline
from edge.mqtt.null_publisher import NullPublisher
from edge.mqtt.publisher import Publisher
from edge.mqtt.settings import BrokerSettings
from edge.process.console import Console
from edge.process.sd_notify import Notifier
from edge.process.state_folder import service_state_folder
from edge.protocol import home_assistant
from edge.protocol.topics import Topics
from edge.storage.outbox import Outbox, OutboxSettings
from edge.version import version

_STOP_S = 1.0
"""Time for the last messages to the broker after SIGTERM; hushd promises to end within 2 s."""
_DELIVERY_S = 5.0
"""Time to deliver the outbox when a recording has ended by itself."""


def _with_default_path(settings: OutboxSettings, folder: Path | None) -> OutboxSettings:
    """Put the outbox into the state folder, unless its path is configured."""
    return replace(settings, path=folder / "outbox.sqlite") if folder and settings.path is None else settings


def _open_publisher(device: str, broker: BrokerSettings, card: ModelCard, outbox: Outbox) -> Publisher | NullPublisher:
    if broker.url == "none":
        return NullPublisher(outbox)
    discovery = home_assistant.build_discovery(
        discovery_prefix=broker.discovery_prefix,
        topics=Topics.of(broker.prefix, device),
        device=device,
        model=card.model_id,
        version=version(),
        labels=card.labels,
        heartbeat_s=broker.heartbeat_s,
    )
    return Publisher(broker, device, outbox, discovery if broker.home_assistant else None)


@contextmanager
def build_service(
    configuration: Configuration,
    classifier: Classifier,
    source: Source,
    stop: Flag,
    *,
    notifier: Notifier,
    console: Console,
) -> Iterator[Daemon]:
    """Yield a daemon with its parts open; on leaving, deliver what can be delivered and close them."""
    folder, card = service_state_folder(), classifier.card
    thresholds = operating_point(card, configuration.sensitivity).thresholds
    decision = Decision(configuration.decision, thresholds, configuration.hop_s)
    controller = AlertController(
        configuration.sensitivity,
        lambda sensitivity: decision.set_thresholds(operating_point(card, sensitivity).thresholds),
        folder,
    )
    with ExitStack() as stack:
        broker = configuration.broker
        if broker.url == "embedded":
            from edge.mqtt.embedded_broker import EmbeddedBroker  # noqa: PLC0415 - loads asyncio and amqtt, for the demo only

            broker = replace(broker, url=stack.enter_context(EmbeddedBroker()).url)
        outbox = stack.enter_context(closing(Outbox(_with_default_path(configuration.outbox, folder))))
        publisher = _open_publisher(configuration.device, broker, card, outbox)
        publisher.start()
        stack.callback(lambda: publisher.stop(_STOP_S if stop.is_set() else _DELIVERY_S))
        address = "none" if broker.url == "none" else broker.address
        console.note(
            f"hushd {version()} is {configuration.device}: source {source.name(configuration.microphone)},"
            f" broker {address}, model {card.model_id}"
        )
        yield Daemon(
            DaemonDependencies(
                device=configuration.device,
                version=version(),
                model=card.model_id,
                heartbeat_s=broker.heartbeat_s,
                source=stack.enter_context(closing(source.open(configuration.microphone, stop))),
                pipeline=Pipeline(classifier, decision, configuration.hop_samples),
                decision=decision,
                outbox=outbox,
                publisher=publisher,
                controller=controller,
                notifier=notifier,
                console=console,
            )
        )
