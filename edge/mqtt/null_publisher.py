"""The publisher of ``--broker none``: events appear on the terminal only."""

from edge.protocol.commands import CommandMessage
from edge.storage.outbox import Outbox


class NullPublisher:
    """Null object in place of a publisher: counts every event as delivered and drops the other messages."""

    connected = False
    problem: str | None = None
    lost_commands = 0

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def start(self) -> None:
        """No-op."""

    def wake(self) -> None:
        """Empty the outbox, so that no event counts as lost."""
        while event := self._outbox.due():
            self._outbox.delete(event.id)

    def commands(self) -> list[CommandMessage]:
        """Return an empty list: no commands arrive without a broker."""
        return []

    def set_listening(self, listening: bool) -> None:
        """No-op."""

    def publish_state(self, text: str) -> None:
        """No-op."""

    def publish_health(self, text: str) -> None:
        """No-op."""

    def stop(self, timeout_s: float = 1.5) -> None:
        """No-op."""
