"""Screenshots of the page for the documentation: ``python -m tests.support.page_screenshots OUT``."""

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

from edge.records import EventKind
from tests.support.browser import chromium, open_phone, save_screenshot
from tests.support.page_home import Home

WHY = "crying for 6 s, nobody is heard soothing"
SOOTHED = "somebody is soothing: heard in 53% of the crying"


def publish_week(home: Home) -> None:
    """Publish the events of seven nights with random cries."""
    generator = np.random.default_rng(7)
    noon = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    for night in range(1, 8):
        for number in range(int(generator.integers(1, 5))):
            began = noon - timedelta(days=night) + timedelta(minutes=float(generator.uniform(9 * 60, 20 * 60)))
            alone, soothed = generator.uniform(2, 8), generator.uniform(5, 40)
            minutes = (0.0, alone, alone + soothed)
            for kind, why, at in zip(
                (EventKind.CRY_STARTED, EventKind.CRY_SOOTHED, EventKind.CRY_ENDED),
                (WHY, SOOTHED, "no crying for 30 s"),
                minutes,
                strict=True,
            ):
                home.speaker.publish_event(kind, f"night-{night}-{number}", why, began + timedelta(minutes=at))


def main(folder: Path) -> None:
    """Save all screenshots in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, Home(Path(scratch)) as home, chromium() as browser:
        home.speaker.go_online()
        publish_week(home)
        page = open_phone(browser).new_page()
        page.goto(f"http://localhost:{home.page.port}/pair#{home.sessions.invite()}")
        page.get_by_label("This phone is called").fill("Anna's phone")
        save_screenshot(page, folder / "page-pair.png")
        page.get_by_role("button", name="Pair this phone").click()
        headline = page.locator(".headline")
        expect(headline).to_have_text("Quiet")
        home.speaker.publish_event(EventKind.CRY_STARTED, "now", WHY)
        home.speaker.publish_state("crying", "now", -24.0)
        expect(headline).to_have_text("Crying, nobody is there")
        save_screenshot(page, folder / "page-crying.png")
        page.get_by_text("Last nights").scroll_into_view_if_needed()
        save_screenshot(page.locator(".nights"), folder / "page-nights.png")
        home.speaker.publish("listening", "offline", retain=True)
        home.speaker.publish_health("silent", "only digital silence for 10 s")
        expect(headline).to_have_text("Not known")
        page.evaluate("scrollTo(0, 0)")
        save_screenshot(page, folder / "page-deaf.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
