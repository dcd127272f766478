"""What the configuration file may say: each section is the settings of one stage, declared beside it."""

import platform
import re
from dataclasses import dataclass, field
from pathlib import Path

from edge.audio.capture import MicrophoneSettings
from edge.config.companion import PhoneSettings
from edge.config.typed_yaml import parse
from edge.detection.decision_settings import DecisionSettings, Sensitivity
from edge.errors import ConfigurationError
from edge.mqtt.settings import BrokerSettings
from edge.protocol.topics import DEVICE_NAME
from edge.records import HOP_STEP_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES
from edge.storage.outbox import OutboxSettings

_LONGEST_NAME = 64
"""As a machine's."""
_GONE = {"decision.within_s": "remove it, and `decision.cry_s` with it, which now means seconds of sure crying"}


def _own_name() -> str:
    """The machine's name, as far as it may be part of an MQTT topic."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", platform.node().split(".")[0]) or "hushd"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything a parent may set; what is not said keeps its default."""

    device: str = field(default_factory=_own_name)
    """What this hushd is called: a part of its MQTT topics, so one house may have several."""
    model: Path | None = None
    """A model.onnx, or the folder that holds one; without it, the model that came with hushd."""
    sensitivity: Sensitivity = Sensitivity.NORMAL
    """low, normal or high: higher misses fewer cries and rings more often for nothing."""
    hop_s: float = 1.0
    """Seconds between two looks at the last five."""
    microphone: MicrophoneSettings = field(default_factory=MicrophoneSettings)
    decision: DecisionSettings = field(default_factory=DecisionSettings)
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    outbox: OutboxSettings = field(default_factory=OutboxSettings)
    phone: PhoneSettings = field(default_factory=PhoneSettings)

    def __post_init__(self) -> None:
        """Refuse what no stage can work with."""
        if not re.fullmatch(DEVICE_NAME, self.device):
            raise ValueError(f"device must be letters, digits, - _ or . (it names MQTT topics), is {self.device!r}")
        if len(self.device) > _LONGEST_NAME:
            raise ValueError(f"device must have at most {_LONGEST_NAME} characters, has {len(self.device)}")
        hops = self.hop_samples / HOP_STEP_SAMPLES
        if not 0 < self.hop_samples <= WINDOW_SAMPLES or hops != round(hops):
            step_s, window_s = HOP_STEP_SAMPLES / SAMPLE_RATE, WINDOW_SAMPLES / SAMPLE_RATE
            raise ValueError(f"hop_s must be a multiple of {step_s:g} up to {window_s:g} seconds, is {self.hop_s:g}")

    @property
    def hop_samples(self) -> int:
        """Samples between two looks."""
        return round(self.hop_s * SAMPLE_RATE)


def load(path: Path | None) -> Configuration:
    """The configuration in ``path``, all defaults without one; a mistake is ``FILE:LINE: ...``."""
    if path is None:
        return Configuration()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot read configuration {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}:{line}: not UTF-8 text: save the file as UTF-8") from None
    return parse(text, Configuration, str(path), _GONE)
