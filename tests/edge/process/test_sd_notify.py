"""sd_notify: the messages on a real datagram socket."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.process.sd_notify import Notifier


@pytest.fixture
def service_manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(5)
        yield receiver


def received(service_manager: socket.socket) -> str:
    return service_manager.recv(4096).decode()


def nothing_more(service_manager: socket.socket) -> bool:
    service_manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        service_manager.recv(4096)
    return True


def clock(*readings_s: float) -> Callable[[], float]:
    return iter(readings_s).__next__


def test_every_message_is_one_datagram(service_manager: socket.socket) -> None:
    notifier = Notifier(service_manager.getsockname(), watchdog_s=None)
    notifier.ready("listening")
    notifier.status("microphone missing")
    notifier.reloading()
    notifier.stopping()
    assert received(service_manager) == "READY=1\nSTATUS=listening"
    assert received(service_manager) == "STATUS=microphone missing"
    assert received(service_manager).startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert received(service_manager) == "STOPPING=1"


def test_watchdog_is_sent_at_most_twice_an_interval(service_manager: socket.socket) -> None:
    notifier = Notifier(service_manager.getsockname(), watchdog_s=10, clock=clock(100, 101, 104.9, 105, 106))
    for _ in range(5):
        notifier.watchdog()
    assert [received(service_manager), received(service_manager)] == ["WATCHDOG=1", "WATCHDOG=1"]
    assert nothing_more(service_manager)


def test_watchdog_is_silent_where_systemd_sets_no_interval(service_manager: socket.socket) -> None:
    Notifier.from_environment({"NOTIFY_SOCKET": service_manager.getsockname()}).watchdog()
    assert nothing_more(service_manager)


@pytest.mark.parametrize(("pid", "pings"), [(str(os.getpid()), True), ("1", False)], ids=["ours", "another's"])
def test_a_watchdog_of_another_process_is_ignored(service_manager: socket.socket, pid: str, pings: bool) -> None:
    environment = {"NOTIFY_SOCKET": service_manager.getsockname(), "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": pid}
    notifier = Notifier.from_environment(environment)
    notifier.watchdog()
    notifier.stopping()
    assert received(service_manager) == ("WATCHDOG=1" if pings else "STOPPING=1")


def test_abstract_socket() -> None:
    name = f"hushd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{name}")
        receiver.settimeout(5)
        Notifier(f"@{name}", watchdog_s=None).stopping()
        assert receiver.recv(64) == b"STOPPING=1"


def test_outside_systemd_and_without_a_receiver_calls_are_no_ops(tmp_path: Path) -> None:
    Notifier.from_environment({}).ready("listening")
    Notifier(str(tmp_path / "gone"), watchdog_s=1).watchdog()
