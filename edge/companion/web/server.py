"""HTTP server of the page, in a thread with an event loop of its own.

with serve(speakers, journal, sessions, settings) as page:
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
_SHUTDOWN_S = 1
"""Time for open responses to end; streams end at once."""
_BACKLOG = 64
_MAX_HEADER_BYTES = 16_384


class Server:
    """Server of the page from entering to leaving it as a context manager."""

    def __init__(
        self, speakers: SpeakerConnection, journal: JournalReader, sessions: SessionStore, settings: PageSettings
    ) -> None:
        """Prepare a server; raise ConfigurationError where the certificate cannot be used."""
        self._dependencies = speakers, journal, sessions
        self._settings = settings
        self._listening: Future[None] = Future()
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        _check_certificates(settings)

    def __enter__(self) -> Self:
        """Start and return once phones can connect; raise ConfigurationError where the address cannot be used."""
        self._socket = _listen(self._settings)
        self.port: int = self._socket.getsockname()[1]
        self._thread.start()
        self._listening.result(_START_S)
        return self

    def __exit__(self, *_: object) -> None:
        """End all streams and the thread."""
        if not self._ended.done():
            self._loop.call_soon_threadsafe(self._close)
        self._thread.join(_STOP_S)

    def check(self) -> None:
        """Raise the exception that has ended the server, if one has."""
        if self._ended.done():
            self._ended.result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as crash:  # noqa: BLE001 - raised by the start, or by check
            if not self._listening.done():
                self._listening.set_exception(crash)
            self._ended.set_exception(crash)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        speakers, journal, sessions = self._dependencies
        self._broadcaster = Broadcaster(speakers.registry, journal)
        trusted = list(self._settings.trusted_proxies)
        config = uvicorn.Config(
            count_requests(Page(self._settings, sessions, self._broadcaster, speakers.commands).build_app()),
            lifespan="off",
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted),  # of other clients they are ignored: a forged address would evade the limits
            forwarded_allow_ips=trusted,
            timeout_graceful_shutdown=_SHUTDOWN_S,
            h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
            http=IdleLimitedProtocol,
            loop="asyncio",
            ssl_certfile=self._settings.tls_cert,
            ssl_keyfile=self._settings.tls_key,
        )
        self._server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as tasks:  # an exception in one task ends the other
            tasks.create_task(self._broadcaster.run())
            tasks.create_task(self._server.serve(sockets=[self._socket]))
            while not self._server.started:
                await asyncio.sleep(0.01)  # uvicorn has no event for its start
            self._listening.set_result(None)

    def _close(self) -> None:
        self._broadcaster.close()
        self._server.should_exit = True


def serve(
    speakers: SpeakerConnection, journal: JournalReader, sessions: SessionStore, settings: PageSettings
) -> Server:
    """Return the server of a home's page, a context manager."""
    return Server(speakers, journal, sessions, settings)


def _listen(settings: PageSettings) -> socket.socket:
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return LimitedListener(socket.create_server(address, family=family, backlog=_BACKLOG))
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
