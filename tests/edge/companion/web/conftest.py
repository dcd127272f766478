"""A Chromium for each test file, and the page opened in it; each test takes a phone of its own."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import chromium, open_phone
from tests.support.page_home import Home, Phone, Speaker


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with Home(tmp_path_factory.mktemp("home")) as home:
        yield home


@pytest.fixture
def home(shared_home: Home) -> Home:
    """A home whose speaker is quiet; its journal contains the events of earlier tests."""
    shared_home.speakers = [Speaker(shared_home.consumer)]
    shared_home.speaker.go_online()
    shared_home.speaker.publish_health("listening", "hearing sound")
    shared_home.wait_for_view("nursery", online=True, listening=True)
    return shared_home


@pytest.fixture
def stranger(home: Home) -> Phone:
    """A phone that is not paired."""
    return home.unpaired_phone()


@pytest.fixture
def parent(home: Home) -> Phone:
    """A paired phone."""
    return home.phone()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Function that opens a home's page on a new phone; an exception in a script fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(
        home: Home, path: str = "/", *, paired: bool = True, scheme: Literal["dark", "light"] = "dark"
    ) -> Page:
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

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(home: Home, open_page: Callable[..., Page]) -> Page:
    """The page on a paired phone."""
    page = open_page(home)
    expect_headline(page, "Quiet")
    return page


def expect_headline(page: Page, text: str, device: str = "nursery") -> None:
    """Wait until a speaker's section has this headline."""
    expect(page.get_by_role("region", name=device).locator(".headline")).to_have_text(text)
