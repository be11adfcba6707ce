"""`farshore token`, `principals`, `principal`, `access`: who may come in, who they are, who did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reports
from cli.client import Failed, console

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from cli.client import Client
    from journal.settings import Settings

    Run = Callable[[Callable[[Client], Coroutine[Any, Any, None]]], None]

Id = Annotated[str, typer.Argument(metavar="ID")]


def add(app: typer.Typer, run: Run, settings: Callable[[], Settings]) -> None:
    """Add the commands, which `run` connects to the server."""
    app.add_typer(_tokens(run, settings), name="token")
    app.add_typer(_principal(run), name="principal")

    @app.command()
    def principals() -> None:
        """Tell whom the ids of those who recorded stand for."""
        run(lambda client: reports.ask(client, "/v1/principals", {}, reports.principals))

    @app.command()
    def access(
        *,
        principal: Annotated[str | None, typer.Option(help="Id of one.")] = None,
        action: Annotated[
            str | None, typer.Option(help="read, exported, signed_in, token_made …")
        ] = None,
        from_: Annotated[str | None, typer.Option("--from", help="First day, in UTC.")] = None,
        to: Annotated[str | None, typer.Option(help="Last day, in UTC.")] = None,
        limit: Annotated[int, typer.Option(min=1, max=500, help="How many lines.")] = 50,
        ndjson: Annotated[bool, typer.Option("--ndjson", help="For programs.")] = False,
    ) -> None:
        """Show who looked, who came in and who did what, the newest first."""
        query = {"principal": principal, "action": action, "from": from_, "to": to}
        query |= {"newest_first": "true", "limit": str(limit)}
        shown = reports.lines if ndjson else reports.access
        run(lambda client: reports.ask(client, "/v1/access-records", query, shown))


def _tokens(run: Run, settings: Callable[[], Settings]) -> typer.Typer:
    app = typer.Typer(help="Make, list and withdraw tokens.", no_args_is_help=True)
    _making(app, run)

    @app.command("show")
    def show_token() -> None:
        """Print the first admin token of this data folder."""
        if not (token := settings().kept_token()):
            raise Failed("This data folder keeps no token; it is made at the first start.")
        print(token)  # noqa: T201 - for other programs to take up

    @app.command("list")
    def list_tokens() -> None:
        """List the tokens; never the secrets themselves."""
        run(lambda client: reports.ask(client, "/v1/tokens", {}, reports.tokens))

    @app.command("revoke")
    def revoke_token(token_id: Id) -> None:
        """Withdraw a token at once."""
        run(lambda client: reports.revoke_token(client, token_id))

    return app


def _making(app: typer.Typer, run: Run) -> None:
    @app.command("create")
    def create_token(
        name: Annotated[str, typer.Argument(help="Whose it is, or what for.")],
        role: Annotated[
            str, typer.Option(help="reader, contributor, auditor or admin.")
        ] = "reader",
        expires_at: Annotated[
            str | None, typer.Option(help="An instant: 2027-01-01T00:00:00Z.")
        ] = None,
    ) -> None:
        """Make a token; it is shown once."""
        body = {"name": name, "role": role, "expires_at": expires_at}
        run(lambda client: reports.create_token(client, body))


def _principal(run: Run) -> typer.Typer:
    app = typer.Typer(help="Look after those who have tokens.", no_args_is_help=True)

    @app.callback()
    def group() -> None:
        """Look after those who have tokens."""

    @app.command()
    def erase(
        principal: Id,
        *,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ) -> None:
        """Erase a person: the name goes, the tokens end; what they recorded stays, under the id."""
        if not yes:
            typer.confirm(f"Erase the name behind {principal} and end its tokens?", abort=True)
        run(lambda client: _erase(client, principal))

    return app


async def _erase(client: Client, principal: str) -> None:
    await client.send("DELETE", f"/v1/principals/{principal}")
    console.print(f"Erased: {principal} stands for nobody any more.")
