"""What is wrong with this hushd, and how to mend it: one line for each thing that can be."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from threading import Event as Flag

import numpy as np

from edge.audio.liveness import BlockStatistics
from edge.audio.sources import Item, Source
from edge.config.configuration import Configuration
from edge.detection import features, model_loading
from edge.detection.classifier import OperatingPoint
from edge.errors import ConfigurationError, HushdError, MicrophoneError
from edge.mqtt import connection
from edge.mqtt.settings import BrokerSettings
from edge.records import SAMPLE_RATE, AudioBlock, FloatArray, MicrophoneHealth, MicrophoneState

_NIGHT_H = 8.0
_LISTEN_S = 2.0
_TOO_QUIET_DBFS = -75.0
"""The own noise of a microphone in a quiet room is louder; this faint, its gain is turned down."""
_DEAF = {
    MicrophoneState.SILENT: "delivers digital silence: switch it on, unmute it (`alsamixer`, F4), or choose another",
    MicrophoneState.STUCK: "repeats one value: unplug it and plug it in again",
    MicrophoneState.CLIPPING: "is overdriven: turn its level down (`alsamixer`, F4) or move it away from the noise",
}


def check(read: Callable[[], Configuration], source: Source) -> int:
    """Print a line for each part; the exit code of the first problem, else 0."""
    try:
        configuration = read()
    except ConfigurationError as error:
        show("configuration", f"PROBLEM  {error}")
        return error.exit_code
    show("configuration", f"ok       this is {configuration.device}")
    parts: dict[str, Callable[[], str]] = {
        "model": lambda: model(configuration),
        "microphone": lambda: microphone(source.open(configuration.microphone, Flag())),
        "broker": lambda: broker(configuration.broker, configuration.device),
    }
    exit_code = 0
    for name, tried in parts.items():
        try:
            show(name, f"ok       {tried()}")
        except HushdError as error:
            show(name, f"PROBLEM  {error}")
            exit_code = exit_code or error.exit_code
    return exit_code


def model(configuration: Configuration) -> str:
    """Loads the model as the daemon would; says what it was measured to cost."""
    card = model_loading.load_classifier(configuration.model).card
    point = model_loading.operating_point(card, configuration.sensitivity)
    alike = [name for name, each in card.operating_points.items() if _cost(each) == _cost(point)]
    return (
        f"{card.model_id}, guideline v{card.schema_version}; at {' and '.join(alike)} sensitivity it found"
        f" {100 - point.missed_per_100:.0f} of 100 cries, and rang {point.false_alerts_per_night / _NIGHT_H:.2g} times"
        " an hour while other sounds were played, far denser than in a night"
    )


def _cost(point: OperatingPoint) -> tuple[float, float]:
    return point.missed_per_100, point.false_alerts_per_night


def microphone(items: Generator[Item, None, None]) -> str:
    """Listens for 2 seconds; MicrophoneError where nothing useful is heard."""
    with closing(items):
        samples = _heard(items)
    state = BlockStatistics.of(samples).looks_like
    if state in _DEAF:
        raise MicrophoneError(f"the microphone {_DEAF[state]}")
    level_dbfs = features.level_dbfs(samples)
    if level_dbfs < _TOO_QUIET_DBFS:
        raise MicrophoneError(
            f"the microphone is too quiet ({level_dbfs:.0f} dBFS): turn its level up (`alsamixer`, F4)"
        )
    return f"hears the room at {level_dbfs:.0f} dBFS"


def _heard(items: Iterator[Item]) -> FloatArray:
    blocks: list[FloatArray] = []
    for item in items:
        match item:
            case MicrophoneHealth(state=MicrophoneState.MISSING | MicrophoneState.BUSY | MicrophoneState.NO_FRAMES):
                raise MicrophoneError(item.detail)
            case AudioBlock():
                blocks.append(item.samples)
        if sum(map(len, blocks)) >= _LISTEN_S * SAMPLE_RATE:
            break
    return np.concatenate(blocks)


def broker(settings: BrokerSettings, device: str) -> str:
    """Connects as the daemon would; nothing is published."""
    match settings.url:
        case "none":
            return "none: nobody is told, events are only printed"
        case "embedded":
            from edge.mqtt.embedded_broker import EmbeddedBroker  # noqa: PLC0415 - asyncio and amqtt, which a real house does without

            with EmbeddedBroker():
                return "embedded: starts with hushd"
        case _:
            connection.probe(settings, device)
            return f"{settings.address} lets us in"


def show(name: str, text: str) -> None:
    """One line, its parts below each other's."""
    print(f"{name:<13}  {text}", flush=True)
