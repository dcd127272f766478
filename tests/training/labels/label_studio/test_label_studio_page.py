"""A labeler's page in a real Label Studio and a real browser: audio plays, keys choose, answers are stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.browser import chromium
from tests.support.label_studio import OWNER, PASSWORD, LabelStudioServer
from tests.support.label_studio_exports import GUIDELINE, furnished, pilot
from training.labels.label_studio.client import LabelStudio
from training.labels.label_studio.import_answers import import_answers
from training.labels.label_studio.media import serve
from training.labels.label_studio.projects import fetch, send

pytestmark = pytest.mark.real

PATIENCE_MS = 60_000


@pytest.fixture
def page(tmp_path: Path) -> Iterator[tuple[Page, LabelStudioServer]]:
    """A browser that is logged in."""
    with LabelStudioServer(tmp_path / "label-studio") as server, chromium() as browser:
        page = browser.new_page(
            viewport={"width": 1400, "height": 1000}, bypass_csp=True
        )  # a test must evaluate code in the page
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{server.url}/user/login/")
        page.fill("input[name=email]", OWNER)
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation():
            page.press("input[name=password]", "Enter")
        yield page, server


@pytest.mark.timeout(1800)
def test_one_clip_by_keyboard(page: tuple[Page, LabelStudioServer], tmp_path: Path) -> None:
    browser, running = page
    server = LabelStudio(running.url, running.owner.token)
    with furnished(tmp_path, each=1, seconds=5.0) as store:
        (anna,) = pilot(store, "anna")
        sent, address = send(server, anna, serve(store, anna, running.media, jobs=1), GUIDELINE)
        assert sent == len(anna.tasks)
        browser.goto(f"{address}/data?labeling=1")
        browser.get_by_text("Labeling Instructions").wait_for()
        browser.keyboard.press("Escape")
        for said in ("add up to at least 2.0 s?", "crying (1): A baby cries", "Sounds people disagree on"):
            browser.wait_for_function("said => document.body.innerText.includes(said)", arg=said)
        browser.wait_for_function("document.querySelector('audio')?.readyState >= 2")
        browser.get_by_text("Loading file").wait_for(state="hidden")
        browser.get_by_text("Labeling Instructions").wait_for(state="hidden")
        browser.keyboard.press("Space")
        browser.wait_for_function("document.querySelector('audio').currentTime > 1")
        browser.keyboard.press("2")
        browser.wait_for_function("document.querySelector('input[type=radio]:checked') !== null")
        browser.screenshot(path=tmp_path / "labeling.png")
        browser.keyboard.press("Control+Enter")
        browser.get_by_text("Annotation saved successfully", exact=True).wait_for()
        (taken,) = import_answers(store, [fetch(server, "anna", GUIDELINE)], GUIDELINE, {})
        mine = [label for label in store.labels() if label.labeller == "anna"]
    assert (taken.new, taken.unanswered) == (1, len(anna.tasks) - 1)
    assert mine[0].label == "fussing"
    assert mine[0].clip == anna.tasks[0].clip
    assert mine[0].seconds is not None
    assert mine[0].seconds > 1
