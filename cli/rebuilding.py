"""`farshore rebuild`: projections anew from the journal, with bars."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.client import Failed, console, errors
from journal.access_record import Act, note_at
from journal.collector import look_seldom
from journal.postgres import running
from journal.schema import migrate
from projections.catalogue import NoSuchProjection, named
from projections.rebuild import left_out
from projections.rebuild import rebuild as build_anew

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.progress import TaskID

    from journal.settings import Settings
    from projections.projection import Projection


def rebuild(settings: Settings, names: Sequence[str]) -> None:
    """Build projections anew; all where no name is given.

    Raises:
        Failed: there is no such projection, or events are in quarantine.
    """
    projections, began = wanted(names), time.monotonic()
    look_seldom()
    with running(settings) as url:
        migrate(url)
        with bars() as progress:
            position = build_anew(url, projections, told(progress))
        missing = left_out(url, projections)
        note_at(url, Act("rebuilt", target=" ".join(one.name for one in projections)))
    names = ", ".join(one.name for one in projections)
    console.print(
        f"Rebuilt up to position {position:,} in {time.monotonic() - began:.1f} s: {names}."
    )
    if missing:
        raise Failed(
            *(f"{name} could not take {number:,} events." for name, number in missing.items()),
            "`farshore quarantine list` shows them with their errors.",
        )


def wanted(names: Sequence[str]) -> tuple[Projection, ...]:
    """Give projections by name; all where no name is given.

    Raises:
        Failed: there is no such projection.
    """
    try:
        return named(names)
    except NoSuchProjection as error:
        raise Failed(str(error)) from None


def bars() -> Progress:
    """Give bars that tell how far it is and how long it still takes."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeRemainingColumn(), console=errors)


def told(progress: Progress) -> Callable[[str, int, int], None]:
    """Give what shows one bar for each thing that is done one after the other."""
    tasks: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = progress.add_task(what)
        progress.update(tasks[what], completed=done, total=total)

    return report
