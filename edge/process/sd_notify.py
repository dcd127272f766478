"""Client of systemd's sd_notify protocol: one datagram for each message.

Outside systemd (no ``NOTIFY_SOCKET``) every call is a no-op.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Self


class Notifier:
    """Sender of notifications to the service manager."""

    def __init__(
        self, address: str | None, watchdog_s: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = address
        self._watchdog_s = watchdog_s
        self._clock = clock
        self._last_watchdog_s = -float("inf")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return a notifier for systemd's environment variables; the watchdog is on if set for this process."""
        watchdog_us = environment.get("WATCHDOG_USEC", "")
        is_ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_s = int(watchdog_us) / 1e6 if is_ours and watchdog_us.isdigit() else None
        return cls(environment.get("NOTIFY_SOCKET") or None, watchdog_s)

    def ready(self, status: str) -> None:
        """Report that the service works, after a start or a reload."""
        self._send(f"READY=1\nSTATUS={status}")

    def status(self, text: str) -> None:
        """Report one line for ``systemctl status``."""
        self._send(f"STATUS={text}")

    def watchdog(self) -> None:
        """Report that the service has done its work; sent at most twice a watchdog interval."""
        now_s = self._clock()
        if self._watchdog_s is not None and now_s - self._last_watchdog_s >= self._watchdog_s / 2:
            self._last_watchdog_s = now_s
            self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """Report the start of a reload; ``ready`` follows."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """Report a regular end."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        # systemd writes the NUL byte of an abstract socket as @.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        # Without a receiver, detection goes on; systemd's watchdog decides.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(message.encode(), address)
