"""Where on the broker each message goes."""

from dataclasses import dataclass

DEVICE_NAME = r"[\w.-]+"
"""Regular expression of a device name, which is one level of its topics."""
_LONGEST = 1_000
"""Characters. MQTT allows 65,535 bytes, with what comes after the root."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device, all under one root such as ``hushd/nursery``."""

    root: str

    def __post_init__(self) -> None:
        """A wildcard or an empty level would be refused by the broker, at night, after a cry: refuse it now."""
        if not all(self.root.split("/")) or any(sign in self.root for sign in "+#{}") or not self.root.isprintable():
            raise ValueError(
                f"MQTT topic prefix {self.root!r} must be words joined by single slashes, without + # {{ }}"
            )
        if len(self.root) > _LONGEST:
            raise ValueError(f"MQTT topic prefix must have at most {_LONGEST} characters, has {len(self.root)}")

    @classmethod
    def of(cls, prefix: str, device: str) -> "Topics":
        """The topics of ``device``; ``{device}`` in the prefix stands for its name."""
        if "/" in device:
            raise ValueError(f"device name {device!r} must not contain a slash: it is one level of an MQTT topic")
        return cls(prefix.replace("{device}", device))

    @property
    def status(self) -> str:
        """``online`` or, by the last will too, ``offline``. Retained."""
        return f"{self.root}/status"

    @property
    def listening(self) -> str:
        """``online`` while sound from the microphone is being classified, else ``offline``. Retained."""
        return f"{self.root}/listening"

    @property
    def state(self) -> str:
        """The heartbeat. Retained JSON."""
        return f"{self.root}/state"

    @property
    def health(self) -> str:
        """Microphone, broker and outbox. Retained JSON: who comes late must still learn of a deaf microphone."""
        return f"{self.root}/health"

    @property
    def commands(self) -> str:
        """The filter of all commands: alerts, snooze, sensitivity, acknowledge, feedback. Never retained."""
        return f"{self.root}/set/+"

    def command(self, name: str) -> str:
        """Where one command goes."""
        return f"{self.root}/set/{name}"

    @property
    def event(self) -> str:
        """What the decision said. JSON, QoS 1, never retained: an old cry must not ring again."""
        return f"{self.root}/event"

    @property
    def test(self) -> str:
        """How far a test alert has come. JSON, QoS 1, never retained."""
        return f"{self.root}/test"
