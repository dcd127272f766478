"""What the daemon is made of: its seams, where tests put fakes, and the record that holds them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from edge.audio.sources import Item
from edge.control.controller import AlertController
from edge.detection.decision import Decision
from edge.process.clock import Clock
from edge.process.console import Console
from edge.process.sd_notify import Notifier
from edge.protocol.commands import Message
from edge.records import AudioBlock, Event, OutboxCounts, Scores


class DetectorPort(Protocol):
    """What the daemon needs of a pipeline."""

    def push(self, block: AudioBlock) -> Iterable[Scores | Event]:
        """What this block completes, in order."""


class EventStore(Protocol):
    """What the daemon needs of an outbox."""

    def add(self, text: str, *, rings: bool) -> None:
        """Keep an event until it is delivered."""

    def counts(self) -> OutboxCounts:
        """How many wait, and how many were lost."""


class EventPublisher(Protocol):
    """What the daemon needs of a publisher."""

    @property
    def connected(self) -> bool:
        """Whether the broker hears us."""

    @property
    def problem(self) -> str | None:
        """Why not."""

    @property
    def lost_commands(self) -> int:
        """How many commands came too fast."""

    def commands(self) -> list[Message]:
        """The commands that have come."""

    def wake(self) -> None:
        """An event waits in the outbox."""

    def set_listening(self, listening: bool) -> None:
        """Whether sound is being classified."""

    def publish_state(self, text: str) -> None:
        """The heartbeat."""

    def publish_health(self, text: str) -> None:
        """What a parent must know when hushd cannot hear or tell."""


@dataclass(frozen=True, slots=True)
class DaemonDependencies:
    """What the daemon is made of."""

    device: str
    version: str
    model: str
    heartbeat_s: float
    source: Iterable[Item]
    pipeline: DetectorPort
    decision: Decision
    """The one that the pipeline takes."""
    outbox: EventStore
    publisher: EventPublisher
    controller: AlertController
    notifier: Notifier
    console: Console
    clock: Clock = field(default_factory=Clock)
