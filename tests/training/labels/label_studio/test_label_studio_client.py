"""The client of Label Studio's REST API: every failure is one line, and a personal token is renewed."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from training.labels.label_studio.client import LabelStudio, LabelStudioError

PERSONAL = "header.payload.signature"


class Handler(BaseHTTPRequestHandler):
    """A handler with a fixed response by path, and Label Studio's token rules."""

    issued = 0

    def do_GET(self) -> None:
        if self.headers["Authorization"] not in ("Token right", f"Bearer access-{Handler.issued}"):
            self.answer(401, {"detail": "Invalid token."})
        elif self.path.startswith("/api/projects/?"):
            self.answer(200, {"results": [{"title": "v2 anna", "id": 3}, {"title": "v2 ann", "id": 4}]})
        elif self.path.startswith("/api/users"):
            self.answer(200, "<html>")
        elif self.path.startswith("/api/projects/8/"):
            self.answer(301, "", location="https://elsewhere.example/")
        else:
            self.answer(404, {"detail": "Not found."})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/token/refresh/" and body == {"refresh": PERSONAL}:
            Handler.issued += 1
            self.answer(200, {"access": f"access-{Handler.issued}"})
        else:
            self.answer(400, {"validation_errors": {"path": ["Path does not exist.\nReally."]}})

    def answer(self, code: int, body: object, **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Suppress the log."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """URL of a fake Label Studio server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_project_is_found_by_its_whole_title(url: str) -> None:
    for token in ("right", PERSONAL):
        found = LabelStudio(url, token).find_project("v2 ann")
        assert found is not None
        assert found["id"] == 4
    assert LabelStudio(url, "right").find_project("v2 bo") is None


def test_an_expired_personal_token_is_renewed(url: str) -> None:
    server = LabelStudio(url, PERSONAL)
    assert server.find_project("v2 anna")
    before = Handler.issued
    Handler.issued += 1  # invalidates the issued access token
    assert server.find_project("v2 anna")
    assert Handler.issued == before + 2


def test_failures_are_one_line(url: str) -> None:
    server = LabelStudio(url, "right")
    with pytest.raises(LabelStudioError, match=r"does not respond as Label Studio does"):
        server.accounts()
    with pytest.raises(LabelStudioError, match=r"rejects GET /api/projects/9/export: 404 Not found\."):
        server.export(9)
    with pytest.raises(
        LabelStudioError, match=r"rejects GET .*: it redirects to https://elsewhere\.example/; use that address"
    ):
        server.export(8)
    with pytest.raises(LabelStudioError, match=r"rejects POST /api/projects/9/import: 400 .*Path does not exist"):
        server.add_tasks(9, [{}])
    with pytest.raises(LabelStudioError, match="the token is unknown; copy it again"):
        LabelStudio(url, "wrong").find_project("v2 anna")
    with pytest.raises(LabelStudioError, match=r"rejects POST /api/token/refresh/: 400"):
        LabelStudio(url, "out.of.date").find_project("v2 anna")
    with pytest.raises(LabelStudioError, match=r"no response from Label Studio at http://127\.0\.0\.1:9"):
        LabelStudio("http://127.0.0.1:9", "right").accounts()
    with pytest.raises(LabelStudioError, match="is not a valid URL; expected http://HOST:PORT"):
        LabelStudio("file:///etc/passwd", "right")
    with pytest.raises(LabelStudioError, match="is not a valid URL; expected http://HOST:PORT"):
        LabelStudio("http://host:port", "right")
    with pytest.raises(LabelStudioError, match="the access token has invalid characters"):
        LabelStudio(url, "with\nnewline")
