"""A real Home Assistant for tests: headless, its broker is the test's, and what its entities show is heard there.

Its own `mqtt_statestream` publishes every state on ``ha/<domain>/<name>/state``, and every attribute beside it. What
is published on ``test/act`` it does: {"action": "button.press", "entity": "button.nursery_acknowledge", "data": {}}.
An entity on ``test/ask`` gets its device's id and its own state on ``test/answer``.

Home Assistant needs a Python of its own and three quarters of a gigabyte: it is installed once, into a cache folder
($HUSHD_TEST_CACHE, else ~/.cache/hushd-tests), and used where it is there. HUSHD_TEST_HOME_ASSISTANT=1 asks for it, and
so does CI, by its variable $CI, unless HUSHD_TEST_HOME_ASSISTANT=0 says no.
"""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest

from tests.support.companion_app import Phone
from tests.support.mosquitto import Consumer, Mosquitto

VERSION = "2025.2.5"
REQUIREMENTS = (
    f"homeassistant=={VERSION}",
    # what it would install at its first start
    "home-assistant-frontend==20250221.0", "paho-mqtt==1.6.1", "pyotp==2.8.0", "PyQRCode==1.2.1",
    # and for phones
    "PyNaCl==1.5.0", "numpy==2.2.2", "PyTurboJPEG==1.7.5", "hassil==2.2.3", "home-assistant-intents==2025.2.5",
    "mutagen==1.47.0", "ha-ffmpeg==3.2.2", "pymicro-vad==1.0.1", "pyspeex-noise==1.0.2",
)  # fmt: skip
START_S = 240.0
STOP_S = 20.0

_CONFIGURATION = """
http: {{server_host: 127.0.0.1, server_port: {port}}}
mqtt_statestream: {{base_topic: ha, publish_attributes: true}}
person: {persons}
automation: !include automations.yaml
automation tests:
  - alias: act
    mode: queued
    triggers: [{{trigger: mqtt, topic: test/act}}]
    actions:
      - action: "{{{{ trigger.payload_json.action }}}}"
        target: {{entity_id: "{{{{ trigger.payload_json.entity }}}}"}}
        data: "{{{{ trigger.payload_json.data }}}}"
  - alias: ask
    mode: queued
    triggers: [{{trigger: mqtt, topic: test/ask}}]
    actions:
      - action: mqtt.publish
        data:
          topic: test/answer
          payload: >-
            {{{{ dict(entity=trigger.payload, device=device_id(trigger.payload), state=states(trigger.payload))
                 | tojson }}}}
  - alias: reload
    triggers: [{{trigger: mqtt, topic: test/reload}}]
    actions: [{{action: automation.reload}}]
"""
_ENTRY = {
    "version": 1, "minor_version": 1, "source": "user", "options": {}, "unique_id": None, "disabled_by": None,
    "created_at": "2025-01-01T00:00:00+00:00", "modified_at": "2025-01-01T00:00:00+00:00", "discovery_keys": {},
    "pref_disable_new_entities": False, "pref_disable_polling": False,
}  # fmt: skip


class HomeAssistant:
    """Runs from entering to leaving; entering returns once it has said on MQTT that it is there."""

    def __init__(
        self, folder: Path, broker: Mosquitto, phones: Sequence[Phone] = (), push_url: str = "", more: str = ""
    ) -> None:
        """``push_url`` is where the notifications to ``phones`` go; ``more`` is added to its configuration."""
        self._program = _installed() / "bin" / "hass"
        self._folder = folder
        self._broker = broker
        self._automations: list[Mapping[str, Any]] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        (folder / ".storage").mkdir(parents=True)
        owners = sorted({phone.owner for phone in phones})
        persons = [{"id": owner, "name": owner.title(), "user_id": owner} for owner in owners]
        configuration = _CONFIGURATION.format(port=self.port, persons=json.dumps(persons)) + more
        (folder / "configuration.yaml").write_text(configuration)
        (folder / "automations.yaml").write_text("[]")
        self._store("auth", 1, {"users": [_user(owner) for owner in owners]} | {key: [] for key in _NO_AUTH})
        mqtt = {"broker": "127.0.0.1", "port": broker.port, "discovery": True}
        entries = [
            _ENTRY | {"domain": "mqtt", "title": "broker", "entry_id": "broker", "minor_version": 2, "data": mqtt}
        ]
        for phone in phones:
            identity = {"domain": "mobile_app", "title": phone.name, "entry_id": phone.key}
            entries.append(_ENTRY | identity | {"data": phone.registration(push_url)})
        self._store("onboarding", 4, {"done": ["user", "core_config", "analytics", "integration"]})
        self._store("core.config_entries", 4, {"entries": entries})

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """Returns when it has said that it is there."""
        with Consumer(self._broker, client_id="birth", topic="homeassistant/status") as birth:
            with (self._folder / "hass.log").open("ab") as log:
                self._process = subprocess.Popen(
                    [self._program, "-c", self._folder, "--skip-pip"], stdout=log, stderr=subprocess.STDOUT
                )
            birth.wait_for(lambda heard: any(each.text == "online" for each in heard), timeout_s=START_S)

    def stop(self) -> None:
        """An orderly end, but for tasks of its own that it may wait for in vain, its states long written."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
        self._process.kill()
        self._process.wait()

    def device_id(self, consumer: Consumer, entity: str) -> str:
        """How automations call the device of this entity, once there is one."""
        return self._asked(consumer, entity, lambda answer: answer["device"] is not None)["device"]

    def await_state(self, consumer: Consumer, entity: str, state: str) -> None:
        """Wait until it shows this, as it says itself: what it publishes is lost where it is not connected yet."""
        self._asked(consumer, entity, lambda answer: answer["state"] == state)

    def _asked(self, consumer: Consumer, entity: str, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """Ask until the answer is as wanted: nobody tells when, and a question is lost that it does not hear yet."""
        deadline_s = time.monotonic() + START_S
        before = len(consumer.heard("test/answer"))
        while True:
            known = len(consumer.heard("test/answer"))
            consumer.publish("test/ask", entity)
            with suppress(AssertionError):
                consumer.wait_for(lambda heard: len(heard) > known, "test/answer", timeout_s=2.0)  # noqa: B023
            answers = [each.json for each in consumer.heard("test/answer")[before:] if each.json["entity"] == entity]
            if answers and wanted(answers[-1]):
                return answers[-1]
            assert time.monotonic() < deadline_s, answers[-1:]
            time.sleep(0.2)

    def automate(self, consumer: Consumer, *automations: Mapping[str, Any]) -> None:
        """Add these automations; returns when they are at work."""
        self._automations += automations
        (self._folder / "automations.yaml").write_text(json.dumps(self._automations))
        consumer.publish("test/reload", "")
        for each in automations:
            topic = f"ha/automation/{each['alias']}/state"
            consumer.wait_for(lambda heard: [each.text for each in heard[-1:]] == ["on"], topic, START_S)

    def install_blueprint(self, file: Path) -> str:
        """As its head says; returns what an automation calls it."""
        folder = self._folder / "blueprints" / "automation" / "hushd"
        folder.mkdir(parents=True)
        shutil.copy(file, folder)
        return f"hushd/{file.name}"

    @property
    def log(self) -> str:
        """All it has said."""
        return (self._folder / "hass.log").read_text()

    def _store(self, key: str, minor_version: int, data: Mapping[str, Any]) -> None:
        stored = {"version": 1, "minor_version": minor_version, "key": key, "data": data}
        (self._folder / ".storage" / key).write_text(json.dumps(stored))


_NO_AUTH = ("groups", "credentials", "refresh_tokens")


def _user(name: str) -> dict[str, Any]:
    return {
        "id": name, "name": name.title(), "group_ids": ["system-admin"], "is_owner": False, "is_active": True,
        "system_generated": False, "local_only": False,
    }  # fmt: skip


def _installed() -> Path:
    """Return the virtual environment; skip the test where it is missing and not asked for, or cannot be made."""
    if os.environ.get("HUSHD_TEST_HOME_ASSISTANT") == "0":
        pytest.skip("no Home Assistant here: HUSHD_TEST_HOME_ASSISTANT=0 says no")
    cache = Path(os.environ.get("HUSHD_TEST_CACHE", "~/.cache/hushd-tests")).expanduser()
    folder = cache / f"home-assistant-{VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers wait until it is installed
        complete = folder / "complete"
        if not complete.exists() or complete.read_text().split() != list(REQUIREMENTS):
            _install(folder)
            complete.write_text("\n".join(REQUIREMENTS))
    return folder


def _install(folder: Path) -> None:
    if os.environ.get("HUSHD_TEST_HOME_ASSISTANT", "1" if os.environ.get("CI") else "0") != "1":
        pytest.skip("no Home Assistant here: HUSHD_TEST_HOME_ASSISTANT=1 installs one (a minute, 700 MB)")
    subprocess.run([_python(), "-m", "venv", "--clear", "--without-pip", folder], check=True)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
    done = subprocess.run([*install, *REQUIREMENTS], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"Home Assistant {VERSION} cannot be installed: {' '.join(done.stderr.split())[-400:]}")


def _python() -> Path:
    """A Python 3.13; a pyenv's is taken from where it lies, as its shims may point to another version."""
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob("3.13*/bin/python3.13"))
    found = pyenv[-1] if pyenv else shutil.which("python3.13")
    if found is None:
        pytest.skip(f"Home Assistant {VERSION} needs Python 3.13, which is not installed")
    return Path(found)
