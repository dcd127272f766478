"""The service: stop, reload, and the return to the old daemon where a reload fails."""

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


class ServiceBench:
    """A service with prepared daemons and a log of their starts and ends."""

    def __init__(self, service_manager: str | None = None) -> None:
        self.log: list[str] = []
        self.terminal = io.StringIO()
        self.stop, self.hangup = Flag(), Flag()
        self._notifier, self._console = Notifier(service_manager, None), Console(self.terminal)
        self._prepared: list[tuple[str, Source] | HushdError] = []

    def next(self, name: str, source: Source) -> None:
        """Set the result of the next preparation."""
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
        return lambda: self._assemble(name, source)

    @contextmanager
    def _assemble(self, name: str, source: Source) -> Iterator[Daemon]:
        self.log.append(f"{name} opens")
        items = source()  # may raise, like an outbox
        decides = decision()
        outbox = Outbox(OutboxSettings())
        yield Daemon(
            DaemonDependencies(name, "1", "fake", 10, items, pipeline(crying_between(0, 0), decides), decides, outbox,
                  FakePublisher(), AlertController(Sensitivity.NORMAL, lambda _: None), self._notifier, self._console)
        )  # fmt: skip
        outbox.close()
        self.log.append(f"{name} closes")


@pytest.fixture
def service_manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.setblocking(False)
        yield receiver


def received(service_manager: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(service_manager.recv(4096).decode().replace("\n", " ").split(" MONOTONIC")[0])
        except BlockingIOError:
            return messages


def microphone_with_action(action: Callable[[], None]) -> Source:
    """Return a missing microphone that calls ``action`` after three reports and sends five more."""

    def source() -> Iterator[Item]:
        yield from [MISSING] * 3
        action()
        yield from [MISSING] * 5

    return source


def test_a_source_that_ends_ends_the_service() -> None:
    bench = ServiceBench()
    bench.next("a", lambda: iter([MISSING]))
    bench.run()
    assert bench.log == ["a opens", "a closes"]


def test_stop_ends_the_service_and_notifies_systemd(service_manager: socket.socket) -> None:
    bench = ServiceBench(service_manager.getsockname())
    bench.next("a", microphone_with_action(bench.stop.set))
    bench.run()
    assert bench.log == ["a opens", "a closes"]
    assert received(service_manager)[-1] == "STOPPING=1"


def test_hangup_replaces_the_daemon(service_manager: socket.socket) -> None:
    bench = ServiceBench(service_manager.getsockname())
    bench.next("a", microphone_with_action(bench.hangup.set))
    bench.next("b", lambda: iter([MISSING]))
    bench.run()
    assert bench.log == ["a opens", "a closes", "b opens", "b closes"]
    assert received(service_manager)[1:3] == ["RELOADING=1", "READY=1 STATUS=settings reloaded"]


def test_the_old_daemon_continues_where_a_successor_cannot_be_prepared(service_manager: socket.socket) -> None:
    bench = ServiceBench(service_manager.getsockname())
    bench.next("a", microphone_with_action(bench.hangup.set))
    bench.next_fails(ConfigurationError("hushd.yaml:3: unknown key"))
    bench.run()
    assert bench.log == ["a opens", "a closes"]
    assert "not reloaded, the old settings stay: hushd.yaml:3: unknown key" in bench.terminal.getvalue()
    assert received(service_manager)[1:] == ["RELOADING=1", "READY=1 STATUS=not reloaded, the old settings stay"]


def test_the_old_daemon_returns_where_a_successor_cannot_be_assembled(service_manager: socket.socket) -> None:
    def full_disk() -> Iterator[Item]:
        raise StorageError("the disk is full")

    bench = ServiceBench(service_manager.getsockname())
    sources = iter([microphone_with_action(bench.hangup.set)(), iter([MISSING])])
    bench.next("a", lambda: next(sources))
    bench.next("b", full_disk)
    bench.run()
    assert bench.log == ["a opens", "a closes", "b opens", "a opens", "a closes"]
    assert "not reloaded, the old settings stay: the disk is full" in bench.terminal.getvalue()


def test_a_failure_of_the_first_daemon_is_raised() -> None:
    bench = ServiceBench()
    bench.next_fails(ConfigurationError("wrong"))
    with pytest.raises(ConfigurationError, match="wrong"):
        bench.run()


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
