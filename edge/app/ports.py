"""The daemon's ports, for which tests have fakes, and the record of its dependencies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from edge.audio.sources import Item
from edge.control.controller import AlertController
from edge.detection.decision import Decision
from edge.process.clock import Clock
from edge.process.console import Console
from edge.process.sd_notify import Notifier
from edge.protocol.commands import CommandMessage
from edge.records import AudioBlock, Event, OutboxCounts, Scores


class DetectorPort(Protocol):
    """The port of the pipeline."""

    def push(self, block: AudioBlock) -> Iterable[Scores | Event]:
        """Yield the scores and events that this block completes, in order."""


class EventStore(Protocol):
    """The port of the outbox."""

    def add(self, text: str, *, rings: bool) -> None:
        """Store an event until it is delivered."""

    def counts(self) -> OutboxCounts:
        """Return the numbers of waiting and lost events."""


class EventPublisher(Protocol):
    """The port of the publisher."""

    @property
    def connected(self) -> bool:
        """Whether there is a connection to the broker."""

    @property
    def problem(self) -> str | None:
        """The reason for a missing connection."""

    @property
    def lost_commands(self) -> int:
        """Number of commands dropped because they came too fast."""

    def commands(self) -> list[CommandMessage]:
        """Return the commands received since the last call."""

    def wake(self) -> None:
        """Deliver the event just added to the outbox."""

    def set_listening(self, listening: bool) -> None:
        """Publish whether sound is being classified."""

    def publish_state(self, text: str) -> None:
        """Publish the heartbeat."""

    def publish_health(self, text: str) -> None:
        """Publish the health message."""


@dataclass(frozen=True, slots=True)
class DaemonDependencies:
    """All dependencies of the daemon."""

    device: str
    version: str
    model: str
    heartbeat_s: float
    source: Iterable[Item]
    pipeline: DetectorPort
    decision: Decision
    """The one in the pipeline."""
    outbox: EventStore
    publisher: EventPublisher
    controller: AlertController
    notifier: Notifier
    console: Console
    clock: Clock = field(default_factory=Clock)
