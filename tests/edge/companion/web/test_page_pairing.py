"""Pairing, sessions and streams of phones, with a real server."""

import sqlite3
import ssl
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from edge.companion.web.server import serve
from edge.companion.web.sessions import SessionStore
from tests.support.mosquitto import Certificates
from tests.support.page_home import Home, Phone, next_event

pytestmark = pytest.mark.real


def test_a_code_is_valid_once(home: Home) -> None:
    code = home.sessions.invite()
    assert home.unpaired_phone().pair(code).status_code == 200
    replayed = home.unpaired_phone()
    assert replayed.pair(code).status_code == 403
    assert replayed.get("/phones").status_code == 401


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA", "ß" * 12, "0" * 900])
def test_a_wrong_code_is_rejected(home: Home, code: str) -> None:
    home.sessions.invite()
    assert home.unpaired_phone().pair(code).status_code == 403


def test_the_cookie_is_unreadable_for_scripts_and_other_sites(home: Home) -> None:
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


def test_an_unpaired_phone_loses_its_stream_at_once(home: Home, parent: Phone) -> None:
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


def test_the_newest_stream_of_a_phone_ends_the_oldest_one(parent: Phone) -> None:
    streams = [parent.send(parent.build_request("GET", "/stream"), stream=True) for _ in range(5)]
    try:
        oldest, *newer = [stream.iter_lines() for stream in streams]
        for lines in newer:
            next_event(lines)
        assert sum(line.startswith("event:") for line in oldest) <= 2  # what it got before, and then its end
    finally:
        for stream in streams:
            stream.close()


def test_guessing_codes_is_limited_for_each_client_and_for_all_together(tmp_path: Path) -> None:
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
def test_a_trusted_proxys_forwarded_addresses_are_limited_one_by_one(
    tmp_path: Path, trusted: tuple[str, ...], asked: list[int]
) -> None:
    with Home(tmp_path, trusted_proxies=trusted) as home:
        proxy = home.unpaired_phone()

        def pair(forwarded: str) -> int:
            proxy.headers["x-forwarded-for"] = forwarded
            return proxy.pair("AAAA").status_code

        assert [pair("203.0.113.1") for _ in range(5)] == [403] * 5
        assert [pair("203.0.113.2"), pair("203.0.113.3, 203.0.113.1"), pair("2001:db8::1")] == asked


def test_with_certificates_page_and_cookie_are_https(tmp_path: Path) -> None:
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


def test_a_failing_disk_admits_no_phone_and_the_answer_names_it(tmp_path: Path) -> None:
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
