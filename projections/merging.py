"""Which records are of one subject: those that were merged, as known at a position."""

from domain.merges import Merges, same_as, survivor
from projections.mentions import MERGED
from projections.reading import AsyncConnection, Clocks, Views

_SIZE = 200  # bytes of two keys
Subject = tuple[str, ...]  # the keys of all its records, first of the one that stands for them


async def known_merges(views: Views, connection: AsyncConnection, clocks: Clocks) -> Merges:
    """Give which records were merged into which.

    Args:
        views: to keep what was read.
        connection: to read with.
        clocks: with which knowledge.
    """
    clocks = await views.settled(clocks)
    known: Merges | None = views.kept("merges", clocks)
    if known is None:
        found = await connection.execute(_MERGES, (clocks.known, clocks.known))
        known = dict(await found.fetchall())
        views.keep("merges", known, clocks, _SIZE * len(known))
    return known


async def records(
    views: Views, connection: AsyncConnection, key: str | None, clocks: Clocks
) -> Subject:
    """Give the keys of all records of the subject that a key means; nothing for no key."""
    return together(key, await known_merges(views, connection, clocks)) if key else ()


def together(key: str, merges: Merges) -> Subject:
    """Give the keys of all records of a subject."""
    first = survivor(key, merges)
    return (first, *sorted(same_as(key, merges) - {first}))


# A merge holds on every day, so any state of the record tells it.
_MERGES = f"""
SELECT f.key, (s.head || '}}')::json ->> 'merged_into'
FROM views.state_facets f JOIN LATERAL (
    SELECT head, facets FROM views.state
    WHERE id = f.id AND known @> %s::bigint ORDER BY effective_from DESC LIMIT 1
) s ON true
WHERE f.facet = '{MERGED}' AND f.known_from <= %s::bigint AND s.facets @> '{{{MERGED}}}'
"""
