"""A real Home Assistant for tests: headless, its broker is the test's, and what its entities show is heard there.

Its own `mqtt_statestream` publishes every state on ``ha/<domain>/<name>/state``, and every attribute beside it. What
is published on ``test/act`` it does: {"action": "button.press", "entity": "button.nursery_acknowledge", "data": {}}.

Home Assistant needs a Python of its own and half a gigabyte: it is installed once, into a cache folder
($HUSHD_TEST_CACHE, else ~/.cache/hushd-tests), and only where HUSHD_TEST_HOME_ASSISTANT=1 asks for it.
"""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

import pytest

from tests.mosquitto import Consumer, Mosquitto

VERSION = "2025.2.5"
REQUIREMENTS = (
    f"homeassistant=={VERSION}",
    # what it would install at its first start
    "home-assistant-frontend==20250221.0", "paho-mqtt==1.6.1", "pyotp==2.8.0", "PyQRCode==1.2.1",
)  # fmt: skip
START_S = 240.0

_CONFIGURATION = """
http: {{server_host: 127.0.0.1, server_port: {port}}}
mqtt_statestream: {{base_topic: ha, publish_attributes: true}}
automation:
  - alias: act
    mode: queued
    triggers: [{{trigger: mqtt, topic: test/act}}]
    actions:
      - action: "{{{{ trigger.payload_json.action }}}}"
        target: {{entity_id: "{{{{ trigger.payload_json.entity }}}}"}}
        data: "{{{{ trigger.payload_json.data }}}}"
"""
_BROKER_ENTRY = {
    "domain": "mqtt", "title": "broker", "source": "user", "entry_id": "broker", "version": 1, "minor_version": 2,
    "created_at": "2025-01-01T00:00:00+00:00", "modified_at": "2025-01-01T00:00:00+00:00",
    "options": {}, "discovery_keys": {}, "disabled_by": None, "unique_id": None,
    "pref_disable_new_entities": False, "pref_disable_polling": False,
}  # fmt: skip


class HomeAssistant:
    """Runs from entering to leaving; entering returns once it has said on MQTT that it is there."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self._program = _installed() / "bin" / "hass"
        self._folder = folder
        self._broker = broker
        (folder / ".storage").mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (folder / "configuration.yaml").write_text(_CONFIGURATION.format(port=port))
        entry = {**_BROKER_ENTRY, "data": {"broker": "127.0.0.1", "port": broker.port, "discovery": True}}
        stored = {"version": 1, "minor_version": 4, "key": "core.config_entries", "data": {"entries": [entry]}}
        (folder / ".storage" / "core.config_entries").write_text(json.dumps(stored))

    def __enter__(self) -> Self:
        with Consumer(self._broker, client_id="birth", topic="homeassistant/status") as birth:
            log = (self._folder / "hass.log").open("wb")
            self._process = subprocess.Popen(
                [self._program, "-c", self._folder, "--skip-pip"], stdout=log, stderr=subprocess.STDOUT
            )
            log.close()
            birth.wait_for(lambda heard: any(each.text == "online" for each in heard), timeout_s=START_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def _installed() -> Path:
    """The virtual environment; skips the test where there is none and none is asked for."""
    cache = Path(os.environ.get("HUSHD_TEST_CACHE", "~/.cache/hushd-tests")).expanduser()
    folder = cache / f"home-assistant-{VERSION}"
    complete = folder / "complete"
    if complete.exists() and complete.read_text().split() == list(REQUIREMENTS):
        return folder
    if os.environ.get("HUSHD_TEST_HOME_ASSISTANT") != "1":
        pytest.skip("no Home Assistant here: HUSHD_TEST_HOME_ASSISTANT=1 installs one (minutes, 600 MB)")
    subprocess.run([_python(), "-m", "venv", "--clear", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    complete.write_text("\n".join(REQUIREMENTS))
    return folder


def _python() -> Path:
    """A Python 3.13; a pyenv's is taken from where it lies, as its shims may point to another version."""
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob("3.13*/bin/python3.13"))
    found = pyenv[-1] if pyenv else shutil.which("python3.13")
    if found is None:
        pytest.skip(f"Home Assistant {VERSION} needs Python 3.13, which is not installed")
    return Path(found)
