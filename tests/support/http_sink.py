"""A push service of our own: takes what Apprise's json:// URLs send, goes down and comes back on the same port."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.support.ports import free_port

_WAIT_S = 15.0
RING, ALARM, QUIET = "failure", "warning", "info"
"""Apprise's message types, by which the pushes are told apart here."""


@dataclass(frozen=True, slots=True)
class ReceivedPush:
    """One message as the phone would show it."""

    to: str
    """The path of its URL, by which tests tell phones apart."""
    title: str
    message: str
    type: str
    at: float
    """time.monotonic()"""


class Sink:
    """Counts pushes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pushed: list[ReceivedPush] = []
        self._server: ThreadingHTTPServer | None = None
        self.status = 200
        """What it answers; other than 200, it takes nothing."""
        self.port = free_port()

    def url(self, phone: str = "anna") -> str:
        """Where a phone is pushed to."""
        return f"json://127.0.0.1:{self.port}/{phone}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin, or come back."""
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sink._take(self.path.strip("/"), self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(sink.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Go down: connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def pushes(self, to: str | None = None, kind: str | None = None) -> list[ReceivedPush]:
        """What has come so far, oldest first."""
        with self._changed:
            return [each for each in self._pushed if to in (None, each.to) and kind in (None, each.type)]

    def wait_for(self, enough: Callable[[list[ReceivedPush]], bool], timeout_s: float = _WAIT_S) -> None:
        """Wait until what has come is enough."""
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self._pushed), timeout_s), self._pushed

    def _take(self, path: str, content: bytes) -> None:
        if self.status != 200:
            return
        fields = json.loads(content)
        pushed = ReceivedPush(path, fields["title"], fields["message"], fields["type"], time.monotonic())
        with self._changed:
            self._pushed.append(pushed)
            self._changed.notify_all()
