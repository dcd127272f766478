"""Pairing codes, sessions and the settings of the page."""

import os
from pathlib import Path

import pytest

from edge.companion.web.pairing_link import build_invitation, page_url
from edge.companion.web.sessions import SessionStore
from edge.config.companion import PageSettings
from edge.errors import ConfigurationError, StorageError
from tests.support.fakes import HandClock

DAY_S = 86_400.0


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1_000_000.0)


@pytest.fixture
def access(tmp_path: Path, clock: HandClock) -> SessionStore:
    return SessionStore(tmp_path / "access.sqlite", session_days=90, pairing_minutes=10, now=clock.steady_s)


def paired(access: SessionStore, name: str = "Anna") -> str:
    secret = access.exchange(access.invite(), name)
    assert secret
    return secret


def test_a_code_as_a_tired_person_types_it(access: SessionStore) -> None:
    code = access.invite()
    assert len(code) == 14
    assert access.exchange(f" {code.lower().replace('-', ' ')} ", "Anna")


def test_a_code_expires(access: SessionStore, clock: HandClock) -> None:
    code = access.invite()
    clock.now_s += 10 * 60
    assert access.exchange(code, "Anna") is None
    clock.now_s -= 10 * 60  # a clock that is set back does not bring it back
    assert access.exchange(code, "Anna") is None


def test_a_session_expires_unless_it_is_used(access: SessionStore, clock: HandClock) -> None:
    idle, used = paired(access, "idle"), paired(access, "used")
    clock.now_s += 60 * DAY_S
    session = access.session(used)
    assert session
    assert access.renew(session)
    clock.now_s += 30 * DAY_S
    assert access.session(idle) is None
    assert [session.name for session in access.sessions()] == ["used"]


def test_a_session_is_renewed_at_most_once_a_day(access: SessionStore, clock: HandClock) -> None:
    secret = paired(access)
    clock.now_s += DAY_S - 1
    session = access.session(secret)
    assert session
    assert not access.renew(session)
    clock.now_s += 1
    assert access.renew(session)


def test_a_revoked_session_is_invalid(access: SessionStore) -> None:
    anna, ben = paired(access, "Anna"), paired(access, "Ben")
    session = access.session(anna)
    assert session
    assert access.revoke(session.id)
    assert not access.revoke(session.id)
    assert access.session(anna) is None
    assert access.session(ben) is not None


def test_another_process_shares_the_file(access: SessionStore, tmp_path: Path) -> None:
    other = SessionStore(tmp_path / "access.sqlite", session_days=90, pairing_minutes=10, now=lambda: 1_000_000.0)
    assert access.exchange(other.invite(), "n" * 100)
    assert [len(session.name) for session in other.sessions()] == [40]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for others")
def test_root_makes_codes_in_the_file_of_the_service(tmp_path: Path) -> None:
    os.chown(tmp_path, 4242, 4243)
    SessionStore(tmp_path / "access.sqlite", session_days=1, pairing_minutes=1).invite()
    made = (tmp_path / "access.sqlite").stat()
    assert (made.st_uid, made.st_gid) == (4242, 4243)


def test_a_file_that_cannot_be_opened_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be used: unable to open database file: check its folder"):
        SessionStore(tmp_path / "none" / "access.sqlite", session_days=1, pairing_minutes=1)


def test_an_invitation(access: SessionStore) -> None:
    said = build_invitation(access, PageSettings(host="192.0.2.7"), 8127)
    link = next(line.strip() for line in said.splitlines() if "http" in line)
    assert link.startswith("http://192.0.2.7:8127/pair#")
    assert access.exchange(link.partition("#")[2], "Anna")
    assert "within 10 minutes" in said
    assert "on this network can read the page" in said
    assert "▄" in said


def test_an_invitation_names_a_page_that_only_this_machine_reaches(access: SessionStore) -> None:
    assert "Only this machine reaches the page" in build_invitation(access, PageSettings(), 8127)


def test_the_address_at_which_phones_reach_the_page() -> None:
    assert page_url(PageSettings(url="https://baby.example/"), 8127) == "https://baby.example"
    assert page_url(PageSettings(host="::1"), 8127) == "http://[::1]:8127"
    assert page_url(PageSettings(tls_cert=Path("c")), 443) == "https://127.0.0.1:443"
    assert page_url(PageSettings(host="0.0.0.0"), 8127).startswith("http://")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": 65_536}, "port must be from 0 to 65535"),
        ({"tls_key": Path("k")}, "tls_key needs tls_cert"),
        ({"session_days": 0.0}, "session_days must be above 0"),
        ({"pairing_minutes": 2000.0}, "pairing_minutes at most 1440"),
        ({"trusted_proxies": ("*",)}, "trusted_proxies must be addresses"),
        ({"url": "baby.example"}, "url must be http://NAME"),
        ({"url": "https://baby.example/page"}, "url must be http://NAME"),
        ({"url": "https://[baby"}, "url must be http://NAME"),
        ({"url": "https://baby:99999"}, "url must be http://NAME"),
        ({"url": "https://anna:secret@baby"}, "url must be http://NAME"),
    ],
)
def test_settings_that_cannot_work(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PageSettings(**wrong)  # type: ignore[arg-type]


@pytest.mark.real
def test_a_used_address_and_a_missing_certificate_are_configuration_errors(tmp_path: Path) -> None:
    from tests.support.page_home import Home  # noqa: PLC0415 - only this test needs a broker

    with (
        pytest.raises(ConfigurationError, match=r"tls_cert .*none\.pem cannot be used"),
        Home(tmp_path, tls_cert=tmp_path / "none.pem"),
    ):
        pass
    with (
        Home(tmp_path) as home,
        pytest.raises(ConfigurationError, match="cannot listen on 127"),
        Home(tmp_path / "second", port=home.page.port),
    ):
        pass
