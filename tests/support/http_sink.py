"""Push service for Apprise's json:// URLs that records pushes; it can go down and return on the same port."""

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
"""Apprise's message types, one for each urgency."""


@dataclass(frozen=True, slots=True)
class ReceivedPush:
    """One received push."""

    to: str
    """Path of its URL, which names the phone."""
    title: str
    message: str
    type: str
    at: float
    """Time of receipt, by time.monotonic()."""


class Sink:
    """HTTP server that records pushes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._received: list[ReceivedPush] = []
        self._server: ThreadingHTTPServer | None = None
        self.status = 200
        """HTTP status of its responses; with any but 200 it records no push."""
        self.port = free_port()

    def url(self, phone: str = "anna") -> str:
        """Return the Apprise URL of a phone."""
        return f"json://127.0.0.1:{self.port}/{phone}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start, or start again."""
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sink._record(self.path.strip("/"), self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(sink.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop; connections are then refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def pushes(self, to: str | None = None, kind: str | None = None) -> list[ReceivedPush]:
        """Return the pushes received so far, oldest first."""
        with self._changed:
            return [each for each in self._received if to in (None, each.to) and kind in (None, each.type)]

    def wait_for(self, condition: Callable[[list[ReceivedPush]], bool], timeout_s: float = _WAIT_S) -> None:
        """Wait until the condition holds for the received pushes."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self._received), timeout_s), self._received

    def _record(self, path: str, content: bytes) -> None:
        if self.status != 200:
            return
        fields = json.loads(content)
        pushed = ReceivedPush(path, fields["title"], fields["message"], fields["type"], time.monotonic())
        with self._changed:
            self._received.append(pushed)
            self._changed.notify_all()
