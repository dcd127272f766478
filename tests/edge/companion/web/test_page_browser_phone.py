"""The page in a browser of a phone's size: pairing, lost connections, installation and a small screen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edge.companion.web.server import serve
from edge.records import EventKind
from tests.edge.companion.web.conftest import expect_headline
from tests.support.browser import PHONE
from tests.support.page_home import Home

pytestmark = pytest.mark.real

WHY = "crying for 6 s, nobody is heard soothing"


def test_pairing_leaves_no_code_behind_and_works_once(home: Home, open_page: Callable[..., Page]) -> None:
    code = home.sessions.invite()
    for expected in ("Quiet", "Not paired"):
        page = open_page(home, f"/pair#{code}", paired=False)
        expect(page.get_by_label("Code")).to_have_value(code)
        assert "#" not in page.url
        page.get_by_label("This phone is called").fill("Anna")
        page.get_by_role("button", name="Pair this phone").click()
        expect(page.get_by_text(expected).first).to_be_visible()
    assert "Anna" in [session.name for session in home.sessions.sessions()]


def test_an_unpaired_phone_opens_the_pairing_page_and_a_paired_one_the_page(
    home: Home, open_page: Callable[..., Page]
) -> None:
    expect(open_page(home, paired=False).get_by_role("heading", name="Pair this phone")).to_be_visible()
    expect_headline(open_page(home, "/pair"), "Quiet")


def test_an_unpaired_phone_is_sent_to_the_pairing_page(home: Home, page: Page, open_page: Callable[..., Page]) -> None:
    other = open_page(home)
    newest = home.sessions.sessions()[0]
    assert home.sessions.revoke(newest.id)
    expect(other.get_by_role("heading", name="Pair this phone")).to_be_visible()
    page.get_by_text("Paired phones").click()
    expect(page.locator("#phones")).to_contain_text("(this phone)")
    own = page.locator("#phones li", has_text="(this phone)")
    own.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Pair this phone")).to_be_visible()


def test_a_page_that_has_lost_its_server_shows_it_and_reconnects(
    tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    with Home(tmp_path) as home:
        home.speaker.go_online()
        home.speaker.publish_event(EventKind.CRY_STARTED, "a", WHY)
        home.speaker.publish_state("crying", "a")
        page = open_page(home)
        expect_headline(page, "Crying, nobody is there")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        home.page.__exit__(None, None, None)
        expect(page.locator("#lost")).to_contain_text("This phone has lost hushd at")
        expect(page.locator("#line")).to_have_text("not live")
        expect_headline(page, "Not known")
        expect(page).to_have_title("hushd is out of reach")
        expect(page.get_by_role("button", name="15 min")).to_be_disabled()

        again = replace(home.settings, port=home.page.port)
        with serve(home.connection, home.journal, home.sessions, again):
            expect_headline(page, "Crying, nobody is there")
            expect(page.locator("#lost")).to_be_hidden()

        page.reload()
        expect(page.get_by_role("alert")).to_contain_text("This phone cannot reach hushd.")
        assert "Crying" not in page.content()
        with serve(home.connection, home.journal, home.sessions, again):
            expect_headline(page, "Crying, nobody is there")


def test_a_stream_without_events_counts_as_lost(page: Page) -> None:
    """A phone that leaves the network gets no error, only no further events."""
    page.clock.install()
    page.reload()
    expect_headline(page, "Quiet")
    page.context.set_offline(True)
    page.clock.run_for(14_000)
    expect(page.locator("#lost")).to_contain_text("This phone has lost hushd")
    page.context.set_offline(False)


def test_it_can_be_installed(page: Page) -> None:
    manifest = page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        size = int(icon["sizes"].partition("x")[0])
        drawn = page.evaluate(
            "(url) => new Promise((done) => { const image = new Image();"
            " image.onload = () => done([image.naturalWidth, image.naturalHeight]); image.src = url; })",
            icon["src"],
        )
        assert drawn == [size, size]
    kept = page.evaluate(
        "navigator.serviceWorker.ready.then(() => caches.open('shell-1')).then((cache) => cache.keys())"
        ".then((keys) => keys.map((key) => new URL(key.url).pathname))"
    )
    assert sorted(kept) == [
        "/offline", "/static/day.js", "/static/icon-192.png", "/static/offline.js", "/static/page.css",
    ]  # fmt: skip


def test_a_thousand_events_are_shown_quickly_on_a_small_phone(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    with Home(tmp_path) as home:
        home.speaker.go_online()
        now = datetime.now(UTC)
        for number in range(250):
            at = now - timedelta(minutes=40 * (250 - number))
            for kind, after in zip(
                ("cry_started", "cry_reminder", "cry_soothed", "cry_ended"), (0, 1, 4, 9), strict=True
            ):
                home.speaker.publish_event(EventKind(kind), f"e{number}", WHY, at + timedelta(minutes=after))
        home.wait_for_view("nursery", online=True, listening=True)
        page = open_page(home)
        nursery = page.get_by_role("region", name="nursery")
        expect(nursery.locator(".episodes li")).to_have_count(10)
        nursery.get_by_role("button", name="Show more").click()
        expect(nursery.locator(".episodes li")).to_have_count(60)
        expect(nursery.locator(".lines li")).to_have_count(7)
        took_ms = page.evaluate(
            "async () => { const began = performance.now();"
            " await (await fetch('/history?device=nursery&zone=Europe/Berlin')).json();"
            " return performance.now() - began; }"
        )
        assert took_ms < 3_000
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.screenshot(path=tmp_path / "thousand.png", full_page=True)
