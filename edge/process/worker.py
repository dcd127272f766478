"""A thread whose crash reaches the thread that depends on it."""

import threading
from collections.abc import Callable


class Worker:
    """Runs one function in a daemon thread."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._work = work
        self._crash: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; return at once."""
        self._thread.start()

    def check(self) -> None:
        """Raise the exception that ended the function, if one did."""
        if self._crash is not None:
            raise self._crash

    def join(self, timeout_s: float) -> None:
        """Wait until the function has ended, at most ``timeout_s``."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._work()
        except Exception as crash:  # noqa: BLE001 - raised by check
            self._crash = crash
