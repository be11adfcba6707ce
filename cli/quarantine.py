"""`farshore quarantine`: the events that a view could not take, and what to do about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from cli.client import Failed, console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from cli.client import Client

    Run = Callable[[Callable[[Client], Coroutine[Any, Any, None]]], None]

View = Annotated[str, typer.Argument(help="state, timeline or names.")]
Position = Annotated[int, typer.Argument(help="Of the event, as `list` shows it.")]


def group(run: Run) -> typer.Typer:
    """Give the commands, which `run` connects to the server."""
    app = typer.Typer(help="Look after events that a view could not take.", no_args_is_help=True)

    @app.command("list")
    def list_() -> None:
        """List what each view could not take, and what it does without."""
        run(_list)

    @app.command()
    def retry(
        view: View, position: Annotated[int | None, typer.Argument(help="All if none.")] = None
    ) -> None:
        """Have a view try again, as after a fix; also what was skipped, when named."""
        run(lambda client: _retry(client, view, position))

    @app.command()
    def skip(
        view: View,
        position: Position,
        reason: Annotated[str, typer.Option(help="Why; it stays on record with your name.")],
    ) -> None:
        """Have a view do without an event, and try those that wait behind it."""
        run(lambda client: _skip(client, view, position, reason))

    return app


async def _held(client: Client, view: str) -> AsyncIterator[dict[str, Any]]:
    after: int | None = 0
    while after is not None:
        page = await client.get(f"/v1/projections/{view}/quarantine", after=after)
        for one in page["items"]:
            yield one
        after = page["next_after"]


async def _list(client: Client) -> None:
    table = Table("view", "position", "subject", "type", "attempts", "why", box=None)
    for view in (await client.get("/v1/projections"))["items"]:
        async for one in _held(client, view["name"]):
            told = (str(one["position"]), one["subject"], one["type"], str(one["attempts"]))
            table.add_row(view["name"], *told, _why(one))
    console.print(table if table.row_count else "Every view could take every event.")


def _why(one: dict[str, Any]) -> str:
    if one["skipped_reason"] is None:
        return str(one["error"])
    return f"skipped by {one['skipped_by']}: {one['skipped_reason']}"


async def _retry(client: Client, view: str, position: int | None) -> None:
    path, wanted = f"/v1/projections/{view}/quarantine", [position]
    if position is None:
        held = [one async for one in _held(client, view)]
        wanted = [one["position"] for one in held if one["skipped_reason"] is None]
    for one in wanted:
        await client.send("POST", f"{path}/{one}/retry")
    console.print(f"{len(wanted)} to be tried again; `farshore quarantine list` shows what stays.")


async def _skip(client: Client, view: str, position: int, reason: str) -> None:
    if not reason.strip():
        raise Failed("Say why with --reason.")
    path = f"/v1/projections/{view}/quarantine/{position}/skip"
    await client.send("POST", path, json={"reason": reason})
    console.print(f"The view {view} does without position {position}.")
