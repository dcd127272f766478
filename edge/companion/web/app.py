"""Routes of the page and their handlers, all behind ``edge.companion.web.middleware``."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from edge.companion.mqtt.command_client import CommandClient
from edge.companion.web import api_commands
from edge.companion.web.api_commands import BadRequestError
from edge.companion.web.broadcaster import Broadcaster
from edge.companion.web.middleware import AccessMiddleware, error_response
from edge.companion.web.rate_limit import PAIRING_EACH, PAIRING_TOGETHER, REQUESTS_EACH, REQUESTS_TOGETHER, Limiter
from edge.companion.web.sessions import Session, SessionStore
from edge.companion.web.sse import EventStreams
from edge.config.companion import PageSettings
from edge.errors import StorageError

_HERE = Path(__file__).parent
_REPLY_S = 5.0


class Page:
    """Handlers of all routes, with the state that they share."""

    def __init__(
        self, settings: PageSettings, sessions: SessionStore, broadcaster: Broadcaster, commands: CommandClient
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._broadcaster = broadcaster
        self._commands = commands
        self._streams = EventStreams(broadcaster)
        self._pairing_limit = Limiter(each=PAIRING_EACH, together=PAIRING_TOGETHER)
        self._request_limit = Limiter(each=REQUESTS_EACH, together=REQUESTS_TOGETHER)
        # Browsers accept a cookie with this prefix only over https and for this host alone.
        self._cookie = "__Host-hushd" if settings.is_secure else "hushd"

    def build_app(self) -> Starlette:
        """Build the ASGI application with its middleware."""
        public = urlsplit(self._settings.url or "").hostname
        names = frozenset({public} if public else ())
        return Starlette(
            routes=[
                Route("/", self._index),
                Route("/pair", _serve_file("pair.html")),
                Route("/pair", self._pair, methods=["POST"]),
                Route("/alive", self._alive),
                Route("/offline", _serve_file("offline.html")),
                Route("/stream", self._stream),
                Route("/history", self._history),
                Route("/command", self._command, methods=["POST"]),
                Route("/phones", self._phones),
                Route("/unpair", self._unpair, methods=["POST"]),
                Route("/worker.js", _serve_file("worker.js")),
                Route("/manifest.webmanifest", _serve_file("manifest.webmanifest")),
                Mount("/static", StaticFiles(directory=_HERE / "static")),
            ],
            middleware=[Middleware(AccessMiddleware, names=names, session=self._session)],
            exception_handlers={BadRequestError: _handle_bad_request, StorageError: _handle_storage_error},
        )

    def _session(self, request: Request) -> Session | None:
        secret = request.cookies.get(self._cookie)
        return self._sessions.session(secret) if secret else None

    async def _index(self, request: Request) -> Response:
        response = FileResponse(_HERE / "pages" / "index.html")
        with suppress(StorageError):  # on a full disk the session is not renewed, and still valid
            if self._sessions.renew(request.scope["phone"]):
                self._set_cookie(response, request.cookies[self._cookie])
        return response

    async def _alive(self, request: Request) -> Response:
        return JSONResponse({"paired": self._session(request) is not None})

    async def _pair(self, request: Request) -> Response:
        _limit(self._pairing_limit, request.client.host if request.client else "")
        fields = await api_commands.read_fields(request, "code", "name")
        secret = self._sessions.exchange(
            api_commands.text_field(fields, "code"), api_commands.text_field(fields, "name")
        )
        if secret is None:
            raise BadRequestError(403, "this link is not valid any more: make a new one with `hushd phone --pair`")
        response = JSONResponse({"accepted": True, "detail": "paired"})
        self._set_cookie(response, secret)
        return response

    async def _stream(self, request: Request) -> Response:
        secret, phone = request.cookies[self._cookie], request.scope["phone"]

        def is_paired() -> bool:
            try:
                return self._sessions.session(secret) is not None
            except StorageError:  # a failing disk ends no stream that was opened before
                return True

        return self._streams.open(phone.id, is_paired)

    async def _history(self, request: Request) -> Response:
        _limit(self._request_limit, str(request.scope["phone"].id))
        try:
            zone = ZoneInfo(request.query_params.get("zone", "UTC"))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = ZoneInfo("UTC")
        history = await self._broadcaster.history(request.query_params.get("device", ""), zone)
        return error_response(404, "there is no such speaker") if history is None else JSONResponse(history)

    async def _command(self, request: Request) -> Response:
        _limit(self._request_limit, str(request.scope["phone"].id))
        fields = await api_commands.read_fields(request, "device", "name", "value")
        device = api_commands.text_field(fields, "device")
        command_id = api_commands.send(self._commands, device, api_commands.text_field(fields, "name"), fields["value"])
        reply = await self._broadcaster.await_reply(device, command_id, _REPLY_S)
        if reply is None:
            detail = f"{device} does not answer, so nobody knows whether it has done this"
            return JSONResponse({"accepted": None, "detail": detail}, 504)
        return JSONResponse({"accepted": reply.accepted, "detail": reply.detail})

    async def _phones(self, request: Request) -> Response:
        phones = [
            {"id": each.id, "name": each.name, "paired_s": each.paired_s, "seen_s": each.seen_s}
            for each in self._sessions.sessions()
        ]
        return JSONResponse({"phones": phones, "this": request.scope["phone"].id})

    async def _unpair(self, request: Request) -> Response:
        fields = await api_commands.read_fields(request, "id")
        if not isinstance(fields["id"], int) or not self._sessions.revoke(fields["id"]):
            return error_response(404, "there is no such phone")
        return JSONResponse({"accepted": True, "detail": "this phone is let in no more"})

    def _set_cookie(self, response: Response, secret: str) -> None:
        response.set_cookie(
            self._cookie,
            secret,
            max_age=round(self._settings.session_days * 86_400),
            httponly=True,
            secure=self._settings.is_secure,
            samesite="strict",
        )


def _serve_file(name: str) -> Callable[[Request], Response]:
    return lambda _: FileResponse(_HERE / "pages" / name)


def _limit(limiter: Limiter, client: str) -> None:
    wait_s = limiter.acquire(client)
    if wait_s > 0:
        raise BadRequestError(429, f"too many at once: try again in {wait_s:.0f} s")


def _handle_bad_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequestError)
    return error_response(error.status, str(error))


def _handle_storage_error(_: Request, error: Exception) -> Response:
    return error_response(503, str(error))
