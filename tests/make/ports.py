"""Ports for servers that start a while after their port was chosen."""

import random
import socket

_LOWEST, _HIGHEST = 15_000, 32_000
"""Below those that the system gives to connections that leave: one of these could have the port by then."""


def a_free_port(following: int = 0) -> int:
    """One where nobody listens, nor at so many that follow."""
    while True:
        port = random.randrange(_LOWEST, _HIGHEST)
        if all(_is_free(one) for one in range(port, port + following + 1)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
