"""Talk to Farshore: over HTTP, or to the same application inside this process."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import typer
from rich.console import Console

from cli import beacon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from journal.settings import Settings

# What is recorded is shown as it is: `:100:` is no picture.
console = Console(emoji=False)
errors = Console(stderr=True, emoji=False)

# Reads wait at most 5 s for `min_position`; an import takes as long as it takes.
TIMEOUT = httpx2.Timeout(60, read=None)


class Failed(typer.Exit):
    """The command did not do what it was asked; what went wrong is printed."""

    def __init__(self, *lines: str) -> None:
        for line in lines:
            errors.print(line, style="red", markup=False, highlight=False)
        super().__init__(code=1)


@dataclass(frozen=True, slots=True)
class Client:
    """The HTTP API, with what goes wrong told to people."""

    http: httpx2.AsyncClient

    async def get(self, path: str, **query: Any) -> Any:  # noqa: ANN401 - parsed JSON
        """Give what a GET answers; parameters that are None are left out."""
        given = {name: value for name, value in query.items() if value is not None}
        return (await self.send("GET", path, params=given)).json()

    async def send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send one request.

        Raises:
            Failed: the server cannot be reached, or refused; why is printed.
        """
        try:
            answer = await self.http.request(method, path, **options)
        except httpx2.TransportError as error:
            why = str(error) or "the connection broke off"
            raise Failed(f"No answer from {self.http.base_url}: {why}") from None
        if answer.is_error:
            raise Failed(*told(answer))
        return answer

    @contextlib.asynccontextmanager
    async def stream(self, path: str, query: Mapping[str, str]) -> AsyncIterator[httpx2.Response]:
        """Stream what a GET answers."""
        async with self.http.stream("GET", path, params=dict(query)) as answer:
            if answer.is_error:
                await answer.aread()
                raise Failed(*told(answer))
            yield answer


def told(answer: httpx2.Response) -> Iterable[str]:
    """Tell a problem answer in lines: what is wrong, where, and what is possible instead."""
    if "json" not in answer.headers.get("content-type", ""):
        return [f"{answer.status_code} {answer.reason_phrase}"]
    return problem_lines(answer.json())


def problem_lines(problem: Mapping[str, Any]) -> Iterable[str]:
    """Tell an RFC 9457 problem in lines."""
    faults = problem.get("errors", ())
    yield f"{problem['title']}: {'' if faults else problem.get('detail', '')}".rstrip()
    for fault in faults:
        where = fault.get("pointer") or fault.get("parameter") or "the request"
        yield f"  {where}: {fault['detail']}"
    if positions := problem.get("conflicting_positions"):
        yield f"  contradicts {', '.join(f'position {one}' for one in positions)}"
    if (allowed := problem.get("allowed")) and not faults:
        yield f"  possible now: {', '.join(allowed)}"


@contextlib.asynccontextmanager
async def connected(settings: Settings, *, begin: bool = False) -> AsyncIterator[Client]:
    """Connect to the server named, to the one running on the data folder, or run in process.

    Args:
        settings: say where.
        begin: whether a journal may be begun where there is none.

    Raises:
        Failed: there is nothing to connect to.
    """
    if address := settings.url or beacon.found(settings.data):
        headers = {"Authorization": f"Bearer {_token(settings)}"}
        async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=TIMEOUT) as http:
            yield Client(http)
    elif settings.database_url is None and not settings.data.exists() and not begin:
        raise Failed(
            f"No server runs on {settings.data}, and there is no journal either.",
            "Start one with `farshore serve`, or say which folder you mean with --data or"
            " FARSHORE_DATA.",
        )
    else:
        from cli.inside import inside  # noqa: PLC0415 - a second of imports that a client spares

        async with inside(settings) as http:
            yield Client(http)


def _token(settings: Settings) -> str:
    for given in (settings.token, settings.admin_token):
        if given is not None:
            return given.get_secret_value()
    if token := settings.kept_token():
        return token
    raise Failed("No token: give one with --token or FARSHORE_TOKEN.")
