"""`farshore rebuild`: projections anew from the journal, with a bar."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.client import Failed, console, errors
from journal.database import migrate
from journal.postgres import running
from projections.catalogue import NoSuchProjection, named
from projections.rebuild import rebuild as build_anew

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journal.settings import Settings


def rebuild(settings: Settings, names: Sequence[str]) -> None:
    """Build projections anew; all where no name is given.

    Raises:
        Failed: there is no such projection.
    """
    try:
        projections = named(names)
    except NoSuchProjection as error:
        raise Failed(str(error)) from None
    began = time.monotonic()
    columns = TextColumn("events"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with running(settings) as url, Progress(*columns, console=errors) as progress:
        migrate(url)
        task = progress.add_task("events")
        position = build_anew(
            url,
            projections,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    told = ", ".join(one.name for one in projections)
    console.print(
        f"Rebuilt up to position {position:,} in {time.monotonic() - began:.1f} s: {told}."
    )
