"""The page in a real browser of a phone's size, before a real server; the speaker is played by the test."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from edge.companion.web.server import serve
from edge.protocol.messages import CommandReply
from edge.records import EventKind
from tests.support import axe
from tests.support.browser import PHONE, open_phone
from tests.support.page_home import Home, Speaker

WHY = "crying for 6 s, nobody is heard soothing"
NOON = datetime(2026, 6, 1, 12, 0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with Home(tmp_path_factory.mktemp("home")) as home:
        yield home


@pytest.fixture
def home(shared: Home) -> Home:
    """A quiet home; what happened in it before remains."""
    shared.speakers = [Speaker(shared.consumer)]
    shared.speaker.go_online()
    shared.speaker.publish_health("listening", "hearing sound")
    return shared


@pytest.fixture
def opens(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the page of a home on a phone of its own, paired or not; a script that fails fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opens(home: Home, path: str = "/", *, paired: bool = True, scheme: Literal["dark", "light"] = "dark") -> Page:
        context = open_phone(browser, scheme)
        contexts.append(context)
        origin = f"http://localhost:{home.page.port}"
        if paired:
            secret = home.sessions.exchange(home.sessions.invite(), "Anna")
            assert secret
            context.add_cookies([{"name": "hushd", "value": secret, "url": origin, "httpOnly": True}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(origin + path)
        return page

    yield opens
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(home: Home, opens: Callable[..., Page]) -> Page:
    """The page on a paired phone."""
    page = opens(home)
    headline(page, "Quiet")
    return page


def headline(page: Page, text: str, device: str = "nursery") -> None:
    """Wait until a speaker's section says so."""
    expect(page.get_by_role("region", name=device).locator(".headline")).to_have_text(text)


def answers(home: Home, name: str, *, accepted: bool, detail: str) -> dict[str, object]:
    """Wait for a command, and answer it as the speaker would."""
    home.consumer.wait_for(lambda heard: heard != [], f"nursery/set/{name}")
    command = home.consumer.heard(f"nursery/set/{name}")[-1].json
    home.speaker.publish_health(
        "listening", "fine", CommandReply(name, command["id"], accepted, detail, datetime.now(UTC))
    )
    return command


def test_pairing_leaves_no_code_behind_and_works_once(home: Home, opens: Callable[..., Page]) -> None:
    code = home.sessions.invite()
    for expected in ("Quiet", "Not paired"):
        page = opens(home, f"/pair#{code}", paired=False)
        expect(page.get_by_label("Code")).to_have_value(code)
        assert "#" not in page.url
        page.get_by_label("This phone is called").fill("Anna")
        page.get_by_role("button", name="Pair this phone").click()
        expect(page.get_by_text(expected).first).to_be_visible()
    assert "Anna" in [session.name for session in home.sessions.sessions()]


def test_an_unpaired_phone_is_led_to_the_pairing_and_a_paired_one_past_it(
    home: Home, opens: Callable[..., Page]
) -> None:
    expect(opens(home, paired=False).get_by_role("heading", name="Pair this phone")).to_be_visible()
    headline(opens(home, "/pair"), "Quiet")


def test_a_phone_that_is_unpaired_is_shown_out(home: Home, page: Page, opens: Callable[..., Page]) -> None:
    other = opens(home)
    newest = home.sessions.sessions()[0]
    assert home.sessions.revoke(newest.id)
    expect(other.get_by_role("heading", name="Pair this phone")).to_be_visible()
    page.get_by_text("Paired phones").click()
    expect(page.locator("#phones")).to_contain_text("(this phone)")
    own = page.locator("#phones li", has_text="(this phone)")
    own.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Pair this phone")).to_be_visible()


def test_the_live_page_follows_the_baby(home: Home, page: Page) -> None:
    home.speaker.publish_event(EventKind.CRY_STARTED, "live", WHY)
    home.speaker.publish_state("crying", "live", -22.0)
    headline(page, "Crying, nobody is there")
    nursery = page.get_by_role("region", name="nursery")
    expect(nursery.locator(".why")).to_have_text(WHY)
    expect(nursery.locator(".since")).to_have_text(re.compile("^since "))
    expect(nursery.locator(".words")).to_have_text("loud")
    expect(page).to_have_title("nursery: Crying, nobody is there")
    expect(page.locator("#said")).to_have_text("nursery: Crying, nobody is there")
    expect(nursery.locator(".episodes li").first).to_contain_text(WHY)
    expect(nursery.locator("svg rect.crying").first).to_be_attached()
    home.speaker.publish_event(EventKind.CRY_SOOTHED, "live", "somebody is soothing")
    home.speaker.publish_state("soothed", "live")
    headline(page, "Crying, somebody is there")
    home.speaker.publish_event(EventKind.CRY_ENDED, "live", "no crying for 30 s")
    home.speaker.publish_state("quiet")
    headline(page, "Quiet")
    expect(nursery.get_by_role("button", name="I am going")).to_be_hidden()


def test_orders_and_the_answers_to_them(home: Home, page: Page) -> None:
    home.speaker.publish_event(EventKind.CRY_STARTED, "orders", WHY)
    home.speaker.publish_state("crying", "orders")
    nursery = page.get_by_role("region", name="nursery")
    nursery.get_by_role("button", name="I am going").click()
    assert answers(home, "acknowledge", accepted=True, detail="no more reminders")["value"] == "orders"
    expect(nursery.get_by_role("status")).to_have_text("Done: no more reminders")
    home.speaker.alert_status = replace(home.speaker.alert_status, acknowledged="orders")
    home.speaker.publish_state("crying", "orders")
    headline(page, "Crying, somebody is going")
    expect(nursery.get_by_role("button", name="I am going")).to_be_hidden()

    nursery.get_by_role("button", name="30 min").click()
    assert answers(home, "snooze", accepted=True, detail="snoozed until 2026-01-31T03:12:45.250Z")["value"] == "30"
    expect(nursery.get_by_role("status")).to_have_text(re.compile("^Done: snoozed until .*04:12$"))
    until = datetime.now(UTC) + timedelta(minutes=30)
    home.speaker.alert_status = replace(home.speaker.alert_status, snoozed_until=until)
    home.speaker.publish_state("crying", "orders")
    expect(nursery.get_by_text("Snoozed: nobody is called until")).to_be_visible()
    expect(nursery.get_by_role("button", name="End snooze")).to_be_visible()

    nursery.get_by_role("button", name="False alarm").click()
    given = answers(home, "feedback", accepted=True, detail="false_alarm kept for episode orders")
    assert (given["episode_id"], given["verdict"]) == ("orders", "false_alarm")
    expect(nursery.get_by_role("button", name="False alarm")).to_have_attribute("aria-pressed", "true")
    expect(nursery.locator("svg rect.false_alarm").first).to_be_attached()

    nursery.get_by_text("Settings").click()
    nursery.get_by_role("button", name="High").click()
    answers(home, "sensitivity", accepted=False, detail="this model has no such sensitivity")
    expect(nursery.get_by_role("status")).to_have_text("Refused: this model has no such sensitivity")

    nursery.get_by_role("switch").click()
    assert answers(home, "alerts", accepted=True, detail="alerts are off")["value"] == "off"
    home.speaker.alert_status = replace(home.speaker.alert_status, alerts=False)
    home.speaker.publish_state("crying", "orders")
    expect(nursery.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    expect(nursery.get_by_text("Alerts are off: nobody is called.")).to_be_visible()


def test_a_deaf_and_a_lost_speaker_are_said_and_nothing_else_is(home: Home, page: Page) -> None:
    nursery = page.get_by_role("region", name="nursery")
    home.speaker.publish_health("silent", "only digital silence for 10 s")
    home.speaker.publish("listening", "offline", retain=True)
    expect(nursery.locator(".warning")).to_have_text("nursery hears nothing: only digital silence for 10 s.")
    headline(page, "Not known")
    box, width = nursery.locator(".warning").bounding_box(), nursery.bounding_box()
    assert box
    assert width
    assert box["width"] == width["width"]
    home.speaker.publish("status", "offline", retain=True)
    expect(nursery.locator(".warning")).to_contain_text("nursery is gone")
    expect(page.locator("#said")).to_contain_text("nursery is gone")
    expect(nursery.locator(".level")).to_be_hidden()


def test_two_speakers_and_two_parents(tmp_path: Path, opens: Callable[..., Page]) -> None:
    with Home(tmp_path) as home:
        attic = Speaker(home.consumer, "attic")
        home.speakers.append(attic)
        for speaker in home.speakers:
            speaker.go_online()
        phones = (opens(home), opens(home))
        attic.publish_event(EventKind.CRY_STARTED, "two", WHY)
        attic.publish_state("crying", "two")
        for phone in phones:
            headline(phone, "Crying, nobody is there", "attic")
            headline(phone, "Quiet", "nursery")
        attic.alert_status = replace(attic.alert_status, acknowledged="two")
        attic.publish_state("crying", "two")
        for phone in phones:
            headline(phone, "Crying, somebody is going", "attic")


def test_a_speaker_that_is_forgotten_leaves_the_page(tmp_path: Path, opens: Callable[..., Page]) -> None:
    with Home(tmp_path) as home:
        attic = Speaker(home.consumer, "attic")
        attic.go_online()
        page = opens(home)
        headline(page, "Quiet", "attic")
        attic.publish("status", "", retain=True)
        expect(page.get_by_role("region", name="attic")).to_have_count(0)


def test_a_page_that_has_lost_its_server_says_so_and_comes_back(tmp_path: Path, opens: Callable[..., Page]) -> None:
    with Home(tmp_path) as home:
        home.speaker.go_online()
        home.speaker.publish_event(EventKind.CRY_STARTED, "a", WHY)
        home.speaker.publish_state("crying", "a")
        page = opens(home)
        headline(page, "Crying, nobody is there")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        home.page.__exit__(None, None, None)
        expect(page.locator("#lost")).to_contain_text("This phone has lost hushd at")
        expect(page.locator("#line")).to_have_text("not live")
        headline(page, "Not known")
        expect(page).to_have_title("hushd is out of reach")
        expect(page.get_by_role("button", name="15 min")).to_be_disabled()

        again = replace(home.settings, port=home.page.port)
        with serve(home.connection, home.journal, home.sessions, again):
            headline(page, "Crying, nobody is there")
            expect(page.locator("#lost")).to_be_hidden()

        page.reload()
        expect(page.get_by_role("alert")).to_contain_text("This phone cannot reach hushd.")
        assert "Crying" not in page.content()
        with serve(home.connection, home.journal, home.sessions, again):
            headline(page, "Crying, nobody is there")


def test_a_line_that_goes_silent_is_taken_for_lost(page: Page) -> None:
    """A phone that leaves the house gets no error: it hears nothing any more."""
    page.clock.install()
    page.reload()
    headline(page, "Quiet")
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


def test_a_thousand_events_are_shown_quickly_on_a_small_phone(tmp_path: Path, opens: Callable[..., Page]) -> None:
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
        page = opens(home)
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


def test_a_thumb_hits_everything_and_a_keyboard_reaches_it(home: Home, page: Page) -> None:
    home.speaker.publish_event(EventKind.CRY_STARTED, "thumb", WHY)
    home.speaker.publish_state("crying", "thumb")
    headline(page, "Crying, nobody is there")
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 56
        assert box["width"] >= 56
    page.locator("body").press("Tab")
    expect(page.get_by_role("button", name="I am going")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nobody_is_shut_out(home: Home, opens: Callable[..., Page], tmp_path: Path, scheme: str) -> None:
    """axe-core finds nothing on any view."""
    home.speaker.publish_event(EventKind.CRY_STARTED, f"axe-{scheme}", WHY)
    home.speaker.publish_state("crying", f"axe-{scheme}")
    page = opens(home, paired=False, scheme=scheme)
    assert axe.violations(page) == []
    page.route("**/alive", lambda route: route.abort())  # or it would notice that it is not offline
    page.goto(f"http://localhost:{home.page.port}/offline")
    assert axe.violations(page) == []
    page = opens(home, scheme=scheme)
    page.clock.install(time=NOON if scheme == "light" else NOON.replace(hour=23))
    page.reload()
    headline(page, "Crying, nobody is there")
    page.get_by_text("Settings").first.click()
    page.get_by_text("Paired phones").click()
    page.screenshot(path=tmp_path / "crying.png", full_page=True)
    is_light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 245, 249)"
    assert is_light == (scheme == "light")
    assert axe.violations(page) == []
    home.speaker.alert_status = replace(home.speaker.alert_status, alerts=False)
    home.speaker.publish_state("soothed", f"axe-{scheme}")
    headline(page, "Crying, somebody is there")
    assert axe.violations(page) == []
    home.speaker.publish("listening", "offline", retain=True)
    headline(page, "Not known")
    page.screenshot(path=tmp_path / "deaf.png", full_page=True)
    assert axe.violations(page) == []
