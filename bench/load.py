"""Send HTTP requests as fast as they are answered, from a process of its own.

A generator that takes as long as the server measures itself. This one sends bytes made before,
looks only for the end of each answer, and takes about 15 µs a request; the empty endpoint, which
it drives as well, shows the ceiling that it leaves.
"""

from __future__ import annotations

import re
import selectors
import socket
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, cycle
from multiprocessing import get_context
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CHUNK = 256 * 1024
_STALLED = 30.0  # seconds without any answer


class Refused(Exception):
    """What is measured must work; too many requests were answered otherwise."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    Attributes:
        requests: whole HTTP requests; clients take turns at them.
        seconds: after which nothing more is sent.
        again: whether to begin anew after the last one; otherwise the load ends there.
    """

    port: int
    requests: Sequence[bytes]
    clients: int
    seconds: float
    again: bool = False


@dataclass(slots=True)
class Answers:
    """What came back.

    Attributes:
        latencies: of each answer, in seconds, sorted.
        wall: seconds from the first request to the last answer.
    """

    latencies: list[float]
    statuses: Counter[int]
    wall: float
    odd: bytes = b""

    @classmethod
    def timed(cls, latencies: Sequence[float]) -> Self:
        """Take latencies measured one after the other."""
        return cls(sorted(latencies), Counter({200: len(latencies)}), sum(latencies))

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.wall

    def quantile(self, share: float) -> float:
        """Give the latency that this share of the answers kept, in milliseconds."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)] * 1e3

    def checked(self) -> Self:
        """Refuse a measurement of anything but success.

        Raises:
            Refused: more than one in a hundred was no 2xx; with an example.
        """
        good = sum(number for status, number in self.statuses.items() if 200 <= status < 300)  # noqa: PLR2004 - 2xx
        if not good or good < 0.99 * self.statuses.total():
            raise Refused(f"{dict(self.statuses)}: {self.odd[:2_000].decode(errors='replace')}")
        return self


@dataclass(slots=True)
class _Client:
    connection: socket.socket
    sent_at: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        self.answer.clear()
        self.sent_at = perf_counter()
        self.connection.sendall(request)

    def receive(self) -> int | None:
        """Take in what has come; give the status once the answer is whole."""
        part = self.connection.recv(_CHUNK)
        if not part:
            raise ConnectionResetError(bytes(self.answer))
        self.answer += part
        end = self.answer.find(b"\r\n\r\n")
        if end < 0 or len(self.answer) < end + 4 + self._length(end):
            return None
        return int(self.answer[9:12])

    def _length(self, end: int) -> int:
        found = _LENGTH.search(self.answer, 0, end)
        return int(found[1]) if found else 0


def drive(load: Load) -> Answers:
    """Send the load from here."""
    waiting: Iterator[bytes] = cycle(load.requests) if load.again else iter(load.requests)
    answers = Answers([], Counter(), 0.0)
    with selectors.DefaultSelector() as selector:
        clients = [_Client(_connected(load.port)) for _ in range(load.clients)]
        start = perf_counter()
        for client, request in zip(clients, waiting, strict=False):
            selector.register(client.connection, selectors.EVENT_READ, client)
            client.send(request)
        _keep_sending(selector, answers, waiting, start + load.seconds)
        answers.wall = perf_counter() - start
    for client in clients:
        client.connection.close()
    answers.latencies.sort()
    return answers


def _keep_sending(
    selector: selectors.BaseSelector, answers: Answers, waiting: Iterator[bytes], until: float
) -> None:
    """Answer each answer with the next request; after the end, take in what is under way."""
    while selector.get_map():
        ready = selector.select(_STALLED)
        if not ready:
            raise Refused(f"no answer for {_STALLED:.0f} s")
        for key, _ in ready:
            client: _Client = key.data
            if (status := client.receive()) is None:
                continue
            now = perf_counter()
            answers.latencies.append(now - client.sent_at)
            answers.statuses[status] += 1
            if status >= 300:  # noqa: PLR2004 - 2xx
                answers.odd = bytes(client.answer)
            request = next(waiting, None) if now < until else None
            if request is None:
                selector.unregister(client.connection)
            else:
                client.send(request)


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=_STALLED)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Generator:
    """A process that sends loads; use as a context manager."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def __enter__(self) -> Self:
        """Start it."""
        self._pool.submit(int).result()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._pool.shutdown()

    def cpu(self) -> float:
        """Give the seconds that it has computed."""
        return self._pool.submit(process_time).result()

    def send(self, load: Load) -> Answers:
        """Send a load, and give what came back.

        Raises:
            Refused: more than one request in a hundred failed.
        """
        return self._pool.submit(drive, load).result().checked()


class Exchange:
    """One connection, from which each request is answered before the next one."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self._client = _Client(_connected(port))

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self._client.connection.close()

    def header(self, request: bytes, name: bytes) -> str:
        """Send a request; give a header of the answer.

        Raises:
            Refused: it failed.
        """
        self._client.send(request)
        while (status := self._client.receive()) is None:
            pass
        found = re.search(rb"\r\n%b: *([^\r]*)" % name, self._client.answer, re.IGNORECASE)
        if status >= 300 or not found:  # noqa: PLR2004 - 2xx
            raise Refused(self._client.answer.decode(errors="replace"))
        return found[1].decode()


def request(method: str, path: str, token: str = "", body: bytes = b"") -> bytes:
    """Spell an HTTP request."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    sent = [f"Authorization: Bearer {token}"] if token else []
    if body:
        sent += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(chain(head, sent, ["", ""])).encode() + body
