"""Tables in a terminal: of rows that are shown as they are written."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from cli.client import console


def table(*columns: str) -> Table:
    """Begin a table for a narrow window: what is short or an id stays whole, the rest is broken."""
    made = Table(box=None, pad_edge=False, show_header=any(columns))
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column in _WHOLE)
    return made


_WHOLE = frozenset(
    {
        *(
            "id",
            "batch",
            "record",
            "token",
            "at",
            "by",
            "when",
            "stage",
            "status",
            "since",
            "until",
            "days",
        ),
        *("told for", "stands", "days late", "days left"),
    }
)


def row(made: Table, *cells: str) -> None:
    """Add a line, each cell as it is written: brackets in a title mean nothing."""
    made.add_row(*map(Text, cells))


def show_table(made: Table) -> None:
    """Print a table, or say that there is nothing to show."""
    console.print(made if made.row_count else "Nothing to show.")
