"""A TCP port for a server that a test starts, and may start again."""

import random
import socket
from pathlib import Path


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, from those that the system gives to no outgoing connection.

    One that it does give may be taken by some other test's client before our server is there.
    """
    lowest_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    while True:
        port = random.randrange(lowest_given // 2, lowest_given)  # noqa: S311 - no secret
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
