"""``--broker none``: nobody to tell but the terminal."""

from edge.protocol.commands import Message
from edge.storage.outbox import Outbox


class NullPublisher:
    """Stands where a publisher would: takes every event as told and forgets the rest."""

    connected = False
    problem: str | None = None
    lost_commands = 0

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def start(self) -> None:
        """Nothing to connect to."""

    def wake(self) -> None:
        """Empty the outbox, so that nothing counts as lost."""
        while event := self._outbox.due():
            self._outbox.delivered(event.id)

    def commands(self) -> list[Message]:
        """Nobody gives any."""
        return []

    def set_listening(self, listening: bool) -> None:
        """Nobody asks."""

    def publish_state(self, text: str) -> None:
        """Nobody asks."""

    def publish_health(self, text: str) -> None:
        """Nobody asks."""

    def stop(self, timeout_s: float = 1.5) -> None:
        """Nothing is on its way."""
