"""A TCP port for a server that a test starts, and may start again."""

import random
import socket

_LOWEST, _LOWEST_GIVEN = 20_000, 32_768
"""From the second on, Linux gives ports to outgoing connections (ip_local_port_range, unless it was changed)."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, nor some other test's client takes before our server is there."""
    while True:
        port = random.SystemRandom().randrange(_LOWEST, _LOWEST_GIVEN)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
