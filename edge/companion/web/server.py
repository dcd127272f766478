"""The page, served by a thread with an event loop of its own.

with serve(speakers, journal, access, settings) as page:
    print(page.port)
"""

import asyncio
import socket
import ssl
import threading
from concurrent.futures import Future
from typing import Self

from edge.companion.mqtt.speaker_connection import SpeakerConnection
from edge.companion.web.broadcaster import Broadcaster, JournalReader
from edge.companion.web.sessions import SessionStore
from edge.config.companion import PageSettings
from edge.errors import ConfigurationError

try:
    import uvicorn

    from edge.companion.web.app import Page
    from edge.companion.web.connection_limits import IdleLimitedProtocol, LimitedListener, count_requests
except ImportError as error:
    raise ConfigurationError("the phone page needs Starlette and uvicorn: pip install 'hushd[phone]'") from error

_START_S = 30.0
_STOP_S = 5.0
_FAREWELL_S = 1
"""For answers under way; streams end by themselves."""
_MOST_WAITING = 64
_LONGEST_HEADERS = 16_384


class Server:
    """Serves from entering to leaving."""

    def __init__(
        self, speakers: SpeakerConnection, journal: JournalReader, access: SessionStore, settings: PageSettings
    ) -> None:
        """ConfigurationError where certificates are not as they must be."""
        self._parts = speakers, journal, access
        self._settings = settings
        self._listening: Future[None] = Future()
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        _check_certificates(settings)

    def __enter__(self) -> Self:
        """Start; returns once phones can connect. ConfigurationError where it cannot listen there."""
        self._socket = _listen(self._settings)
        self.port: int = self._socket.getsockname()[1]
        self._thread.start()
        self._listening.result(_START_S)
        return self

    def __exit__(self, *_: object) -> None:
        """End all streams, and the thread."""
        if not self._ended.done():
            self._loop.call_soon_threadsafe(self._close)
        self._thread.join(_STOP_S)

    def check(self) -> None:
        """Raise what the page has crashed with, if it has."""
        if self._ended.done():
            self._ended.result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as crash:  # noqa: BLE001 - for whoever waits for the start, or calls `check`
            if not self._listening.done():
                self._listening.set_exception(crash)
            self._ended.set_exception(crash)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        speakers, journal, access = self._parts
        self._hub = Broadcaster(speakers.registry, journal)
        trusted = list(self._settings.trusted_proxies)
        config = uvicorn.Config(
            count_requests(Page(self._settings, access, self._hub, speakers.commands).app()),
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted),  # of others: anybody could claim to be anybody, and try codes without end
            forwarded_allow_ips=trusted,
            timeout_graceful_shutdown=_FAREWELL_S,
            h11_max_incomplete_event_size=_LONGEST_HEADERS,
            http=IdleLimitedProtocol,
            loop="asyncio",
            ssl_certfile=self._settings.tls_cert,
            ssl_keyfile=self._settings.tls_key,
        )
        self._server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as tasks:  # one that crashes ends the other
            tasks.create_task(self._hub.run())
            tasks.create_task(self._server.serve(sockets=[self._socket]))
            while not self._server.started:
                await asyncio.sleep(0.01)  # uvicorn offers nothing to wait for
            self._listening.set_result(None)

    def _close(self) -> None:
        self._hub.close()
        self._server.should_exit = True


def serve(speakers: SpeakerConnection, journal: JournalReader, access: SessionStore, settings: PageSettings) -> Server:
    """The page of a house, as a context manager."""
    return Server(speakers, journal, access, settings)


def _listen(settings: PageSettings) -> socket.socket:
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return LimitedListener(socket.create_server(address, family=family, backlog=_MOST_WAITING))
    except OSError as error:
        raise ConfigurationError(
            f"the page cannot listen on {settings.host}:{settings.port}: {error.strerror}: set its host and port"
        ) from error


def _check_certificates(settings: PageSettings) -> None:
    if settings.tls_cert is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            f"the page's tls_cert {settings.tls_cert} cannot be used: {error.strerror or error}"
        ) from error
