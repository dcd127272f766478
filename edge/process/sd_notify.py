"""Tells systemd how the daemon is doing, over the sd_notify protocol: one datagram a message.

Outside systemd (no ``NOTIFY_SOCKET``) every call does nothing, so the daemon never asks where it runs.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Self


class Notifier:
    """The service manager's ear. ``watchdog`` may be called as often as one likes; it paces itself."""

    def __init__(
        self, address: str | None, watchdog_s: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = address
        self._watchdog_s = watchdog_s
        self._clock = clock
        self._last_watchdog_s = -float("inf")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """As systemd's environment variables say; the watchdog only if it was set for this very process."""
        watchdog_us = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_s = int(watchdog_us) / 1e6 if ours and watchdog_us.isdigit() else None
        return cls(environment.get("NOTIFY_SOCKET") or None, watchdog_s)

    def ready(self, status: str) -> None:
        """The service works (again)."""
        self._send(f"READY=1\nSTATUS={status}")

    def status(self, text: str) -> None:
        """One line for ``systemctl status``."""
        self._send(f"STATUS={text}")

    def watchdog(self) -> None:
        """The service did its work just now; passed on at most twice an interval."""
        now_s = self._clock()
        if self._watchdog_s is not None and now_s - self._last_watchdog_s >= self._watchdog_s / 2:
            self._last_watchdog_s = now_s
            self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read again; ``ready`` follows."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """The service is ending on purpose."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        # A leading @ is systemd's way to write the NUL byte of an abstract socket.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        # Nobody listening is no reason to stop listening for the baby: systemd's own watchdog then decides.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(message.encode(), address)
