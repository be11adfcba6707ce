"""Farshore on the command line."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cli import access, asking, loading, mapping, proving, quarantine, reading, reports, sealing
from cli.client import Failed, console, errors
from cli.given import overrides, run, settings

app = typer.Typer(
    help="Who works with whom abroad, where, under whose permit, and on what evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line."""
    command = _command(sys.argv[1:])
    level = logging.INFO if command in ("serve", "demo") else logging.WARNING
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),  # what is asked for goes to stdout
    )
    if command not in _PLAIN:
        _add_derived()
    try:
        app()
    except Exception as error:
        if not _expected(error):
            raise
        errors.print(str(error), style="red", markup=False)
        sys.exit(1)


def _command(arguments: list[str]) -> str:
    """Give the first word that is neither an option nor the value of one."""
    values = {at + 1 for at, word in enumerate(arguments) if word in ("--url", "--token", "--data")}
    words = (word for at, word in enumerate(arguments) if at not in values and word[:1] != "-")
    return next(words, "")


def _add_derived() -> None:
    """Add the commands derived from events; of the groups of the kinds the one asked for."""
    from cli import amending, recording  # noqa: PLC0415 - a second of imports that other commands spare
    from domain.event import kinds  # noqa: PLC0415 - as above

    for kind in kinds().values():
        name = kind.name.replace("_", "-")
        group = recording.commands(kind, run) if name in sys.argv else typer.Typer()
        group.callback(invoke_without_command=True)(_nothing)
        app.add_typer(group, name=name, help=f"Log events of {kind.noun}s.")
    amending.add(app, run)


def _expected(error: Exception) -> bool:
    """Tell whether the message says what to do, so that a trace would only be in its way."""
    from cli.serve import NotReady  # noqa: PLC0415 - as above
    from journal.binaries import NoPostgres  # noqa: PLC0415 - as above
    from journal.cluster import NoFolder, ServerFailed  # noqa: PLC0415 - as above
    from journal.database import UnfitServer, Unreachable  # noqa: PLC0415 - as above
    from journal.seal.folder import OtherName  # noqa: PLC0415 - as above

    server = NoPostgres | NoFolder | ServerFailed | UnfitServer | Unreachable
    return isinstance(error, server | NotReady | OtherName)


def _nothing() -> None:
    """Do nothing; the commands of the group work."""


@app.callback()
def options(
    url: Annotated[str | None, typer.Option(help="Server to talk to.")] = None,
    token: Annotated[str | None, typer.Option(help="Token to sign in with.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
) -> None:
    """Take what the command line says over the environment."""
    given = {"url": url, "token": token, "data": data}
    overrides.update({name: value for name, value in given.items() if value is not None})


# ── serving ──────────────────────────────────────────────────────────────────────────────────────


@app.command()
def serve() -> None:
    """Serve the API; with the embedded database unless FARSHORE_DATABASE_URL names another."""
    from cli.serve import serve as keep_serving  # noqa: PLC0415 - as above

    keep_serving(settings(), _welcome)


@app.command()
def demo() -> None:
    """Serve with the example data: 356 real events of 2017 to 2026."""
    from cli.serve import serve as keep_serving  # noqa: PLC0415 - as above

    def load_and_welcome(address: str, token: str | None) -> None:
        overrides["url"] = address
        run(lambda client: loading.load(client, loading.EXAMPLES))
        _welcome(address, token)

    keep_serving(settings(), load_and_welcome)


def _welcome(address: str, token: str | None) -> None:
    """Say where it is and, at the first start, with which token to sign in."""
    said = [f"\nFarshore is ready at [bold]{address}[/bold] (documentation: {address}/docs)"]
    if token:
        link = f"{address}/#token={token}"  # behind the #, a browser keeps it to itself
        said.append(f"Sign in, this once, with [bold]{link}[/bold]")
        said.append(f"The first admin token, shown this once: [bold]{token}[/bold]")
    else:
        said.append("Sign in with your token; `farshore token show` prints the first one.")
    said.append("Ctrl-C stops it.\n")
    console.print("\n".join(said), soft_wrap=True)  # a broken address cannot be followed


@app.command()
def migrate() -> None:
    """Bring the database up to this version; `serve` does it by itself."""
    from journal.postgres import running  # noqa: PLC0415 - as above
    from journal.schema import migrate as bring_up  # noqa: PLC0415 - as above

    with running(settings()) as url:
        bring_up(url)
    console.print("The database is up to date.")


# ── writing and reading ──────────────────────────────────────────────────────────────────────────


@app.command("import")
def import_(
    files: Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False)] = None,
    example: Annotated[bool, typer.Option("--example", help="Import the example data.")] = False,
    atomic: Annotated[bool, typer.Option("--atomic", help="All lines or none.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, and record nothing.")] = False,
    map_: Annotated[
        str | None,
        typer.Option("--map", help="Of spreadsheets: a mapping that is kept, or a file with one."),
    ] = None,
) -> None:
    """Import events from NDJSON files, or spreadsheets; again is safe, what is there is left."""
    chosen = [*(files or ()), *(loading.EXAMPLES if example else ())]
    if not chosen:
        raise Failed("Name a file to import, or say --example.")
    if map_ is None and (sheet := next((one for one in chosen if one.suffix in _SHEETS), None)):
        raise Failed(
            f"{sheet.name} is a spreadsheet: say with --map how its columns are meant. The web"
            " application suggests a mapping and keeps it by a name; docs/api.md tells how one is"
            " written."
        )
    if map_ is not None:
        sheets = chosen
        run(lambda client: mapping.load(client, sheets, map_, dry_run=dry_run), begin=not dry_run)
        return
    run(
        lambda client: loading.load(client, chosen, atomic=atomic, dry_run=dry_run),
        begin=not dry_run,
    )


reading.add(app)
asking.add(app, run)


_SHEETS = (".csv", ".xlsx")


# ── looking after it ─────────────────────────────────────────────────────────────────────────────

access.add(app, run, settings)
app.add_typer(quarantine.group(run), name="quarantine")
app.add_typer(sealing.group(settings), name="seal")


@app.command()
def witness(
    name: Annotated[str, typer.Argument(help="Of the witness: witness.example.com/w1.")],
    log: Annotated[list[str], typer.Option(help="The public key of a log to watch.")],
) -> None:
    """Watch the logs of others, and sign with them what only ever grew (C2SP tlog-witness)."""
    from cli.witness import serve as keep_watching  # noqa: PLC0415 - as above
    from cli.witness import witness as opened  # noqa: PLC0415 - as above

    console.print(opened(settings(), name, log).signer.key, highlight=False, soft_wrap=True)
    keep_watching(settings(), name, log)


@app.command("settings")
def print_settings() -> None:
    """Print every setting, what it is now and what it means."""
    reports.settings(settings())


@app.command()
def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="Projections; all if none.")] = None,
) -> None:
    """Build projections anew from the journal; reads go on meanwhile."""
    from cli.rebuilding import rebuild as build_anew  # noqa: PLC0415 - as above

    build_anew(settings(), names or [])


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="That is not there yet.")]) -> None:
    """Save the whole database to a file, while the server goes on."""
    from cli import backup as saving  # noqa: PLC0415 - as above

    saving.backup(settings(), file)


@app.command()
def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Bring a backup back into an empty database or a new data folder."""
    from cli import backup as saving  # noqa: PLC0415 - as above

    saving.restore(settings(), file)


@app.command()
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Files: packs, receipts, checkpoints, proofs; or views with --views."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="The public key of the log, or a file of it; then those of witnesses."),
    ] = None,
    views: Annotated[
        bool, typer.Option("--views", help="That what is read follows from the journal.")
    ] = False,
) -> None:
    """Prove that what is shown is what was recorded; the exit code is 1 when it is not."""
    from cli.verifying import verify_views  # noqa: PLC0415 - as above

    if views:
        verify_views(settings(), names or [])
    else:
        proving.verify(names or [], key or [])


# Commands that need none of those derived from events, which take a second to make.
_PLAIN = asking.NAMES | {
    *("access", "backup", "demo", "export", "import", "list", "migrate", "principal", "principals"),
    *("quarantine", "rebuild", "restore", "seal", "serve", "settings", "show", "timeline"),
    *("token", "verify"),
}
