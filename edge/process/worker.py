"""A thread whose crash is not lost: whoever needs its work learns of it."""

import threading
from collections.abc import Callable


class Worker:
    """Runs one function in a thread that does not keep the process alive."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._work = work
        self._crash: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def check(self) -> None:
        """Raise what the function raised, if it did."""
        if self._crash is not None:
            raise self._crash

    def join(self, timeout_s: float) -> None:
        """Wait for the end, for so long."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._work()
        except Exception as crash:  # noqa: BLE001 - handed to whoever calls check
            self._crash = crash
