"""The page in a browser of a phone's size: states, commands and accessibility. The test publishes as the speaker."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edge.protocol.messages import CommandReply
from edge.records import EventKind
from tests.edge.companion.web.conftest import expect_headline
from tests.support import axe
from tests.support.page_home import Home, Speaker

pytestmark = pytest.mark.real

WHY = "crying for 6 s, nobody is heard soothing"
NOON = datetime(2026, 6, 1, 12, 0)


def answer_command(home: Home, name: str, *, accepted: bool, detail: str) -> dict[str, object]:
    """Wait for a command and answer it as a speaker does; return the command."""
    home.consumer.wait_for(lambda heard: heard != [], f"nursery/set/{name}")
    command = home.consumer.heard(f"nursery/set/{name}")[-1].json
    home.speaker.publish_health(
        "listening", "fine", CommandReply(name, command["id"], accepted, detail, datetime.now(UTC))
    )
    return command


def test_the_live_page_shows_each_state(home: Home, page: Page) -> None:
    home.speaker.publish_event(EventKind.CRY_STARTED, "live", WHY)
    home.speaker.publish_state("crying", "live", -22.0)
    expect_headline(page, "Crying, nobody is there")
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
    expect_headline(page, "Crying, somebody is there")
    home.speaker.publish_event(EventKind.CRY_ENDED, "live", "no crying for 30 s")
    home.speaker.publish_state("quiet")
    expect_headline(page, "Quiet")
    expect(nursery.get_by_role("button", name="I am going")).to_be_hidden()


def test_commands_and_the_replies_to_them(home: Home, page: Page) -> None:
    home.speaker.publish_event(EventKind.CRY_STARTED, "orders", WHY)
    home.speaker.publish_state("crying", "orders")
    nursery = page.get_by_role("region", name="nursery")
    nursery.get_by_role("button", name="I am going").click()
    assert answer_command(home, "acknowledge", accepted=True, detail="no more reminders")["value"] == "orders"
    expect(nursery.get_by_role("status")).to_have_text("Done: no more reminders")
    home.speaker.alert_status = replace(home.speaker.alert_status, acknowledged="orders")
    home.speaker.publish_state("crying", "orders")
    expect_headline(page, "Crying, somebody is going")
    expect(nursery.get_by_role("button", name="I am going")).to_be_hidden()

    nursery.get_by_role("button", name="30 min").click()
    assert (
        answer_command(home, "snooze", accepted=True, detail="snoozed until 2026-01-31T03:12:45.250Z")["value"] == "30"
    )
    expect(nursery.get_by_role("status")).to_have_text(re.compile("^Done: snoozed until .*04:12$"))
    until = datetime.now(UTC) + timedelta(minutes=30)
    home.speaker.alert_status = replace(home.speaker.alert_status, snoozed_until=until)
    home.speaker.publish_state("crying", "orders")
    expect(nursery.get_by_text("Snoozed: nobody is called until")).to_be_visible()
    expect(nursery.get_by_role("button", name="End snooze")).to_be_visible()

    nursery.get_by_role("button", name="False alarm").click()
    given = answer_command(home, "feedback", accepted=True, detail="false_alarm kept for episode orders")
    assert (given["episode_id"], given["verdict"]) == ("orders", "false_alarm")
    expect(nursery.get_by_role("button", name="False alarm")).to_have_attribute("aria-pressed", "true")
    expect(nursery.locator("svg rect.false_alarm").first).to_be_attached()

    nursery.get_by_text("Settings").click()
    nursery.get_by_role("button", name="High").click()
    answer_command(home, "sensitivity", accepted=False, detail="this model has no such sensitivity")
    expect(nursery.get_by_role("status")).to_have_text("Refused: this model has no such sensitivity")

    nursery.get_by_role("switch").click()
    assert answer_command(home, "alerts", accepted=True, detail="alerts are off")["value"] == "off"
    home.speaker.alert_status = replace(home.speaker.alert_status, alerts=False)
    home.speaker.publish_state("crying", "orders")
    expect(nursery.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    expect(nursery.get_by_text("Alerts are off: nobody is called.")).to_be_visible()


def test_a_deaf_and_an_offline_speaker_are_shown_without_a_state(home: Home, page: Page) -> None:
    nursery = page.get_by_role("region", name="nursery")
    home.speaker.publish_health("silent", "only digital silence for 10 s")
    home.speaker.publish("listening", "offline", retain=True)
    expect(nursery.locator(".warning")).to_have_text("nursery hears nothing: only digital silence for 10 s.")
    expect_headline(page, "Not known")
    box, width = nursery.locator(".warning").bounding_box(), nursery.bounding_box()
    assert box
    assert width
    assert box["width"] == width["width"]
    home.speaker.publish("status", "offline", retain=True)
    expect(nursery.locator(".warning")).to_contain_text("nursery is gone")
    expect(page.locator("#said")).to_contain_text("nursery is gone")
    expect(nursery.locator(".level")).to_be_hidden()


def test_two_speakers_and_two_parents(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    with Home(tmp_path) as home:
        attic = Speaker(home.consumer, "attic")
        home.speakers.append(attic)
        for speaker in home.speakers:
            speaker.go_online()
        phones = (open_page(home), open_page(home))
        attic.publish_event(EventKind.CRY_STARTED, "two", WHY)
        attic.publish_state("crying", "two")
        for phone in phones:
            expect_headline(phone, "Crying, nobody is there", "attic")
            expect_headline(phone, "Quiet", "nursery")
        attic.alert_status = replace(attic.alert_status, acknowledged="two")
        attic.publish_state("crying", "two")
        for phone in phones:
            expect_headline(phone, "Crying, somebody is going", "attic")


def test_a_speaker_that_is_forgotten_leaves_the_page(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    with Home(tmp_path) as home:
        attic = Speaker(home.consumer, "attic")
        attic.go_online()
        page = open_page(home)
        expect_headline(page, "Quiet", "attic")
        attic.publish("status", "", retain=True)
        expect(page.get_by_role("region", name="attic")).to_have_count(0)


def test_buttons_are_large_enough_for_a_thumb_and_reachable_by_keyboard(home: Home, page: Page) -> None:
    home.speaker.publish_event(EventKind.CRY_STARTED, "thumb", WHY)
    home.speaker.publish_state("crying", "thumb")
    expect_headline(page, "Crying, nobody is there")
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
def test_axe_finds_no_accessibility_violation(
    home: Home, open_page: Callable[..., Page], tmp_path: Path, scheme: str
) -> None:
    """axe-core finds no violation on any view."""
    home.speaker.publish_event(EventKind.CRY_STARTED, f"axe-{scheme}", WHY)
    home.speaker.publish_state("crying", f"axe-{scheme}")
    page = open_page(home, paired=False, scheme=scheme)
    assert axe.violations(page) == []
    page.route("**/alive", lambda route: route.abort())  # or it would notice that it is not offline
    page.goto(f"http://localhost:{home.page.port}/offline")
    assert axe.violations(page) == []
    page = open_page(home, scheme=scheme)
    page.clock.install(time=NOON if scheme == "light" else NOON.replace(hour=23))
    page.reload()
    expect_headline(page, "Crying, nobody is there")
    page.get_by_text("Settings").first.click()
    page.get_by_text("Paired phones").click()
    page.screenshot(path=tmp_path / "crying.png", full_page=True)
    is_light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 245, 249)"
    assert is_light == (scheme == "light")
    assert axe.violations(page) == []
    home.speaker.alert_status = replace(home.speaker.alert_status, alerts=False)
    home.speaker.publish_state("soothed", f"axe-{scheme}")
    expect_headline(page, "Crying, somebody is there")
    assert axe.violations(page) == []
    home.speaker.publish("listening", "offline", retain=True)
    expect_headline(page, "Not known")
    page.screenshot(path=tmp_path / "deaf.png", full_page=True)
    assert axe.violations(page) == []
