"""Limits on open connections, so that idle ones keep no phone out and use up no open files of the companion.

uvicorn's settings leave gaps. ``timeout_keep_alive`` begins with the first answer, so a connection without a complete
request stays open. ``limit_concurrency`` answers 503 to every phone, also to those of other networks. asyncio allows
60 s for a TLS handshake, and uvicorn learns of the connection only after it.

Both limits here stand around uvicorn and read no internals of it. One is the listening socket. The other is a protocol
class, as ``uvicorn.Config(http=...)`` accepts; it forwards asyncio's callbacks to uvicorn's own class, and ASGI's
``state`` carries the count of its requests.
"""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from edge.companion.web.rate_limit import network

_OPEN = "open connections"
_REQUESTS = "requests of this connection"


class LimitedListener(socket.socket):
    """Listening socket that limits the connections of each network, with those still in their TLS handshake."""

    per_network: ClassVar[int] = 64
    in_total: ClassVar[int] = 400

    def __init__(self, listening: socket.socket) -> None:
        """Take over a listening socket, which is detached."""
        super().__init__(fileno=listening.detach())
        self._accepted: list[tuple[str, socket.socket]] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection and its address; raise ConnectionAbortedError above a limit.

        asyncio handles this error as that of a client that has left before it was accepted.
        """
        connection, address = super().accept()
        client = network(address[0])
        self._accepted = [each for each in self._accepted if each[1].fileno() != -1]
        of_network = sum(each[0] == client for each in self._accepted)
        if len(self._accepted) >= self.in_total or of_network >= self.per_network:
            connection.close()
            raise ConnectionAbortedError
        self._accepted.append((client, connection))
        return connection, address


@dataclass(slots=True)
class _Requests:
    """Counts of one connection's requests."""

    begun: int = 0
    ended: int = 0


def count_requests(app: ASGIApp) -> ASGIApp:
    """Wrap the application that ``IdleLimitedProtocol`` serves, so that it knows which requests are unanswered."""

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        requests: _Requests = scope["state"][_REQUESTS]
        requests.begun += 1
        try:
            await app(scope, receive, send)
        finally:
            requests.ended += 1

    return counted


class IdleLimitedProtocol(asyncio.Protocol):
    """Connection that uvicorn's HTTP protocol serves, and that is closed when it idles too long or is one too many."""

    idle_limit_s: ClassVar[float] = 10.0
    """A connection is closed after one to two times this long without a new request, but not while one is answered."""
    per_network: ClassVar[int] = 32
    """A browser opens six, and one reverse proxy connects for a whole family."""
    in_total: ClassVar[int] = 200

    def __init__(self, *, app_state: dict[str, Any], **server: Any) -> None:
        """Take uvicorn's arguments; ``app_state`` is one dict for all connections of a server."""
        self._open: list[IdleLimitedProtocol] = app_state.setdefault(_OPEN, [])
        self._requests = _Requests()
        self._begun_before = 0
        self._http: asyncio.Protocol = H11Protocol(app_state={**app_state, _REQUESTS: self._requests}, **server)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the timer; above a limit, close the oldest idle connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._network = network(peer[0] if peer else "")
        self._open.append(self)
        self._http.connection_made(transport)
        self._start_timer()
        self._make_room([each for each in self._open if each._network == self._network], self.per_network)
        self._make_room(self._open, self.in_total)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._open.remove(self)
        self._http.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._http.data_received(data)

    def eof_received(self) -> bool | None:
        return self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()

    def resume_writing(self) -> None:
        self._http.resume_writing()

    @property
    def _is_idle(self) -> bool:
        return self._requests.begun == self._requests.ended

    def _make_room(self, connections: list["IdleLimitedProtocol"], most: int) -> None:
        staying = [each for each in connections if not each._transport.is_closing()]
        if len(staying) > most:
            next(each for each in staying if each._is_idle)._transport.abort()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.idle_limit_s, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self._is_idle and self._requests.begun == self._begun_before:
            self._transport.abort()
            return
        self._begun_before = self._requests.begun
        self._start_timer()
