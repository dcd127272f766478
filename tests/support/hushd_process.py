"""hushd as a process of its own, whose lines can be awaited."""

import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

REPOSITORY = Path(__file__).parents[2]


class Hushd:
    """``hushd ARGUMENTS``; leaving kills what is still running."""

    def __init__(self, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge", *map(str, arguments)],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._unread: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def says(self, part: str, timeout_s: float = 60.0) -> str:
        """Wait for a line that contains this; lines before it are passed over."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                line = self._unread.get(timeout=deadline_s - time.monotonic())
            except (queue.Empty, ValueError):
                line = None
            assert line is not None, f"never said {part!r}, but:\n{self.output}"
            if part in line:
                return line

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def ends(self, within_s: float) -> int:
        """The exit code; fails where it does not end in time."""
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {within_s} s; it said:\n{self.output}") from None

    @property
    def output(self) -> str:
        """Everything said so far, on stdout and stderr."""
        return "".join(self.lines)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line)
            self._unread.put(line)
        self._unread.put(None)
        self._process.stdout.close()
