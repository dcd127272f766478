"""Without the pairing nobody gets a page, an event stream or a command: a real server, and strangers at its door."""

import socket
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from edge.companion.web.server import serve
from edge.companion.web.sessions import SessionStore
from tests.support.mosquitto import Certificates
from tests.support.page_home import Home, Phone, next_event

PRIVATE = ("/", "/stream", "/history?device=nursery", "/phones", "/unknown", "/static/../", "/Static/page.js", "//")
COMMAND = {"device": "nursery", "name": "snooze", "value": 30}
ANSWERS_TO_STRANGERS = {303, 401, 404}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with Home(tmp_path_factory.mktemp("home")) as home:
        home.speaker.go_online()
        home.wait_for_view("nursery", online=True, listening=True)
        yield home


@pytest.fixture
def stranger(home: Home) -> Phone:
    return home.unpaired_phone()


@pytest.fixture
def parent(home: Home) -> Phone:
    return home.phone()


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
def test_a_made_up_session_is_none(stranger: Phone, secret: str) -> None:
    assert stranger.get("/stream", headers={"cookie": f"hushd={secret}"}).status_code == 401


def test_what_strangers_get_tells_nothing(stranger: Phone) -> None:
    for path in ("/pair", "/offline", "/manifest.webmanifest", "/worker.js", "/static/page.js", "/static/icon-192.png"):
        answer = stranger.get(path)
        assert answer.status_code == 200
        assert b"nursery" not in answer.content
        assert "set-cookie" not in answer.headers
    assert stranger.get("/alive").json() == {"paired": False}
    assert stranger.get("/static/icon-9999.png").status_code == 404


def test_a_code_is_good_once(home: Home) -> None:
    code = home.sessions.invite()
    assert home.unpaired_phone().pair(code).status_code == 200
    replayed = home.unpaired_phone()
    assert replayed.pair(code).status_code == 403
    assert replayed.get("/phones").status_code == 401


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA", "ß" * 12, "0" * 900])
def test_a_wrong_code_is_not(home: Home, code: str) -> None:
    home.sessions.invite()
    assert home.unpaired_phone().pair(code).status_code == 403


def test_the_cookie_is_for_the_browser_and_the_page_alone(home: Home) -> None:
    answer = home.unpaired_phone().pair(home.sessions.invite())
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "domain" not in cookie
    assert "max-age=7776000" in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_only_hashes_are_kept(tmp_path: Path) -> None:
    access = SessionStore(tmp_path / "a", session_days=1, pairing_minutes=1)
    code = access.invite()
    secret = access.exchange(access.invite(), "Anna")
    assert secret
    content = (tmp_path / "a").read_bytes()
    assert secret.encode() not in content
    assert code.encode() not in content
    assert code.replace("-", "").encode() not in content
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


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
def test_another_site_cannot_press_the_buttons(home: Home, parent: Phone, headers: dict[str, str]) -> None:
    before = commands(home)
    assert parent.post("/command", json=COMMAND, headers=headers).status_code == 403
    assert parent.post("/unpair", json={"id": 1}, headers=headers).status_code == 403
    assert parent.post("/pair", json={"code": home.sessions.invite(), "name": "x"}, headers=headers).status_code == 403
    assert commands(home) == before


def test_a_form_cannot_press_the_buttons(parent: Phone) -> None:
    del parent.headers["x-hushd"]
    assert parent.post("/command", data={"name": "snooze"}).status_code == 403


def test_a_client_that_does_not_say_where_it_comes_from_is_refused(parent: Phone) -> None:
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


def test_a_link_on_another_site_may_lead_here(parent: Phone) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert parent.get("/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1", "localhost@evil.example"]
)
def test_a_foreign_name_does_not_lead_here(parent: Phone, host: str) -> None:
    assert parent.get("/phones", headers={"host": host}).status_code == 421
    assert parent.get("/pair", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "192.168.1.20:8127", "[::1]:8127", socket.gethostname()])
def test_its_own_names_do(parent: Phone, host: str) -> None:
    assert parent.get("/phones", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "HEAD"])
def test_there_is_only_get_and_post(parent: Phone, method: str) -> None:
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


def test_the_pages_hold_no_script_of_their_own(parent: Phone) -> None:
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
def test_what_no_page_sends_is_refused(home: Home, parent: Phone, content: bytes, status: int) -> None:
    before = commands(home)
    answer = parent.post("/command", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["accepted"] is False
    assert answer.json()["detail"]
    assert commands(home) == before


def test_another_kind_of_content_is_refused(parent: Phone) -> None:
    assert parent.post("/command", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("path", ["/command", "/pair", "/static/page.js", "/nothing"])
def test_endless_content_is_cut_off(home: Home, path: str) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 4096

    for phone in (home.phone(), home.unpaired_phone()):
        try:
            answer = phone.post(path, content=endless(), headers={"content-type": "application/json"})
        except httpx.TransportError:  # it has gone in the middle of it
            continue
        assert answer.status_code >= 400


def test_a_phone_that_is_unpaired_is_out_at_once(home: Home, parent: Phone) -> None:
    other = home.phone()
    own = parent.get("/phones").json()["this"]
    with parent.stream("GET", "/stream") as stream:
        lines = stream.iter_lines()
        next_event(lines)
        assert other.post("/unpair", json={"id": own}).status_code == 200
        home.registry.touch()
        for line in lines:  # ends by itself
            assert line is not None
    assert parent.get("/phones").status_code == 401
    assert other.post("/unpair", json={"id": own}).status_code == 404
    assert other.post("/unpair", json={"id": True}).status_code in (200, 404)


def test_streams_of_one_phone_are_few_and_the_newest_wins(parent: Phone) -> None:
    streams = [parent.send(parent.build_request("GET", "/stream"), stream=True) for _ in range(5)]
    try:
        oldest, *newer = [stream.iter_lines() for stream in streams]
        for lines in newer:
            next_event(lines)
        assert sum(line.startswith("event:") for line in oldest) <= 2  # what it got before, and then its end
    finally:
        for stream in streams:
            stream.close()


def test_commands_have_a_pace(parent: Phone) -> None:
    statuses = [parent.send_command("snooze", "x").status_code for _ in range(40)]
    assert statuses[0] == 400
    assert statuses[-1] == 429


def test_brute_force_is_slow_for_one_and_for_all_together(tmp_path: Path) -> None:
    with Home(tmp_path) as home:
        one = home.unpaired_phone()
        assert [one.pair("AAAA").status_code for _ in range(8)] == [403] * 5 + [429] * 3
        others = [home.unpaired_phone() for _ in range(8)]
        tried = [other.pair("AAAA").status_code for other in others for _ in range(5)]
        assert tried.count(403) <= 16  # 20 at once for all the world, then one in 6 s
        good = home.sessions.invite()
        refused = others[-1].pair(good)
        assert refused.status_code == 429
        assert "try again in" in refused.json()["detail"]
        assert home.sessions.exchange(good, "the code is not used up by that")


@pytest.mark.parametrize(("trusted", "asked"), [(("127.0.0.0/8",), [403, 429, 403]), ((), [429, 429, 429])])
def test_a_proxy_is_believed_for_whom_it_asks_where_it_is_trusted(
    tmp_path: Path, trusted: tuple[str, ...], asked: list[int]
) -> None:
    with Home(tmp_path, trusted_proxies=trusted) as home:
        proxy = home.unpaired_phone()

        def pair(forwarded: str) -> int:
            proxy.headers["x-forwarded-for"] = forwarded
            return proxy.pair("AAAA").status_code

        assert [pair("203.0.113.1") for _ in range(5)] == [403] * 5
        assert [pair("203.0.113.2"), pair("203.0.113.3, 203.0.113.1"), pair("2001:db8::1")] == asked


def test_with_certificates_it_is_https_and_so_is_the_cookie(tmp_path: Path) -> None:
    issued = Certificates.issue(tmp_path / "certificates")
    with (
        Home(tmp_path, tls_cert=issued.server, tls_key=issued.server_key) as home,
        httpx.Client(
            base_url=f"https://localhost:{home.page.port}",
            verify=ssl.create_default_context(cafile=issued.authority),
            headers={"x-hushd": "1", "origin": f"https://localhost:{home.page.port}"},
        ) as phone,
    ):
        answer = phone.post("/pair", json={"code": home.sessions.invite(), "name": "Anna"})
        assert answer.headers["set-cookie"].startswith("__Host-hushd=")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert phone.get("/").status_code == 200


def test_a_disk_that_fails_lets_nobody_in_and_says_why(tmp_path: Path) -> None:
    with Home(tmp_path) as home:
        phone = home.phone()
        (tmp_path / "access.sqlite").write_bytes(b"no database")
        answer = phone.get("/phones")
        assert answer.status_code == 503
        assert "access.sqlite cannot be used" in answer.json()["detail"]
        assert home.unpaired_phone().pair("AAAA").status_code == 503


def test_a_disk_that_is_full_keeps_no_paired_phone_out(tmp_path: Path) -> None:
    with Home(tmp_path) as home:
        phone = home.phone()
        with closing(sqlite3.connect(tmp_path / "access.sqlite")) as db, db:
            db.execute("UPDATE session SET seen_s = seen_s - 100000")
            db.execute("CREATE TRIGGER full BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'full'); END")
        assert phone.get("/").status_code == 200


def test_leaving_ends_every_stream(tmp_path: Path) -> None:
    with Home(tmp_path) as home:
        phone = home.phone()
        with phone.stream("GET", "/stream") as stream:
            lines = stream.iter_lines()
            next_event(lines)
            home.page.__exit__(None, None, None)
            assert list(lines) is not None
        home.page.check()
        with pytest.raises(httpx.ConnectError):
            phone.get("/")
        with serve(home.connection, home.journal, home.sessions, home.settings) as again:
            assert again.port
