"""The newest text of each retained topic, on its way from the main loop to the network thread."""

import threading

from edge.process.wakeup import Wakeup


class RetainedBuffer:
    """Bounded hand-over between two threads: a new text replaces an unsent one of the same topic."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: dict[str, str] = {}
        self._unsent: set[str] = set()
        self.wakeup = Wakeup()
        """Set when there is work for the network thread."""

    def put(self, topic: str, text: str) -> None:
        """Replace the topic's text."""
        with self._lock:
            self._newest[topic] = text
            self._unsent.add(topic)
        self.wake()

    def wake(self) -> None:
        """Wake the network thread."""
        self.wakeup.set()

    def mark_all_unsent(self) -> None:
        """Send every topic again: a new connection may lead to a new, empty broker."""
        with self._lock:
            self._unsent.update(self._newest)

    def take(self) -> list[tuple[str, str]]:
        """Return the unsent topics with their texts, sorted by topic."""
        self.wakeup.clear()  # before the look, so that a text that arrives in between sets it again
        with self._lock:
            taken = [(topic, self._newest[topic]) for topic in sorted(self._unsent)]
            self._unsent.clear()
        return taken

    def close(self) -> None:
        """Close the wake-up; texts put from now on stay unsent."""
        self.wakeup.close()
