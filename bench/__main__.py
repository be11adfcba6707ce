"""Measure, beside peers, in one run: `python -m bench`; one section: `python -m bench append`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bench import appending, growth, projecting, proving, reading, soaking
from bench.stage import stage
from bench.stories import ndjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.stage import Stage

SECTIONS: Mapping[str, Callable[[Stage], None]] = {
    "append": appending.measure,
    "read": reading.measure,
    "views": projecting.measure,
    "proof": proving.measure,
}

app = typer.Typer(help="Measure Farshore beside its peers.", pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def all_sections(context: typer.Context) -> None:
    """Run every section, about eight minutes."""
    if context.invoked_subcommand is None:
        _run(*SECTIONS)


def _run(*sections: str) -> None:
    with stage() as one:
        for name in sections:
            SECTIONS[name](one)
        one.board.show()


@app.command()
def append() -> None:
    """Measure appends over HTTP and by import."""
    _run("append")


@app.command()
def read() -> None:
    """Measure states and timeline pages."""
    _run("read")


@app.command()
def views() -> None:
    """Measure rebuilding and how soon an event is seen."""
    _run("views")


@app.command()
def proof() -> None:
    """Measure appends while sealing, proofs by size, and the verifier."""
    _run("proof")


@app.command()
def grow(
    sizes: Annotated[list[int] | None, typer.Argument(help="Numbers of events.")] = None,
) -> None:
    """Show that appends and reads cost the same at 1 k, 100 k and 1 M events."""
    with stage() as one:
        growth.measure(one, sizes or [1_000, 100_000, 1_000_000])


@app.command()
def soak(
    seconds: Annotated[int, typer.Option(help="How long; 0 until stopped.")] = 0,
) -> None:
    """Write and read without a pause, and tell after each round how it goes."""
    with stage() as one:
        soaking.measure(one, seconds)


@app.command()
def events(
    number: Annotated[int, typer.Argument(help="How many lines.")],
    seed: Annotated[int, typer.Option(help="Another seed gives other events.")] = 1,
) -> None:
    """Print events of the shapes of the example data, as NDJSON."""
    for line in ndjson(number, seed):
        sys.stdout.buffer.write(line)


if __name__ == "__main__":
    app()
