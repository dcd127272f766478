"""One Chromium for all tests of the page; each takes a phone of its own in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.edge.phone.web.browser import chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
