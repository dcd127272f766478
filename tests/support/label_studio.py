"""A real Label Studio for tests: its own environment, a database with all tables made beforehand, a port of its own.

It needs a gigabyte of libraries: they are installed once, into a cache folder ($HUSHD_TEST_CACHE, else
~/.cache/hushd-tests), and used where they are there. HUSHD_TEST_LABEL_STUDIO=1 asks for it, and so does CI, by its
variable $CI, unless HUSHD_TEST_LABEL_STUDIO=0 says no.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from signal import SIGKILL
from typing import Any, Self
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener, urlopen

import pytest

from tests.support.ports import free_port

VERSION = "1.23.2"
START_S = 240.0
"""A dozen seconds on an idle machine."""
FIRST_START_S = 1200.0
"""Makes all tables first: a minute on an idle machine."""
OWNER = "owner@example.com"
PASSWORD = "hear-them-all"
_TABLES = "template.sqlite3"
_TOKEN = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can log in."""

    email: str
    number: int
    token: str
    """Legacy access token."""


class LabelStudioServer:
    """Runs from entering to leaving; serves the files below ``media``."""

    def __init__(self, folder: Path) -> None:
        self._environment = _installed()
        self._folder = folder
        self.media = folder / "media"
        self.media.mkdir(parents=True)
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.owner = Account(OWNER, 1, _TOKEN)
        shutil.copy(self._environment / _TABLES, folder / "label_studio.sqlite3")

    def __enter__(self) -> Self:
        self._process = _start(self._environment, self._folder, self._port, START_S)
        return self

    def __exit__(self, *_: object) -> None:
        _stop(self._process)

    def sign_up(self, email: str) -> Account:
        """A new account, made as a person would in the browser."""
        jar = CookieJar()
        browser = build_opener(HTTPCookieProcessor(jar))
        browser.open(f"{self.url}/user/signup/").close()
        self._post(browser, jar, "/user/signup/", {"email": email, "password": PASSWORD})
        token = json.load(browser.open(f"{self.url}/api/current-user/token"))["token"]
        return Account(email, json.load(browser.open(f"{self.url}/api/current-user/whoami"))["id"], token)

    def personal_token(self, account: Account) -> str:
        """A personal access token, as Account & Settings gives it."""
        return str(self.ask("POST", "/api/token/", account, {})["token"])

    def ask(self, method: str, path: str, account: Account, body: object = None) -> Any:
        """A call of the REST API on somebody's behalf."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Token {account.token}"}
        with urlopen(Request(self.url + path, content, headers, method=method)) as answer:  # noqa: S310 - our own
            raw = answer.read()
        return json.loads(raw) if raw else None

    def _post(self, browser: OpenerDirector, jar: CookieJar, path: str, form: Mapping[str, str]) -> None:
        secret = next(cookie.value for cookie in jar if cookie.name == "csrftoken") or ""
        filled = urlencode({**form, "csrfmiddlewaretoken": secret}).encode()
        browser.open(Request(self.url + path, filled, {"Referer": self.url})).close()  # noqa: S310 - our own


def _installed() -> Path:
    """Return the virtual environment; skip the test where it is missing and not asked for, or cannot be made."""
    if os.environ.get("HUSHD_TEST_LABEL_STUDIO") == "0":
        pytest.skip("no Label Studio here: HUSHD_TEST_LABEL_STUDIO=0 says no")
    cache = Path(os.environ.get("HUSHD_TEST_CACHE", "~/.cache/hushd-tests")).expanduser()
    folder = cache / f"label-studio-{VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers wait until it is installed
        if not (folder / _TABLES).exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    if os.environ.get("HUSHD_TEST_LABEL_STUDIO", "1" if os.environ.get("CI") else "0") != "1":
        pytest.skip("no Label Studio here: HUSHD_TEST_LABEL_STUDIO=1 installs one (a minute, 1 GB)")
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
    done = subprocess.run([*install, f"label-studio=={VERSION}"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"Label Studio {VERSION} cannot be installed: {' '.join(done.stderr.split())[-400:]}")
    with tempfile.TemporaryDirectory(dir=folder) as empty:
        _stop(_start(folder, Path(empty), free_port(), FIRST_START_S))
        Path(empty, "label_studio.sqlite3").rename(folder / _TABLES)  # last: now it is complete


def _start(environment: Path, folder: Path, port: int, patience_s: float) -> "subprocess.Popen[bytes]":
    """A server on this data folder; returns once it answers."""
    settings = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(folder / "media"),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "LATEST_VERSION_CHECK": "false",
    }
    command = ["label-studio", "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    command += [
        "--host",
        f"http://127.0.0.1:{port}",
        "--username",
        OWNER,
        "--password",
        PASSWORD,
        "--user-token",
        _TOKEN,
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [environment / "bin" / command[0], *command[1:]],
            env={**os.environ, **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + patience_s
    while True:
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            pass
        else:
            raise AssertionError((folder / "server.log").read_text()[-2000:])
        try:
            urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
        except (URLError, OSError):
            if time.monotonic() > deadline:
                process.kill()
                raise
        else:
            return process


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(SIGKILL)
    process.wait()
