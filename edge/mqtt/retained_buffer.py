"""What the main loop leaves for the network thread: one slot a topic, newest wins, and a bell that wakes a select."""

import threading

from edge.process.wakeup import Wakeup


class RetainedBuffer:
    """The newest text for each retained topic; for two threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: dict[str, str] = {}
        self._unsent: set[str] = set()
        self.bell = Wakeup()
        """Rings when there is something to look at."""

    def put(self, topic: str, text: str) -> None:
        """Replace what the topic says."""
        with self._lock:
            self._newest[topic] = text
            self._unsent.add(topic)
        self.wake()

    def wake(self) -> None:
        """Ring the bell."""
        self.bell.set()

    def renew(self) -> None:
        """All is to be sent again: the broker may be a new one that knows nothing."""
        with self._lock:
            self._unsent.update(self._newest)

    def take(self) -> list[tuple[str, str]]:
        """Silence the bell, then look: what comes between rings again."""
        self.bell.clear()
        with self._lock:
            taken = [(topic, self._newest[topic]) for topic in sorted(self._unsent)]
            self._unsent.clear()
        return taken

    def close(self) -> None:
        """Nobody listens any more; what is put in stays unsent."""
        self.bell.close()
