"""The README's pictures of Home Assistant and of ntfy: ``python -m tests.support.home_assistant_screenshots OUT``.

Both are real (home_assistant.py and ntfy.py say where they come from), and so is all of hushd between a
recording, the demo's scene, and what they show.
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, expect

from edge import demo
from tests.support.browser import chromium, open_phone, save_screenshot
from tests.support.companion_app import Phone
from tests.support.home_assistant import HomeAssistant
from tests.support.hushd_process import REPOSITORY, Hushd
from tests.support.mosquitto import Consumer, Mosquitto
from tests.support.ntfy import Ntfy

PATIENCE_S = 120.0
BLUEPRINT = REPOSITORY / "edge" / "blueprints" / "hushd_alert.yaml"
FRONTEND = """
frontend: {}
config: {}
homeassistant:
  auth_providers: [{type: trusted_networks, trusted_networks: [127.0.0.1], allow_bypass_login: true}]
"""


def main(folder: Path) -> None:
    """All pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(Mosquitto(scratch / "mosquitto"))
        ntfy = stack.enter_context(Ntfy(scratch / "ntfy"))
        home = stack.enter_context(
            HomeAssistant(scratch / "home", broker, [Phone("Anna's phone", "anna")], more=FRONTEND)
        )
        consumer = stack.enter_context(Consumer(broker))
        browser = stack.enter_context(chromium())
        app = open_phone(browser).new_page()
        app.goto(ntfy.page)
        home.install_blueprint(BLUEPRINT)
        settings = open_phone(browser).new_page()
        settings.goto(f"http://127.0.0.1:{home.port}/config/devices/dashboard")
        expect(settings.get_by_text("Anna's phone").first).to_be_visible()  # slow the first time
        companion = stack.enter_context(phone(scratch, broker, ntfy))
        companion.says("connected to broker")
        demo.write(scratch / "scene.wav")
        options = ("--broker", broker.url, "--device", "nursery")
        stack.enter_context(Hushd("run", "--source", scratch / "scene.wav", *options))
        consumer.wait_for(lambda heard: heard != [], "ha/sensor/nursery_baby/state", PATIENCE_S)
        device_id = home.device_id(consumer, "event.nursery_alert")
        settings.goto(f"http://127.0.0.1:{home.port}/config/devices/device/{device_id}")
        expect(settings.get_by_text("Detected")).to_be_visible()
        settings.get_by_text("Controls").evaluate("(heading) => heading.scrollIntoView()")
        save_screenshot(settings, folder / "home-assistant.png")
        expect(app.get_by_text("Somebody is soothing (nursery)")).to_be_visible()
        save_screenshot(app, folder / "ntfy.png")
        automate(settings, home, folder / "home-assistant-automation.png")
        consumer.wait_for(lambda heard: heard != [], "ha/automation/new_automation/state", PATIENCE_S)


def phone(scratch: Path, broker: Mosquitto, ntfy: Ntfy) -> Hushd:
    """The companion, whose phones are where the pictures are taken."""
    settings = scratch / "hushd.yaml"
    page = "{port: 0, url: 'http://nursery.local:8127'}"
    settings.write_text(f"device: nursery\nphone:\n  push: {{first: [{ntfy.url}]}}\n  page: {page}\n")
    environment = {**os.environ, "STATE_DIRECTORY": str(scratch), "TZ": "Europe/Berlin"}
    return Hushd("phone", "--config", settings, "--broker", broker.url, environment=environment)


def automate(settings: Page, home: HomeAssistant, path: Path) -> None:
    """Make an automation of the blueprint, as the README says."""
    settings.goto(f"http://127.0.0.1:{home.port}/config/automation/dashboard")
    settings.get_by_text("Create automation").first.click()
    settings.get_by_text("hushd: the baby cries").first.click()
    for chooser, choice in (("ha-entity-picker", "nursery Alert"), ("ha-device-picker", "Anna's phone")):
        settings.locator(chooser).get_by_role("combobox").first.click()
        settings.get_by_text(choice).first.click()
    expect(settings.locator("ha-device-picker").get_by_role("combobox").first).to_have_value("Anna's phone")
    save_screenshot(settings, path)
    settings.get_by_role("button", name="Save").first.click()
    settings.get_by_role("button", name="Save").last.click()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
