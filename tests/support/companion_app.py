"""Phones with Home Assistant's companion app: registered as the app does it, pushed to over HTTP, answered by webhook.

Where Google's or Apple's servers would be is a server of ours, which remembers what each phone was sent.
"""

import json
import re
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

ANSWER_S = 60.0
"""Home Assistant takes milliseconds, on a busy machine sometimes seconds."""

Push = dict[str, Any]
"""``message``, ``title`` and ``data`` of one notification."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of a person's; without ``push``, its owner has not allowed notifications."""

    name: str
    owner: str
    push: bool = True

    @property
    def key(self) -> str:
        """In Home Assistant's identifiers, and the last word of its entities."""
        return re.sub(r"\W", "_", self.name.lower())

    def registration(self, push_url: str) -> dict[str, Any]:
        """What Home Assistant keeps of it."""
        return {
            "app_data": {"push_token": self.key, "push_url": push_url} if self.push else {},
            "app_id": "io.robbie.HomeAssistant", "app_name": "Home Assistant", "app_version": "2025.2",
            "device_id": self.key, "device_name": self.name, "manufacturer": "a maker", "model": "a model",
            "os_name": "iOS", "os_version": "18", "supports_encryption": False,
            "user_id": self.owner, "webhook_id": self.key,
        }  # fmt: skip

    def taps(self, action: str, home_assistant_port: int) -> None:
        """Its owner chooses one of a notification's actions."""
        event = {"event_type": "mobile_app_notification_action", "event_data": {"action": action}}
        connection = HTTPConnection("127.0.0.1", home_assistant_port, timeout=ANSWER_S)
        with closing(connection):
            connection.request(
                "POST",
                f"/api/webhook/{self.key}",
                json.dumps({"type": "fire_event", "data": event}),
                {"Content-Type": "application/json"},
            )
            assert connection.getresponse().status == HTTPStatus.OK


class PushServer:
    """Where notifications go; runs from entering to leaving."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pushes: list[Push] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                push = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server._take(push)
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        """What phones are registered with."""
        return f"http://127.0.0.1:{self._server.server_port}/push"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def pushes(self, phone: Phone) -> list[Push]:
        """What this phone has been sent, oldest first."""
        with self._changed:
            return [push for push in self._pushes if push["push_token"] == phone.key]

    def wait_for(self, phone: Phone, wanted: Callable[[Push], bool], *, since: int, timeout_s: float) -> int:
        """Which of this phone's notifications is wanted: the first one, waited for, from number ``since`` on."""

        def found() -> list[int]:
            return [number for number, push in enumerate(self.pushes(phone)) if number >= since and wanted(push)]

        with self._changed:
            assert self._changed.wait_for(found, timeout_s), self.pushes(phone)[since:]
            return found()[0]

    def _take(self, push: Push) -> None:
        with self._changed:
            self._pushes.append({"title": "", **push})
            self._changed.notify_all()
