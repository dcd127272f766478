"""ASGI middleware that decides which requests reach the page, and adds the security headers to every response.

    host      the request names a host of this machine: no other host name may point to it (DNS rebinding)
    origin    a request that changes state comes from the page itself: no other site may send one (CSRF)
    session   every path except those of ``OPEN_PATHS`` and /static/ needs a paired phone

A path that is added later needs a paired phone, too, unless it is added to ``OPEN_PATHS``.
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
"""Open to unpaired phones, as /static/ is: their content is the same for all clients."""

REQUEST_HEADER = "x-hushd"
"""Header of the page's own requests. A form of another site cannot send it; a script of one needs a CORS preflight,
which is never granted.
"""

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " manifest-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'; trusted-types worker"  # the page's service worker alone
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
# No Strict-Transport-Security: it would block plain http to every other service of that host.


class AccessMiddleware:
    """Checks of host, origin and session, and security headers, around the page's application."""

    def __init__(self, app: ASGIApp, *, names: frozenset[str], session: Callable[[Request], Session | None]) -> None:
        """``names`` are host names in addition to this machine's own; ``session`` returns a request's session."""
        self._app = app
        self._names = names | {"localhost", socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
        self._session = session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with an error, or pass the request on with ``scope["phone"]`` set to the session."""
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
                # Content that is the same for all clients may be cached if revalidated; all other content is private.
                headers["cache-control"] = "no-cache" if is_open and scope["method"] == "GET" else "no-store"
                if unread:  # else uvicorn would read the rest of the body, however long
                    headers["connection"] = "close"
            await send(message)

        answer = self._reject(request, is_open=is_open)
        await (answer or self._app)(scope, receive_to_the_end, send_with_headers)

    def _reject(self, request: Request, *, is_open: bool) -> Response | None:
        return self._reject_foreign(request, is_open=is_open) or (None if is_open else self._reject_unpaired(request))

    def _reject_foreign(self, request: Request, *, is_open: bool) -> Response | None:
        """Return an error for a wrong method, host or origin, else None."""
        if request.method not in ("GET", "POST"):
            return error_response(405, "there is only GET and POST here")
        if not self._is_own_name(request.headers.get("host", "")):
            return error_response(421, "unknown host name: open the page with the link from `hushd phone --pair`")
        is_from_page = _comes_from_page if request.method == "POST" else _is_own_or_navigation
        if is_from_page(request.headers) or (is_open and request.method == "GET"):
            return None
        return error_response(403, "this did not come from the page itself")

    def _reject_unpaired(self, request: Request) -> Response | None:
        """Set ``scope["phone"]``; return an error or the way to the pairing for an unpaired phone, else None."""
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
        """Return whether a Host header is an own name or any IP address; DNS rebinding needs a name."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        return name in self._names or _is_address(name)


def error_response(status: int, detail: str, **headers: str) -> JSONResponse:
    """Build an error response with a reason that the page shows."""
    return JSONResponse({"accepted": False, "detail": detail}, status, headers)


def _comes_from_page(headers: Headers) -> bool:
    """Return whether a request surely comes from the page; an old browser that sends no origin is rejected."""
    if REQUEST_HEADER not in headers or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is None:
        return "sec-fetch-site" in headers
    return urlsplit(origin).netloc == headers.get("host")


def _is_own_or_navigation(headers: Headers) -> bool:
    """Return whether a request is the page's own or opens it, also by a link; other sites may not embed or fetch."""
    is_own = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    return is_own or headers.get("sec-fetch-mode") == "navigate"


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
