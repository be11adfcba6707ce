"""What each figure is to be beside which other one: ratios, since machines differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bench.board import Sample

# Names of figures that several sections know.
APPENDS = "append over HTTP, 64 clients"
LATER = "append to existing subjects, 64 clients"
FOLLOWED = "append over HTTP, 64 clients, while views follow"
UNSEALED = "append over HTTP, 64 clients, not sealed"
SEALED = "append over HTTP, 64 clients, sealed meanwhile"
READ_EMPTY = "empty GET, 32 clients"
WRITE_EMPTY = "empty POST, 64 clients"
STOCK = "stock recorder in process, 8 threads"
INSERTS = "pgbench INSERT, 32 clients"
IMPORT = "import of NDJSON, one stream"
REBUILD = "rebuild of all projections"
STOCK_PROJECTION = "stock ProjectionRunner, one view"
VISIBLE = "append to visible"
ITS_APPEND = "the append of it alone"
READS = (
    "state, one address",
    "state, random addresses",
    "timeline page of 50, one address",
    "timeline page of 50, random filters",
)
# Asked for the first time, so that no answer is kept: now, and at pairs of dates.
FRESH = ("state, asked once", "list of 50, asked once", "timeline of 50, asked once")
PAIRS = tuple(f"{what.partition(',')[0]}, at 20 random pairs" for what in FRESH)


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio to reach.

    Attributes:
        least, aim: bounds of the ratio, from below or, where `less` is better, from above.
        of: which of the figures is compared.
    """

    what: str
    beside: str
    least: float
    aim: float
    less: bool = False
    of: Literal["rate", "p50", "p99"] = "rate"

    def ratio(self, ours: Sample, theirs: Sample) -> float:
        """Give ours as a multiple of theirs."""
        return (getattr(ours, self.of) or 0.0) / (getattr(theirs, self.of) or float("nan"))

    def reached(self, ratio: float) -> bool:
        """Tell whether it is at least what it must be."""
        return ratio <= self.least if self.less else ratio >= self.least


GOALS = (
    *(
        goal
        for what in (APPENDS, LATER, FOLLOWED)
        for goal in (
            Goal(what, STOCK, 4, 8),
            Goal(what, WRITE_EMPTY, 0.35, 0.5),
            Goal(what, INSERTS, 0.25, 0.4),
        )
    ),
    Goal(IMPORT, APPENDS, 2, 5),
    Goal(SEALED, UNSEALED, 0.9, 1),
    *(Goal(read, READ_EMPTY, 0.25, 0.5) for read in READS),
    Goal(PAIRS[0], FRESH[0], 1.5, 1, less=True, of="p50"),
    Goal(PAIRS[1], FRESH[1], 3, 1.2, less=True, of="p50"),
    Goal(PAIRS[2], FRESH[2], 3, 1.2, less=True, of="p50"),
    Goal(REBUILD, STOCK_PROJECTION, 5, 20),
    Goal(VISIBLE, ITS_APPEND, 10, 3, less=True, of="p99"),
)
