"""Others who are asked about a head: whatever they answer, and what is published then."""

from __future__ import annotations

import asyncio
import contextlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import httpx2

from journal.pools import pool
from journal.seal.log import Log
from journal.seal.outside import Elsewhere, Outside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def submitted(url: str, witnesses: list[Elsewhere], authority: str | None, times: int) -> str:
    """Submit the newest head so often; give it as it is then published."""

    async def work() -> str:
        async with (
            pool(url, most=1, autocommit=True, role="farshore_sealer") as connections,
            httpx2.AsyncClient() as http,
        ):
            outside = Outside(url, witnesses, authority)
            for _ in range(times):
                await outside.submit(connections, http)
            head = await Log(connections).head()
            return head.note if head else ""

    return asyncio.run(work())


@contextlib.contextmanager
def answering(answer: Callable[[bytes], tuple[int, str, bytes]]) -> Iterator[str]:
    """Serve whatever is answered to what is posted."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            status, media_type, body = answer(asked)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
