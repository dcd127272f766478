"""Wakes a thread that waits in a select on the network."""

import socket
from contextlib import suppress


class Wakeup:
    """``wire`` becomes readable when somebody has rung; for any number of threads."""

    def __init__(self) -> None:
        self.wire, self._rope = socket.socketpair()
        self.wire.setblocking(False)
        self._rope.setblocking(False)

    def set(self) -> None:
        """Wake the one who waits."""
        with suppress(OSError):  # full of unheard rings, of which one is enough; or closed: nobody listens any more
            self._rope.send(b"!")

    def clear(self) -> None:
        """Heard. Silence it before you look: what comes between rings again."""
        with suppress(BlockingIOError):
            self.wire.recv(4096)

    def close(self) -> None:
        """Nobody listens any more."""
        self.wire.close()
        self._rope.close()
