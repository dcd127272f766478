"""The configuration file: each section holds the settings of one stage, declared in its package."""

import platform
import re
from dataclasses import dataclass, field
from pathlib import Path

from edge.audio.settings import MicrophoneSettings
from edge.config.companion import PhoneSettings
from edge.config.typed_yaml import parse
from edge.detection.decision_settings import DecisionSettings, Sensitivity
from edge.errors import ConfigurationError
from edge.mqtt.settings import BrokerSettings
from edge.protocol.topics import DEVICE_NAME
from edge.records import HOP_STEP_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES
from edge.storage.outbox import OutboxSettings

_MAX_NAME = 64
"""Characters of a device name, the limit of Linux for a host name."""
_REMOVED_KEYS = {
    "decision.within_s": "remove it, and `decision.cry_s` with it, which now means seconds of certain crying"
}


def _host_name() -> str:
    """Return the machine's name in characters that an MQTT topic allows."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", platform.node().split(".")[0]) or "hushd"


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings of hushd; a missing key keeps its default."""

    device: str = field(default_factory=_host_name)
    """Name of this speaker; part of its MQTT topics, so that one home may have several."""
    model: Path | None = None
    """A model.onnx or its folder; without it, the model shipped with hushd."""
    sensitivity: Sensitivity = Sensitivity.NORMAL
    """low, normal or high: a higher sensitivity misses fewer cries and has more false alerts."""
    hop_s: float = 1.0
    """Seconds between two classifications of the last 5 s."""
    microphone: MicrophoneSettings = field(default_factory=MicrophoneSettings)
    decision: DecisionSettings = field(default_factory=DecisionSettings)
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    outbox: OutboxSettings = field(default_factory=OutboxSettings)
    phone: PhoneSettings = field(default_factory=PhoneSettings)

    def __post_init__(self) -> None:
        """Raise ValueError for settings that cannot work."""
        if not re.fullmatch(DEVICE_NAME, self.device):
            raise ValueError(f"device must be letters, digits, - _ or . (it names MQTT topics), is {self.device!r}")
        if len(self.device) > _MAX_NAME:
            raise ValueError(f"device must have at most {_MAX_NAME} characters, has {len(self.device)}")
        hops = self.hop_samples / HOP_STEP_SAMPLES
        if not 0 < self.hop_samples <= WINDOW_SAMPLES or hops != round(hops):
            step_s, window_s = HOP_STEP_SAMPLES / SAMPLE_RATE, WINDOW_SAMPLES / SAMPLE_RATE
            raise ValueError(f"hop_s must be a multiple of {step_s:g} up to {window_s:g} seconds, is {self.hop_s:g}")

    @property
    def hop_samples(self) -> int:
        """Samples between two classifications."""
        return round(self.hop_s * SAMPLE_RATE)


def load(path: Path | None) -> Configuration:
    """Return the configuration in ``path``, the defaults for None; raise ConfigurationError as ``FILE:LINE: ...``."""
    if path is None:
        return Configuration()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot read configuration {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}:{line}: not UTF-8 text: save the file as UTF-8") from None
    return parse(text, Configuration, str(path), _REMOVED_KEYS)
