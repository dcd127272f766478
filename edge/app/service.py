"""The daemon's life: signals, reload, and a clean end.

SIGTERM and SIGINT end it; SIGHUP prepares a successor (configuration read, model loaded and checked) while the old
one listens on, and only then lets it take over, episode and all. A successor that cannot be prepared or put together
is refused in one line, and the old settings stay.
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
"""Opens what the daemon needs and closes it again."""


def on_signals(*numbers: signal.Signals) -> Flag:
    """A flag that these signals set."""
    flag = Flag()
    for number in numbers:
        signal.signal(number, lambda *_: flag.set())
    return flag


class Service:
    """Keeps one daemon listening until ``stop``, replacing it at each ``hangup``."""

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
        """Returns when stopped, or when the source has ended by itself."""
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
                    self._refuse(error)
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
        """Whether a successor stands ready."""
        if self._hangup.is_set():
            self._hangup.clear()
            self._notifier.reloading()
            try:
                self._successor = self._prepare()
            except HushdError as error:
                self._refuse(error)
        return self._successor is not None

    def _refuse(self, error: HushdError) -> None:
        self._console.note(f"not reloaded, the old settings stay: {error}")
        self._notifier.ready("not reloaded, the old settings stay")
