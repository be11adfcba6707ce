"""`farshore witness`: watch the logs of other companies, as they watch ours."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

from journal.seal.folder import Folder
from journal.seal.witness import LONGEST, Declines, Witness
from journal.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

_NAME, _LOGS = "FARSHORE_WITNESS_NAME", "FARSHORE_WITNESS_LOGS"


def serve(settings: Settings, name: str, logs: Sequence[str]) -> None:
    """Become the server; it ends with a signal."""
    os.environ |= {_NAME: name, _LOGS: " ".join(logs), "FARSHORE_DATA": str(settings.data)}
    server = ("-m", "granian", "--interface", "asginl", "--factory", "cli.witness:application")
    address = ("--host", settings.host, "--port", str(settings.port), "--no-ws")
    os.execv(sys.executable, (sys.executable, *server, *address, "--log-level", "warning"))  # noqa: S606 - our own program


def witness(settings: Settings, name: str, logs: Sequence[str]) -> Witness:
    """Give the witness of a data folder."""
    folder = Folder(settings.data / "witness")
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Witness(folder, name, logs)


def application() -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
    """Make the server of the C2SP tlog-witness protocol."""
    own = witness(Settings(), os.environ[_NAME], os.environ[_LOGS].split())

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        status, body, media_type = 404, "there is nothing here\n", "text/plain"
        if (scope["method"], scope["path"]) == ("POST", "/add-checkpoint"):
            status, body, media_type = await asyncio.to_thread(_added, own, await _read(receive))
        headers = [(b"content-type", f"{media_type}; charset=utf-8".encode())]
        if media_type != "text/plain":
            headers = [(b"content-type", media_type.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})

    return answer


def _added(own: Witness, request: bytes) -> tuple[int, str, str]:
    try:
        return 200, own.add(request), "text/plain"
    except Declines as declined:
        return declined.status, str(declined), declined.media_type


async def _read(receive: Receive) -> bytes:
    """Read a request, but no more than one can be long."""
    body, more = b"", True
    while more and len(body) <= LONGEST:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
