"""Start, reload and end of the daemon.

SIGTERM and SIGINT end it. SIGHUP prepares a successor (configuration read, model loaded and checked) while the old
daemon goes on, and then replaces it, within an episode, too. Where a successor cannot be prepared or assembled, one
line reports it and the old settings stay.
"""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from threading import Event as Flag

from edge.app.daemon import Daemon, DaemonSnapshot
from edge.errors import HushdError
from edge.process.console import Console
from edge.process.sd_notify import Notifier

Assemble = Callable[[], AbstractContextManager[Daemon]]
"""Opens a daemon with its parts, and closes them."""


def on_signals(*numbers: signal.Signals) -> Flag:
    """Return a flag that these signals set."""
    flag = Flag()
    for number in numbers:
        signal.signal(number, lambda *_: flag.set())
    return flag


class Service:
    """Runs one daemon until ``stop``, and replaces it at each ``hangup``."""

    def __init__(
        self, prepare: Callable[[], Assemble], stop: Flag, hangup: Flag, notifier: Notifier, console: Console
    ) -> None:
        self._prepare = prepare
        self._stop = stop
        self._hangup = hangup
        self._notifier = notifier
        self._console = console
        self._successor: Assemble | None = None

    def run(self) -> None:
        """Run until stopped or the source has ended; raise HushdError where the first daemon cannot start."""
        current: Assemble | None = self._prepare()
        previous: Assemble | None = None
        last: DaemonSnapshot | None = None
        while current is not None:
            with ExitStack() as stack:
                try:
                    daemon = stack.enter_context(current())
                except HushdError as error:
                    if previous is None:
                        raise
                    self._report_failed_reload(error)
                    current, previous = previous, None
                    continue
                if last is not None:
                    daemon.restore(last)
                if previous is not None:
                    self._notifier.ready("settings reloaded")
                daemon.run(self._stop, self._reload)
                last = daemon.snapshot()
                if self._stop.is_set():
                    self._notifier.stopping()
            previous, current, self._successor = current, self._successor, None

    def _reload(self) -> bool:
        """Prepare a successor where asked to; return whether one is ready."""
        if self._hangup.is_set():
            self._hangup.clear()
            self._notifier.reloading()
            try:
                self._successor = self._prepare()
            except HushdError as error:
                self._report_failed_reload(error)
        return self._successor is not None

    def _report_failed_reload(self, error: HushdError) -> None:
        self._console.note(f"not reloaded, the old settings stay: {error}")
        self._notifier.ready("not reloaded, the old settings stay")
