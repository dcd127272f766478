"""From a replayed cry through the real daemon, mosquitto and `hushd phone` to a parent's browser."""

import os
import re
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import open_phone
from tests.support.hushd_process import Hushd
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.recordings import quiet_then_loud

pytestmark = pytest.mark.real

CONFIGURATION = """
device: nursery
model: {model}
broker: {{url: "{broker}", heartbeat_s: 2}}
phone: {{page: {{port: {port}}}}}
"""
START_S = 60.0


def says(page: Page, headline: str) -> None:
    expect(page.get_by_role("region", name="nursery").locator(".headline")).to_have_text(headline, timeout=60_000)


@pytest.mark.timeout(300)
def test_a_night_on_a_parents_phone(tmp_path: Path, model: Path, browser: Browser) -> None:
    recording = quiet_then_loud(tmp_path / "cry.wav", 20, 400)
    file = tmp_path / "hushd.yaml"
    states = [tmp_path / name for name in ("speaker", "companion")]
    for state in states:
        state.mkdir()
    speaker, companion = ({**os.environ, "STATE_DIRECTORY": str(state)} for state in states)
    with Mosquitto(tmp_path / "mosquitto") as broker:
        file.write_text(CONFIGURATION.format(model=model, broker=broker.url, port=free_port()))
        with Hushd("phone", "--config", file, environment=companion) as phone:
            phone.says("the page listens on port", START_S)
            with Hushd("phone", "--config", file, "--pair", environment=companion) as pairing:
                assert pairing.ends(within_s=START_S) == 0
                link = re.search(r"http://\S+/pair#\S+", pairing.says("/pair#"))
                assert link
            page = open_phone(browser).new_page()
            page.goto(link[0])
            page.get_by_role("button", name="Pair this phone").click()
            expect(page.get_by_text("Waiting for the first word from a speaker.")).to_be_visible()

            with Hushd("run", "--source", recording, "--config", file, environment=speaker) as hushd:
                says(page, "Quiet")
                says(page, "Crying, nobody is there")
                nursery = page.get_by_role("region", name="nursery")
                expect(nursery.locator(".why")).to_contain_text("nobody is heard soothing")
                nursery.get_by_role("button", name="I am going").click()
                expect(nursery.get_by_role("status")).to_have_text("Done: no more reminders")
                says(page, "Crying, somebody is going")
                nursery.get_by_role("button", name="15 min").click()
                expect(nursery.get_by_role("status")).to_have_text(re.compile(r"^Done: snoozed until \d\d:\d\d$"))
                expect(nursery.get_by_text("Snoozed: nobody is called until")).to_be_visible()
                nursery.get_by_role("button", name="False alarm").click()
                expect(nursery.get_by_role("status")).to_have_text("Done: false alarm kept")
                expect(nursery.locator(".episodes li").first).to_contain_text("False alarm")
                hushd.signal(SIGKILL)
                expect(nursery.locator(".warning")).to_contain_text("nursery is gone")
                says(page, "Not known")
            assert "false_alarm" in (states[0] / "feedback.jsonl").read_text()

            phone.signal(SIGTERM)
            assert phone.ends(within_s=10) == 0
            expect(page.locator("#lost")).to_contain_text("This phone has lost hushd")
