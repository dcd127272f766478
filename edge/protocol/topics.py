"""The MQTT topics of a speaker."""

from dataclasses import dataclass

DEVICE_NAME = r"[\w.-]+"
"""Regular expression of a device name, which is one level of its topics."""
_MAX_ROOT = 1_000
"""Characters of a root. MQTT allows 65,535 bytes, with the rest of the topic."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device, all under one root such as ``hushd/nursery``."""

    root: str

    def __post_init__(self) -> None:
        """Raise ValueError for a root that a broker would reject later, at the first event."""
        if not all(self.root.split("/")) or set(self.root) & set("+#{}") or not self.root.isprintable():
            raise ValueError(
                f"MQTT topic prefix {self.root!r} must be words joined by single slashes, without + # {{ }}"
            )
        if len(self.root) > _MAX_ROOT:
            raise ValueError(f"MQTT topic prefix must have at most {_MAX_ROOT} characters, has {len(self.root)}")

    @classmethod
    def of(cls, prefix: str, device: str) -> "Topics":
        """Return the topics of ``device``; ``{device}`` in the prefix stands for its name."""
        if "/" in device:
            raise ValueError(f"device name {device!r} must not contain a slash: it is one level of an MQTT topic")
        return cls(prefix.replace("{device}", device))

    @property
    def status(self) -> str:
        """``online`` or ``offline``, the latter also as the last will. Retained."""
        return f"{self.root}/status"

    @property
    def listening(self) -> str:
        """``online`` while sound from the microphone is being classified, ``offline`` otherwise. Retained."""
        return f"{self.root}/listening"

    @property
    def state(self) -> str:
        """The heartbeat. Retained JSON."""
        return f"{self.root}/state"

    @property
    def health(self) -> str:
        """Microphone, broker and outbox. Retained JSON, so that late subscribers learn of a silent microphone."""
        return f"{self.root}/health"

    @property
    def commands(self) -> str:
        """Filter of all commands: alerts, snooze, sensitivity, acknowledge, feedback. Never retained."""
        return f"{self.root}/set/+"

    def command(self, name: str) -> str:
        """Return the topic of one command."""
        return f"{self.root}/set/{name}"

    @property
    def event(self) -> str:
        """Events. JSON, QoS 1, never retained: an old cry must not ring again."""
        return f"{self.root}/event"

    @property
    def test(self) -> str:
        """Progress of a test alert. JSON, QoS 1, never retained."""
        return f"{self.root}/test"
