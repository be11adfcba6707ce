"""`farshore verify --views`: whether what is read follows from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.client import Failed, console
from cli.rebuilding import bars, told, wanted
from journal.collector import look_seldom
from journal.postgres import running
from projections.tracking import Superseded
from projections.verifying import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journal.settings import Settings
    from projections.verifying import Verified


def verify_views(settings: Settings, names: Sequence[str]) -> None:
    """Replay the journal, and compare; all views where none is named.

    Raises:
        Failed: there is no such view, its rows are of other code, or rows differ.
    """
    projections = wanted(names)
    look_seldom()
    with running(settings) as url, bars() as progress:
        try:
            found = verify(url, projections, told(progress))
        except Superseded as superseded:
            raise Failed(str(superseded)) from None
    _tell(found)


def _tell(found: Verified) -> None:
    rows, different = found.comparison.rows.total(), found.comparison.different
    for name, digest in found.digests.items():
        console.print(
            f"{name} version {digest.version}, {digest.rows:,} rows: sha256 {digest.sha256}",
            highlight=False,
            soft_wrap=True,
        )
    for name, number in found.quarantined.items():
        console.print(f"{name} is without {number:,} events in quarantine.")
    if different:
        first, *_ = found.comparison.differences
        raise Failed(
            f"{different:,} of {rows:,} rows are not as the journal up to position"
            f" {found.position:,} says. The first:",
            str(first),
            "`farshore rebuild` makes them anew; first find out who changed them.",
        )
    console.print(f"All {rows:,} rows follow from the journal up to position {found.position:,}.")
