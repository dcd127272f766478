"""The real parts, put together as a configuration says, and taken apart again."""

import os
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
from edge.protocol import home_assistant
from edge.protocol.topics import Topics
from edge.storage.outbox import Outbox, OutboxSettings
from edge.version import version

_FAREWELL_S = 1.0
"""For the last words to the broker after SIGTERM, which promises an end within 2 s."""
_DELIVERY_S = 5.0
"""For what is still in the outbox when a recording has ended by itself."""


def _state_folder() -> Path | None:
    """As a service, hushd keeps what must outlive it in the folder that systemd gave it."""
    state = os.environ.get("STATE_DIRECTORY")
    return Path(state) if state else None


def _durable(settings: OutboxSettings, folder: Path | None) -> OutboxSettings:
    """The outbox in that folder, unless told where."""
    return replace(settings, path=folder / "outbox.sqlite") if folder and settings.path is None else settings


def _publisher(device: str, broker: BrokerSettings, card: ModelCard, outbox: Outbox) -> Publisher:
    news = home_assistant.announcement(
        discovery_prefix=broker.discovery_prefix,
        topics=Topics.of(broker.prefix, device),
        device=device,
        model=card.model_id,
        version=version(),
        labels=card.labels,
        heartbeat_s=broker.heartbeat_s,
    )
    return Publisher(broker, device, outbox, news if broker.home_assistant else None)


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
    """A daemon with its parts open; leaving delivers what can be delivered, and closes them."""
    folder, card = _state_folder(), classifier.card
    thresholds = operating_point(card, configuration.sensitivity).thresholds
    decision = Decision(configuration.decision, thresholds, configuration.hop_s)
    household = AlertController(
        configuration.sensitivity, lambda wished: decision.use(operating_point(card, wished).thresholds), folder
    )
    with ExitStack() as stack:
        broker = configuration.broker
        if broker.url == "embedded":
            from edge.mqtt.embedded_broker import EmbeddedBroker  # noqa: PLC0415 - asyncio and amqtt, which a real house does without

            broker = replace(broker, url=stack.enter_context(EmbeddedBroker()).url)
        outbox = stack.enter_context(closing(Outbox(_durable(configuration.outbox, folder))))
        publisher = (
            NullPublisher(outbox) if broker.url == "none" else _publisher(configuration.device, broker, card, outbox)
        )
        publisher.start()
        stack.callback(lambda: publisher.stop(_FAREWELL_S if stop.is_set() else _DELIVERY_S))
        told = "nobody" if broker.url == "none" else f"broker {broker.address}"
        console.note(
            f"hushd {version()} is {configuration.device}: hears {source.name(configuration.microphone)},"
            f" tells {told}, model {card.model_id}"
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
                household=household,
                notifier=notifier,
                console=console,
            )
        )
