"""Ports for servers that tests start."""

import random
import socket

# Below those that the system gives to outgoing connections: one of these might take a port that
# was free a moment ago, and with it the server's place.
_CHOICE = range(20_000, 32_000)


def free_port() -> int:
    """Give a port that nobody listens on."""
    while True:
        port = random.SystemRandom().choice(_CHOICE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
