"""Idle and surplus connections, from a broken or hostile device of the network."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
import uvicorn
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from edge.companion.web.connection_limits import IdleLimitedProtocol, count_requests
from tests.support.mosquitto import Certificates
from tests.support.page_home import Home

pytestmark = pytest.mark.real

REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
SLOW_REQUEST = REQUEST.replace(b"/", b"/slow", 1)
WAIT_S = 10.0


class QuickToClose(IdleLimitedProtocol):
    idle_limit_s: ClassVar[float] = 0.3


class FewPerNetwork(IdleLimitedProtocol):
    per_network: ClassVar[int] = 3


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond in two parts; on /slow the second comes after more than two idle limits."""

    async def words() -> AsyncIterator[str]:
        yield "I am "
        await asyncio.sleep(1.0 if scope["path"] == "/slow" else 0)
        yield "here"

    await StreamingResponse(words())(scope, receive, send)


class Callers:
    """Clients that connect to a server from any address of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stack = ExitStack()

    def __enter__(self) -> "Callers":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def call(self, address: str = "127.0.0.1", says: bytes = b"") -> socket.socket:
        caller = socket.create_connection(("127.0.0.1", self._port), WAIT_S, (address, 0))
        self._stack.enter_context(caller)
        caller.sendall(says)
        return caller


def receives(caller: socket.socket, word: bytes) -> bool:
    """Wait for a word; return False where the connection ends before."""
    received = b""
    while word not in received and (more := caller.recv(1000)):
        received += more
    return word in received


def is_closed(caller: socket.socket) -> bool:
    """Wait for the end of the connection; return False where data comes instead."""
    try:
        return caller.recv(1) == b""
    except ConnectionResetError:
        return True


@contextmanager
def serving(protocol: type[IdleLimitedProtocol]) -> Iterator[Callers]:
    listener = socket.create_server(("127.0.0.1", 0))
    app = count_requests(answer)
    server = uvicorn.Server(uvicorn.Config(app, http=protocol, lifespan="off", ws="none", log_config=None))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        with Callers(listener.getsockname()[1]) as callers:
            yield callers
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def callers() -> Iterator[Callers]:
    with serving(QuickToClose) as callers:
        yield callers


@pytest.mark.parametrize("says", [b"", REQUEST[:-2]])
def test_a_connection_without_a_request_is_closed(callers: Callers, says: bytes) -> None:
    assert is_closed(callers.call(says=says))


def test_a_connection_with_a_slow_second_request_is_closed(callers: Callers) -> None:
    caller = callers.call(says=REQUEST)
    assert receives(caller, b"here")
    caller.sendall(REQUEST[:5])
    while not is_closed(caller):
        pass


def test_a_connection_with_a_slow_response_stays_open(callers: Callers) -> None:
    assert receives(callers.call(says=SLOW_REQUEST), b"here")


def test_the_newest_connection_closes_the_oldest_idle_one_of_its_network() -> None:
    with serving(FewPerNetwork) as callers:
        busy = callers.call(says=SLOW_REQUEST)
        assert receives(busy, b"I am")
        idle = callers.call()
        callers.call()
        neighbor = callers.call("127.0.0.2", REQUEST)
        newest = callers.call(says=REQUEST)
        assert is_closed(idle)
        for other in newest, neighbor, busy:
            assert receives(other, b"here")


def test_a_crowd_of_silent_connections_keeps_no_phone_out(tmp_path: Path) -> None:
    with Home(tmp_path) as home, Callers(home.page.port) as crowd:
        for number in range(300):
            crowd.call(f"127.0.1.{number % 10}")
        assert home.phone().get("/phones").status_code == 200


def test_unfinished_tls_handshakes_of_one_client_keep_no_phone_out(tmp_path: Path) -> None:
    issued = Certificates.issue(tmp_path / "certificates")
    with (
        Home(tmp_path, tls_cert=issued.server, tls_key=issued.server_key) as home,
        Callers(home.page.port) as crowd,
    ):
        silent = [crowd.call("127.0.1.1") for _ in range(100)]
        assert is_closed(silent[-1])
        trusting = ssl.create_default_context(cafile=issued.authority)
        assert httpx.get(f"https://localhost:{home.page.port}/alive", verify=trusting).status_code == 200
