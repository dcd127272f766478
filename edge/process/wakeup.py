"""Wakes a thread that waits for the network in ``select``."""

import socket
from contextlib import suppress


class Wakeup:
    """A flag that makes a socket readable (self-pipe trick); any number of threads may set it."""

    def __init__(self) -> None:
        self.wire, self._writer = socket.socketpair()
        self.wire.setblocking(False)
        self._writer.setblocking(False)

    def set(self) -> None:
        """Wake the waiting thread."""
        with suppress(OSError):  # the pipe is full (one byte suffices) or closed
            self._writer.send(b"!")

    def clear(self) -> None:
        """Clear the flag; do so before reading a queue, so that an item that arrives in between sets it again."""
        with suppress(BlockingIOError):
            self.wire.recv(4096)

    def close(self) -> None:
        """Close both ends; ``set`` has no effect any more."""
        self.wire.close()
        self._writer.close()
