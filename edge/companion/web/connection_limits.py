"""Connections that ask nothing do not stay, and a crowd of them keeps nobody out.

uvicorn closes a connection that asked once and then asks nothing more; one that never asks, or never ends its question,
it would keep for ever. The page shares its process with the one that calls the parents, and its open files, too.
"""

import asyncio
import socket
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from edge.companion.web.rate_limit import network


class LimitedListener(socket.socket):
    """Listens. What comes in by TLS may shake hands for a minute, before uvicorn knows of it."""

    each: ClassVar[int] = 64
    """From one house."""
    together: ClassVar[int] = 400

    def __init__(self, listening: socket.socket) -> None:
        """Takes the place of a listening socket."""
        super().__init__(fileno=listening.detach())
        self._inside: list[tuple[str, socket.socket]] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """The next; ConnectionAbortedError, as if it had thought better of it, where it is one too many."""
        connection, address = super().accept()
        house = network(address[0])
        self._inside = [each for each in self._inside if each[1].fileno() != -1]
        if len(self._inside) >= self.together or sum(each[0] == house for each in self._inside) >= self.each:
            connection.close()
            raise ConnectionAbortedError
        self._inside.append((house, connection))
        return connection, address


class IdleLimitedProtocol(H11Protocol):
    """One connection."""

    patience_s: ClassVar[float] = 10.0
    """One that has asked nothing new for this long, or twice it at most, is closed; not while it is answered."""
    each: ClassVar[int] = 32
    """From one house: a browser takes six, and a proxy stands before a whole family."""
    together: ClassVar[int] = 200

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """It is there; where it is one too many, the oldest of the idle ones goes."""
        super().connection_made(transport)
        self._house = network(self.client[0] if self.client else "")
        self._made_s = self.loop.time()
        self._answered: RequestResponseCycle | None = None
        self._look_again()
        crowd = [
            other
            for other in self.connections
            if isinstance(other, IdleLimitedProtocol) and not other.transport.is_closing()
        ]
        self._make_room([other for other in crowd if other._house == self._house], self.each)
        self._make_room(crowd, self.together)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._timer.cancel()
        super().connection_lost(exc)

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self, crowd: list["IdleLimitedProtocol"], most: int) -> None:
        if len(crowd) > most:
            min((other for other in crowd if other._is_idle), key=lambda other: other._made_s).transport.abort()

    def _look_again(self) -> None:
        self._timer = self.loop.call_later(self.patience_s, self._look)

    def _look(self) -> None:
        if self._is_idle and self.cycle is self._answered:
            self.transport.abort()
            return
        self._answered = self.cycle
        self._look_again()
