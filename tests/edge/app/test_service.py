"""The daemon's life: what stops it, what replaces it, and what a refused successor leaves in place."""

import io
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Event as Flag

import pytest

from edge.app.daemon import Daemon
from edge.app.ports import DaemonDependencies
from edge.app.service import Service, on_signals
from edge.audio.sources import Item
from edge.control.controller import AlertController
from edge.detection.decision_settings import Sensitivity
from edge.errors import ConfigurationError, HushdError, StorageError
from edge.process.console import Console
from edge.process.sd_notify import Notifier
from edge.records import MicrophoneHealth, MicrophoneState
from edge.storage.outbox import Outbox, OutboxSettings
from tests.support.fakes import FakePublisher, crying_between, decision, pipeline

Source = Callable[[], Iterator[Item]]
MISSING = MicrophoneHealth(MicrophoneState.MISSING, "gone", 0)


class Life:
    """A service over prepared daemons, whose course is written down."""

    def __init__(self, manager: str | None = None) -> None:
        self.course: list[str] = []
        self.terminal = io.StringIO()
        self.stop, self.hangup = Flag(), Flag()
        self._notifier, self._console = Notifier(manager, None), Console(self.terminal)
        self._prepared: list[tuple[str, Source] | HushdError] = []

    def next(self, name: str, source: Source) -> None:
        """What the next reading of the configuration leads to."""
        self._prepared.append((name, source))

    def next_fails(self, error: HushdError) -> None:
        self._prepared.append(error)

    def run(self) -> None:
        Service(self._prepare, self.stop, self.hangup, self._notifier, self._console).run()

    def _prepare(self) -> Callable[[], AbstractContextManager[Daemon]]:
        prepared = self._prepared.pop(0)
        if isinstance(prepared, HushdError):
            raise prepared
        name, source = prepared
        return lambda: self._assembled(name, source)

    @contextmanager
    def _assembled(self, name: str, source: Source) -> Iterator[Daemon]:
        self.course.append(f"{name} opens")
        items = source()  # may raise, as an outbox would
        decides = decision()
        outbox = Outbox(OutboxSettings())
        yield Daemon(
            DaemonDependencies(name, "1", "fake", 10, items, pipeline(crying_between(0, 0), decides), decides, outbox,
                  FakePublisher(), AlertController(Sensitivity.NORMAL, lambda _: None), self._notifier, self._console)
        )  # fmt: skip
        outbox.close()
        self.course.append(f"{name} closes")


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.setblocking(False)
        yield receiver


def told(manager: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(manager.recv(4096).decode().replace("\n", " ").split(" MONOTONIC")[0])
        except BlockingIOError:
            return messages


def then(action: Callable[[], None]) -> Source:
    """A missing microphone, after whose third report something happens; five more reports follow."""

    def source() -> Iterator[Item]:
        yield from [MISSING] * 3
        action()
        yield from [MISSING] * 5

    return source


def test_a_source_that_ends_ends_the_service() -> None:
    life = Life()
    life.next("a", lambda: iter([MISSING]))
    life.run()
    assert life.course == ["a opens", "a closes"]


def test_stop_ends_it_and_systemd_knows(manager: socket.socket) -> None:
    life = Life(manager.getsockname())
    life.next("a", then(life.stop.set))
    life.run()
    assert life.course == ["a opens", "a closes"]
    assert told(manager)[-1] == "STOPPING=1"


def test_hangup_replaces_the_daemon(manager: socket.socket) -> None:
    life = Life(manager.getsockname())
    life.next("a", then(life.hangup.set))
    life.next("b", lambda: iter([MISSING]))
    life.run()
    assert life.course == ["a opens", "a closes", "b opens", "b closes"]
    assert told(manager)[1:3] == ["RELOADING=1", "READY=1 STATUS=settings reloaded"]


def test_a_successor_that_cannot_be_prepared_is_refused_while_the_old_one_listens_on(manager: socket.socket) -> None:
    life = Life(manager.getsockname())
    life.next("a", then(life.hangup.set))
    life.next_fails(ConfigurationError("hushd.yaml:3: unknown key"))
    life.run()
    assert life.course == ["a opens", "a closes"]
    assert "not reloaded, the old settings stay: hushd.yaml:3: unknown key" in life.terminal.getvalue()
    assert told(manager)[1:] == ["RELOADING=1", "READY=1 STATUS=not reloaded, the old settings stay"]


def test_a_successor_that_cannot_be_put_together_gives_way_to_the_old_one(manager: socket.socket) -> None:
    def full_disk() -> Iterator[Item]:
        raise StorageError("the disk is full")

    life = Life(manager.getsockname())
    sources = iter([then(life.hangup.set)(), iter([MISSING])])
    life.next("a", lambda: next(sources))
    life.next("b", full_disk)
    life.run()
    assert life.course == ["a opens", "a closes", "b opens", "a opens", "a closes"]
    assert "not reloaded, the old settings stay: the disk is full" in life.terminal.getvalue()


def test_the_first_one_must_succeed() -> None:
    life = Life()
    life.next_fails(ConfigurationError("wrong"))
    with pytest.raises(ConfigurationError, match="wrong"):
        life.run()


@pytest.fixture
def restored_handlers() -> Iterator[None]:
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("restored_handlers")
def test_a_signal_sets_its_flag() -> None:
    flag = on_signals(signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGHUP)
    assert flag.wait(5)
