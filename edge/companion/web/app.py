"""The page's addresses, and what is behind each. ``edge.companion.web.middleware`` stands before them all."""

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
from edge.companion.web.rate_limit import Limiter, Rate
from edge.companion.web.sessions import Session, SessionStore
from edge.companion.web.sse import EventStreams
from edge.config.companion import PageSettings
from edge.errors import StorageError

_HERE = Path(__file__).parent
_REPLY_S = 5.0


class Page:
    """The handlers, and what they share."""

    def __init__(self, settings: PageSettings, access: SessionStore, hub: Broadcaster, commands: CommandClient) -> None:
        self._settings = settings
        self._access = access
        self._hub = hub
        self._commands = commands
        self._streams = EventStreams(hub)
        self._pairing = Limiter(each=Rate(5, 30.0), together=Rate(20, 6.0))
        self._asking = Limiter(each=Rate(20, 1.0), together=Rate(80, 0.25))
        # A browser takes a cookie of this prefix only over https, for this host alone.
        self._cookie = "__Host-hushd" if settings.is_secure else "hushd"

    def app(self) -> Starlette:
        """The whole page, guarded."""
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
        return self._access.session(secret) if secret else None

    async def _index(self, request: Request) -> Response:
        response = FileResponse(_HERE / "pages" / "index.html")
        with suppress(StorageError):  # on a full disk its time does not begin anew; it is let in all the same
            if self._access.renew(request.scope["phone"]):
                self._set_cookie(response, request.cookies[self._cookie])
        return response

    async def _alive(self, request: Request) -> Response:
        return JSONResponse({"paired": self._session(request) is not None})

    async def _pair(self, request: Request) -> Response:
        _limit(self._pairing, request.client.host if request.client else "")
        asked = await api_commands.read_fields(request, "code", "name")
        secret = self._access.exchange(api_commands.text_field(asked, "code"), api_commands.text_field(asked, "name"))
        if secret is None:
            raise BadRequestError(403, "this link is not valid any more: make a new one with `hushd phone --pair`")
        response = JSONResponse({"accepted": True, "detail": "paired"})
        self._set_cookie(response, secret)
        return response

    async def _stream(self, request: Request) -> Response:
        secret, phone = request.cookies[self._cookie], request.scope["phone"]

        def is_let_in() -> bool:
            try:
                return self._access.session(secret) is not None
            except StorageError:  # whom a broken disk cannot name was let in when it could
                return True

        return self._streams.open(phone.id, is_let_in)

    async def _history(self, request: Request) -> Response:
        _limit(self._asking, str(request.scope["phone"].id))
        try:
            zone = ZoneInfo(request.query_params.get("zone", "UTC"))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = ZoneInfo("UTC")
        history = await self._hub.history(request.query_params.get("device", ""), zone)
        return error_response(404, "there is no such speaker") if history is None else JSONResponse(history)

    async def _command(self, request: Request) -> Response:
        _limit(self._asking, str(request.scope["phone"].id))
        asked = await api_commands.read_fields(request, "device", "name", "value")
        device = api_commands.text_field(asked, "device")
        command_id = api_commands.send(self._commands, device, api_commands.text_field(asked, "name"), asked["value"])
        answer = await self._hub.await_reply(device, command_id, _REPLY_S)
        if answer is None:
            detail = f"{device} does not answer, so nobody knows whether it has done this"
            return JSONResponse({"accepted": None, "detail": detail}, 504)
        return JSONResponse({"accepted": answer.accepted, "detail": answer.detail})

    async def _phones(self, request: Request) -> Response:
        phones = [
            {"id": each.id, "name": each.name, "paired_s": each.paired_s, "seen_s": each.seen_s}
            for each in self._access.sessions()
        ]
        return JSONResponse({"phones": phones, "this": request.scope["phone"].id})

    async def _unpair(self, request: Request) -> Response:
        asked = await api_commands.read_fields(request, "id")
        if not isinstance(asked["id"], int) or not self._access.revoke(asked["id"]):
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


def _limit(limiter: Limiter, who: str) -> None:
    wait_s = limiter.acquire(who)
    if wait_s > 0:
        raise BadRequestError(429, f"too many at once: try again in {wait_s:.0f} s")


def _handle_bad_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequestError)
    return error_response(error.status, str(error))


def _handle_storage_error(_: Request, error: Exception) -> Response:
    return error_response(503, str(error))
