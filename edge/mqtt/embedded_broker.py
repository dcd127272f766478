"""A small MQTT broker inside the process, so that the demo needs nothing else.

It is amqtt, from the extra ``demo``; a real house uses mosquitto or its Home Assistant's broker. Messages and
retained topics live in memory and end with it. Without passwords or TLS, it listens on loopback unless told otherwise.
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
"""amqtt insists on a listener of this name."""
_STOP_S = 2.0


class EmbeddedBroker:
    """Runs from entering to leaving, in a thread with an event loop of its own."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, start_s: float = 10.0) -> None:
        """Port 0 lets the system choose a free one; see ``url``. ``start_s`` is how long it may take to start."""
        self._start_s = start_s
        self._host = host
        self._port = port
        self._listening: Future[int] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    @property
    def url(self) -> str:
        """Where clients on this machine connect."""
        return f"mqtt://{self._host}:{self._listening.result(timeout=0)}"

    def __enter__(self) -> Self:
        """Start; returns once clients can connect."""
        self._thread.start()
        try:
            self._listening.result(self._start_s)
        except TimeoutError:
            raise BrokerError(
                f"embedded broker has not started within {self._start_s:g} s: is the machine busy? Try again"
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
        broker, connect = _amqtt()
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


def _amqtt() -> "tuple[Broker, _Connect]":
    """A broker that allows everybody in, and the function that hands it a connection.

    Accepting connections ourselves tells us the port the system chose and whether it was free.
    """
    try:
        from amqtt import adapters, broker, contexts  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise ConfigurationError("the embedded broker needs amqtt: pip install 'hushd[demo]'") from error

    for chatty in ("amqtt", "transitions"):
        logging.getLogger(chatty).setLevel(logging.ERROR)  # each client that comes or goes is a warning to them
    listener = contexts.ListenerConfig(type=contexts.ListenerType.EXTERNAL, bind="ours")
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    server = broker.Broker(contexts.BrokerConfig(listeners={_LISTENER: listener}, plugins=plugins))

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        streams = adapters.StreamReaderAdapter(reader), adapters.StreamWriterAdapter(writer)
        try:
            await server.external_connected(*streams, _LISTENER)
        finally:
            writer.close()  # amqtt forgets it when the client left, or we stop, at an unlucky moment

    return server, connect
