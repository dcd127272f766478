"""``hushd check``: one line for each part, with its problem and remedy."""

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
_RECORD_S = 2.0
_TOO_QUIET_DBFS = -75.0
"""Below the self-noise of a microphone in a quiet room: its gain is turned down."""
_REMEDIES = {
    MicrophoneState.SILENT: "delivers digital silence: switch it on, unmute it (`alsamixer`, F4), or choose another",
    MicrophoneState.STUCK: "repeats one value: unplug it and plug it in again",
    MicrophoneState.CLIPPING: "is overdriven: turn its level down (`alsamixer`, F4) or move it away from the noise",
}


def check(read: Callable[[], Configuration], source: Source) -> int:
    """Print a line for each part; return the exit code of the first problem, 0 without one."""
    try:
        configuration = read()
    except ConfigurationError as error:
        print_line("configuration", f"PROBLEM  {error}")
        return error.exit_code
    print_line("configuration", f"ok       device {configuration.device}")
    parts: dict[str, Callable[[], str]] = {
        "model": lambda: check_model(configuration),
        "microphone": lambda: check_microphone(source.open(configuration.microphone, Flag())),
        "broker": lambda: check_broker(configuration.broker, configuration.device),
    }
    exit_code = 0
    for name, check_part in parts.items():
        try:
            print_line(name, f"ok       {check_part()}")
        except HushdError as error:
            print_line(name, f"PROBLEM  {error}")
            exit_code = exit_code or error.exit_code
    return exit_code


def check_model(configuration: Configuration) -> str:
    """Load the model as the daemon does; return its measured cost. Raise ModelError where it does not fit."""
    card = model_loading.load_classifier(configuration.model).card
    point = model_loading.operating_point(card, configuration.sensitivity)
    same_cost = [name for name, each in card.operating_points.items() if _cost(each) == _cost(point)]
    return (
        f"{card.model_id}, guideline v{card.schema_version}; at {' and '.join(same_cost)} sensitivity it detected"
        f" {100 - point.missed_per_100:.0f} of 100 cries, with {point.false_alerts_per_night / _NIGHT_H:.2g} false"
        " alerts an hour in tests with far more other sounds than a night has"
    )


def _cost(point: OperatingPoint) -> tuple[float, float]:
    return point.missed_per_100, point.false_alerts_per_night


def check_microphone(items: Generator[Item, None, None]) -> str:
    """Record for 2 seconds and return the level; raise MicrophoneError for unusable sound."""
    with closing(items):
        samples = _record(items)
    state = BlockStatistics.of(samples).looks_like
    if state in _REMEDIES:
        raise MicrophoneError(f"the microphone {_REMEDIES[state]}")
    level_dbfs = features.level_dbfs(samples)
    if level_dbfs < _TOO_QUIET_DBFS:
        raise MicrophoneError(
            f"the microphone is too quiet ({level_dbfs:.0f} dBFS): turn its level up (`alsamixer`, F4)"
        )
    return f"hears the room at {level_dbfs:.0f} dBFS"


def _record(items: Iterator[Item]) -> FloatArray:
    blocks: list[FloatArray] = []
    for item in items:
        match item:
            case MicrophoneHealth(state=MicrophoneState.MISSING | MicrophoneState.BUSY | MicrophoneState.NO_FRAMES):
                raise MicrophoneError(item.detail)
            case AudioBlock():
                blocks.append(item.samples)
        if sum(map(len, blocks)) >= _RECORD_S * SAMPLE_RATE:
            break
    return np.concatenate(blocks)


def check_broker(settings: BrokerSettings, device: str) -> str:
    """Connect as the daemon does, without publishing; raise BrokerError where that fails."""
    match settings.url:
        case "none":
            return "none: events are printed only"
        case "embedded":
            from edge.mqtt.embedded_broker import EmbeddedBroker  # noqa: PLC0415 - loads asyncio and amqtt, for the demo only

            with EmbeddedBroker():
                return "embedded: starts with hushd"
        case _:
            connection.probe(settings, device)
            return f"{settings.address} accepts the connection"


def print_line(name: str, text: str) -> None:
    """Print one line in two columns."""
    print(f"{name:<13}  {text}", flush=True)
