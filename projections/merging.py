"""Which records are of one subject: those that were merged, as known at a position."""

from dataclasses import dataclass

from domain.merges import Merges, same_as, survivor
from projections.mentions import MERGED
from projections.reading import AsyncConnection, Clocks, Seen, Views, seen_with, split

Subject = tuple[str, ...]  # the keys of all its records, first of the one that stands for them


@dataclass(frozen=True, slots=True)
class Known:
    """The key of each duplicate with that of the record it was merged into, as seen."""

    merges: Merges
    seen: Seen


async def known_merges(
    views: Views, connection: AsyncConnection, clocks: Clocks, seen: Seen | None = None
) -> Merges:
    """Give which records were merged into which.

    Args:
        views: to read, and to keep what was read.
        connection: to read with.
        clocks: with which knowledge.
        seen: of the moment to be read; left out, of this one.
    """
    asked = ("merges", clocks.known)
    known: Known | None = views.recent.get(asked) if seen else await views.kept(asked, "state")
    if known is None or (seen and known.seen != seen):
        found = await connection.execute(_MERGES, (clocks.known, clocks.known))
        told, rows = split(await found.fetchall())
        known = Known(dict(rows), told)
        views.recent.keep(asked, known)
    return known.merges


async def records(
    views: Views, connection: AsyncConnection, key: str | None, clocks: Clocks
) -> Subject:
    """Give the keys of all records of the subject that a key means; nothing for no key."""
    if key is None:
        return ()
    merges = await known_merges(views, connection, clocks)
    first = survivor(key, merges)
    return (first, *sorted(same_as(key, merges) - {first}))


# A merge holds on every day, so any state of the record tells it.
_MERGES = seen_with(
    "state",
    "page.*",
    f"""SELECT f.key, (s.head || '}}')::json ->> 'merged_into' AS into
        FROM views.state_facets f JOIN LATERAL (
            SELECT head, facets FROM views.state
            WHERE id = f.id AND known @> %s::bigint ORDER BY effective_from DESC LIMIT 1
        ) s ON true
        WHERE f.facet = '{MERGED}' AND f.known_from <= %s::bigint AND s.facets @> '{{{MERGED}}}'""",
)
