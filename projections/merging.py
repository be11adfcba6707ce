"""Which records are of one subject: those that were merged, as known at a position."""

from dataclasses import dataclass

from domain.merges import Merges, same_as, survivor
from projections.mentions import MERGED
from projections.reading import AsyncConnection, Clocks, Seen, Views, seen_with, split

Subject = tuple[str, ...]  # the keys of all its records, first of the one that stands for them


@dataclass(frozen=True, slots=True)
class _Known:
    merges: Merges
    seen: Seen


async def records(
    views: Views, connection: AsyncConnection, key: str | None, clocks: Clocks
) -> Subject:
    """Give the keys of all records of the subject that a key means; nothing for no key."""
    if key is None:
        return ()
    asked = ("merges", clocks.known)
    known: _Known | None = await views.kept(asked, "state")
    if known is None:
        found = await connection.execute(_MERGES, (clocks.known, clocks.known))
        seen, rows = split(await found.fetchall())
        known = _Known(dict(rows), seen)
        views.recent.keep(asked, known)
    first = survivor(key, known.merges)
    return (first, *sorted(same_as(key, known.merges) - {first}))


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
