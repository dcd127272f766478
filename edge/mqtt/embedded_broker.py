"""An MQTT broker inside the process, so that the demo runs without another program.

It is amqtt, from the extra ``demo``; homes use mosquitto or the broker of Home Assistant. Messages and retained topics
are in memory and end with the broker. It has no passwords and no TLS, so it listens on loopback by default.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Self

from edge.errors import BrokerError, ConfigurationError

if TYPE_CHECKING:
    from amqtt.broker import Broker

_Connect = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_LISTENER = "default"
"""Name of a listener that amqtt requires."""
_STOP_S = 2.0


class EmbeddedBroker:
    """Context manager that runs the broker in a thread with its own event loop."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, start_s: float = 10.0) -> None:
        """Port 0 takes a free one, see ``url``; ``start_s`` is the timeout of the start in seconds."""
        self._start_s = start_s
        self._host = host
        self._port = port
        self._listening: Future[int] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    @property
    def url(self) -> str:
        """The URL for clients on this machine."""
        return f"mqtt://{self._host}:{self._listening.result(timeout=0)}"

    def __enter__(self) -> Self:
        """Start, and return once clients can connect; raise BrokerError or ConfigurationError where that fails."""
        self._thread.start()
        try:
            self._listening.result(self._start_s)
        except TimeoutError:
            raise BrokerError(
                f"embedded broker has not started within {self._start_s:g} s: try again when the machine is less busy"
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections and end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except (BrokerError, ConfigurationError) as error:
            self._listening.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        broker, connect = _create_broker()
        await broker.start()
        try:
            server = await asyncio.start_server(connect, self._host, self._port)
        except OSError as error:
            await broker.shutdown()
            raise BrokerError(
                f"embedded broker cannot listen on {self._host}:{self._port}: {error.strerror}"
            ) from error
        self._listening.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        server.close()
        await broker.shutdown()


def _create_broker() -> "tuple[Broker, _Connect]":
    """Return a broker without authentication, and the function that gives it a connection.

    hushd accepts the connections itself, and so knows the port that the system chose and whether it was free.
    """
    try:
        from amqtt import adapters, broker, contexts  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise ConfigurationError("the embedded broker needs amqtt: pip install 'hushd[demo]'") from error

    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.ERROR)  # they warn at each client that connects or disconnects
    listener = contexts.ListenerConfig(type=contexts.ListenerType.EXTERNAL, bind="external")
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    server = broker.Broker(contexts.BrokerConfig(listeners={_LISTENER: listener}, plugins=plugins))

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        streams = adapters.StreamReaderAdapter(reader), adapters.StreamWriterAdapter(writer)
        try:
            await server.external_connected(*streams, _LISTENER)
        finally:
            writer.close()  # amqtt leaves it open if client or broker stops during the handshake

    return server, connect
