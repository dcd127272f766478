"""Which requests reach the page at all, and what every answer tells the browser.

    name      the page is asked for by a name it has: no foreign name may point to it (DNS rebinding)
    origin    what changes anything comes from the page itself: no other site may press its buttons
    session   everything but the way in belongs to paired phones

Whatever is not on the list of the way in is closed, so an address that is added later is closed too.
"""

import socket
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.companion.web.sessions import Session
from edge.errors import StorageError

OPEN_PATHS = frozenset({"/pair", "/offline", "/manifest.webmanifest", "/worker.js", "/alive"})
"""Beside /static/: code and pictures that are the same for everybody."""

REQUEST_HEADER = "x-hushd"
"""Another site's form cannot send it, and its script only if we answered its preflight, which we never do."""

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " manifest-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'; trusted-types worker"  # the page's service worker and nothing else
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
# No Strict-Transport-Security: it would close every other service of that machine to http.


class AccessMiddleware:
    """ASGI middleware around the whole page."""

    def __init__(self, app: ASGIApp, *, names: frozenset[str], session: Callable[[Request], Session | None]) -> None:
        """``names`` are host names beside this machine's own; ``session`` finds a request's session."""
        self._app = app
        self._names = names | {"localhost", socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on with ``scope["phone"]`` set to the session."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        is_open = scope["path"] in OPEN_PATHS or scope["path"].startswith("/static/")
        unread = "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"

        async def receive_to_the_end() -> Message:
            nonlocal unread
            message = await receive()
            unread = unread and message.get("more_body", False)
            return message

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                # What is the same for everybody may be kept if asked about each time; the rest is nobody else's.
                headers["cache-control"] = "no-cache" if is_open and scope["method"] == "GET" else "no-store"
                if unread:  # uvicorn would go on reading what nobody wants, however much it is
                    headers["connection"] = "close"
            await send(message)

        answer = self._reject(request, is_open=is_open)
        await (answer or self._app)(scope, receive_to_the_end, send_with_headers)

    def _reject(self, request: Request, *, is_open: bool) -> Response | None:
        return self._reject_foreign(request, is_open=is_open) or (None if is_open else self._reject_unpaired(request))

    def _reject_foreign(self, request: Request, *, is_open: bool) -> Response | None:
        """No, where it was not the page that asked."""
        if request.method not in ("GET", "POST"):
            return error_response(405, "there is only GET and POST here")
        if not self._is_own_name(request.headers.get("host", "")):
            return error_response(421, "this page is not called that: open it by the link of `hushd phone --pair`")
        came_from_the_page = _comes_from_page if request.method == "POST" else _comes_from_no_other_site
        if came_from_the_page(request.headers) or (is_open and request.method == "GET"):
            return None
        return error_response(403, "this did not come from the page itself")

    def _reject_unpaired(self, request: Request) -> Response | None:
        """No, where it was not a paired phone."""
        try:
            request.scope["phone"] = self._session(request)
        except StorageError as error:
            return error_response(503, str(error))
        if request.scope["phone"] is not None:
            return None
        if request.url.path == "/" and request.method == "GET":
            return RedirectResponse("/pair", status_code=303)
        return error_response(401, "this phone is not paired: run `hushd phone --pair` where hushd runs")

    def _is_own_name(self, host: str) -> bool:
        """Rebinding needs a name, so any bare address will do."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        return name in self._names or _is_address(name)


def error_response(status: int, detail: str, **headers: str) -> JSONResponse:
    """No, in words for the one who asked."""
    return JSONResponse({"accepted": False, "detail": detail}, status, headers)


def _comes_from_page(headers: Headers) -> bool:
    """Sure of it: an old browser that says nothing of where a request comes from is refused."""
    if REQUEST_HEADER not in headers or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is None:
        return "sec-fetch-site" in headers
    return urlsplit(origin).netloc == headers.get("host")


def _comes_from_no_other_site(headers: Headers) -> bool:
    """A link to the page may stand anywhere; its insides are asked for by itself alone."""
    is_ours = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    return is_ours or headers.get("sec-fetch-mode") == "navigate"


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
