"""A real ntfy server for tests, and its web app: on a free port of this machine, its messages in memory.

$HUSHD_TEST_NTFY names its program (ntfy.sh; PyPI and npm have others of that name).
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen

import pytest

START_S = 20.0
TOPIC = "a-topic-nobody-guesses"


class Ntfy:
    """Runs from entering to leaving."""

    def __init__(self, folder: Path) -> None:
        self._program = _installed()
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """As the companion's configuration says it."""
        return f"ntfy://127.0.0.1:{self.port}/{TOPIC}"

    @property
    def page(self) -> str:
        """The topic in the web app; a browser that opens it subscribes."""
        return f"http://127.0.0.1:{self.port}/{TOPIC}"

    def __enter__(self) -> Self:
        """Returns when it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        settings = self._folder / "server.yml"
        settings.write_text(f"base-url: http://127.0.0.1:{self.port}\nlisten-http: 127.0.0.1:{self.port}\n")
        with (self._folder / "ntfy.log").open("ab") as log:
            self._process = subprocess.Popen([self._program, "serve", "-c", settings], stdout=log, stderr=log)
        deadline_s = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                pytest.fail(f"ntfy did not start: {(self._folder / 'ntfy.log').read_text()}")
            time.sleep(0.02)  # nobody tells when a socket begins to listen
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    @contextmanager
    def subscribed(self, timeout_s: float) -> Iterator[Iterator[dict[str, Any]]]:
        """What a phone's app hears, one message after another, from now on; TimeoutError where none comes."""
        with urlopen(f"{self.page}/json", timeout=timeout_s) as stream:  # noqa: S310 - our own
            lines = (json.loads(line) for line in stream)
            assert next(lines)["event"] == "open"
            yield (line for line in lines if line["event"] == "message")

    def _answers(self) -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", self.port)) == 0


def _installed() -> str:
    program = os.environ.get("HUSHD_TEST_NTFY")
    if not program:
        pytest.skip("no ntfy here: HUSHD_TEST_NTFY names its program (ntfy.sh)")
    return program
