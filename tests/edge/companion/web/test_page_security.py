"""Requests of unpaired phones, other sites and other host names, to a real server."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.support.page_home import Home, Phone

pytestmark = pytest.mark.real

PRIVATE = ("/", "/stream", "/history?device=nursery", "/phones", "/unknown", "/static/../", "/Static/page.js", "//")
COMMAND = {"device": "nursery", "name": "snooze", "value": 30}
ANSWERS_TO_STRANGERS = {303, 401, 404}


def commands(home: Home) -> int:
    return len([each for each in home.consumer.heard() if "/set/" in each.topic])


@pytest.mark.parametrize("path", PRIVATE)
def test_no_pairing_no_page(stranger: Phone, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code in ANSWERS_TO_STRANGERS
    assert "nursery" not in answer.text
    assert "<template" not in answer.text


def test_no_pairing_no_command(home: Home, stranger: Phone) -> None:
    assert stranger.post("/command", json=COMMAND).status_code == 401
    assert stranger.post("/unpair", json={"id": 1}).status_code == 401
    assert commands(home) == 0


@pytest.mark.parametrize("secret", ["x", "", "'; DROP TABLE session; --", "A" * 5000, "%00"])
def test_a_made_up_session_is_invalid(stranger: Phone, secret: str) -> None:
    assert stranger.get("/stream", headers={"cookie": f"hushd={secret}"}).status_code == 401


def test_open_paths_contain_no_name_and_set_no_cookie(stranger: Phone) -> None:
    for path in ("/pair", "/offline", "/manifest.webmanifest", "/worker.js", "/static/page.js", "/static/icon-192.png"):
        answer = stranger.get(path)
        assert answer.status_code == 200
        assert b"nursery" not in answer.content
        assert "set-cookie" not in answer.headers
    assert stranger.get("/alive").json() == {"paired": False}
    assert stranger.get("/static/icon-9999.png").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_another_site_can_send_no_command(home: Home, parent: Phone, headers: dict[str, str]) -> None:
    before = commands(home)
    assert parent.post("/command", json=COMMAND, headers=headers).status_code == 403
    assert parent.post("/unpair", json={"id": 1}, headers=headers).status_code == 403
    assert parent.post("/pair", json={"code": home.sessions.invite(), "name": "x"}, headers=headers).status_code == 403
    assert commands(home) == before


def test_a_form_of_another_site_can_send_no_command(parent: Phone) -> None:
    del parent.headers["x-hushd"]
    assert parent.post("/command", data={"name": "snooze"}).status_code == 403


def test_a_request_without_an_origin_is_rejected(parent: Phone) -> None:
    del parent.headers["sec-fetch-site"]
    assert parent.post("/command", json=COMMAND).status_code == 403
    parent.headers["origin"] = str(parent.base_url).rstrip("/")
    assert parent.post("/command", json={**COMMAND, "value": "x"}).status_code == 400  # let in, and read


@pytest.mark.parametrize("mode", ["cors", "no-cors"])
def test_another_site_cannot_read(parent: Phone, mode: str) -> None:
    for path in ("/stream", "/history?device=nursery", "/phones"):
        headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode}
        assert parent.get(path, headers=headers).status_code == 403
    assert "access-control-allow-origin" not in parent.get("/phones").headers


def test_a_link_on_another_site_may_open_the_page(parent: Phone) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert parent.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1", "localhost@evil.example"]
)
def test_a_foreign_host_name_is_rejected(parent: Phone, host: str) -> None:
    assert parent.get("/phones", headers={"host": host}).status_code == 421
    assert parent.get("/pair", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "192.168.1.20:8127", "[::1]:8127", socket.gethostname()])
def test_its_own_host_names_are_accepted(parent: Phone, host: str) -> None:
    assert parent.get("/phones", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "HEAD"])
def test_methods_other_than_get_and_post_are_rejected(parent: Phone, method: str) -> None:
    assert parent.request(method, "/phones").status_code == 405


@pytest.mark.parametrize("path", ["/", "/phones", "/pair", "/static/page.js", "/nothing", "/history"])
def test_every_answer_has_its_headers(parent: Phone, path: str) -> None:
    headers = parent.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path in ("/pair", "/static/page.js") else "no-store")
    assert "server" not in headers


def test_the_pages_contain_no_inline_script(parent: Phone) -> None:
    for path in ("/", "/pair", "/offline"):
        html = parent.get(path).text
        assert "style=" not in html
        assert "onclick" not in html
        assert html.count("<script") == html.count('<script type="module" src="/static/')
        assert "http" not in html.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{" + b" " * 2000, 413),
        (b"[" * 1000, 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"device":"nursery","name":"snooze","value":{}}', 400),
        (b'{"device":"nursery","name":"snooze","value":"\\ud800"}', 400),
        (b'{"device":"nursery","name":"snooze","value":NaN}', 400),
        (b'{"device":1,"name":"snooze","value":1}', 400),
        (b'{"device":"nursery","name":"explode","value":1}', 400),
        (b'{"device":"nursery","name":"feedback","value":"e1 maybe"}', 400),
        (b'{"device":"nursery","name":"feedback","value":"../x right"}', 400),
        (b'{"device":"nursery/set","name":"snooze","value":1}', 503),
    ],
)
def test_a_request_that_the_page_never_sends_is_rejected(
    home: Home, parent: Phone, content: bytes, status: int
) -> None:
    before = commands(home)
    answer = parent.post("/command", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["accepted"] is False
    assert answer.json()["detail"]
    assert commands(home) == before


def test_another_kind_of_content_is_refused(parent: Phone) -> None:
    answer = parent.post("/command", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert "Content-Type must be application/json" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/command", "/pair", "/static/page.js", "/nothing"])
def test_an_endless_request_body_is_cut_off(home: Home, path: str) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 4096

    for phone in (home.phone(), home.unpaired_phone()):
        try:
            answer = phone.post(path, content=endless(), headers={"content-type": "application/json"})
        except httpx.TransportError:  # it has gone in the middle of it
            continue
        assert answer.status_code >= 400


def test_commands_are_rate_limited(parent: Phone) -> None:
    statuses = [parent.send_command("snooze", "x").status_code for _ in range(40)]
    assert statuses[0] == 400
    assert statuses[-1] == 429
