"""What was recorded where: the subject of an event, and the imports."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from journal.names import Subject
from projections.reading import Clocks, Seen, Views, seen_with, split

_KNOWN = "least(%s::bigint, seen.notification_id)"
_OWN = f"""
SELECT (array_agg(e.recorded_by))[1], min(e.recorded_at), count(*),
    count(*) FILTER (WHERE t.entry LIKE '%%"status":"retracted"%%'),
    min(e.position), max(e.position)
FROM journal.events e
LEFT JOIN views.timeline t ON t.position = e.position AND t.known @> {_KNOWN}
WHERE e.batch = found.batch AND e.position <= {_KNOWN} HAVING count(*) > 0
"""
_PAGE = f"""
SELECT found.batch, own.* FROM (
    WITH RECURSIVE newest (batch) AS (
        (SELECT batch FROM journal.events WHERE batch < %s ORDER BY batch DESC LIMIT 1)
        UNION ALL
        SELECT (SELECT e.batch FROM journal.events e WHERE e.batch < newest.batch
                ORDER BY e.batch DESC LIMIT 1)
        FROM newest WHERE newest.batch IS NOT NULL
    ) SELECT batch FROM newest WHERE batch IS NOT NULL
) found CROSS JOIN LATERAL ({_OWN}) own LIMIT %s
"""
_ONE = f"SELECT found.batch, own.* FROM (SELECT %s::uuid AS batch) found, LATERAL ({_OWN}) own"
_LAST = UUID(int=2**128 - 1)


class Batch(NamedTuple):
    """An import, as far as it is known.

    Attributes:
        batch: its id; later imports have greater ones.
        recorded_at: of its first event.
        retracted: how many of its events no longer count.
    """

    batch: UUID
    recorded_by: str
    recorded_at: datetime
    events: int
    retracted: int
    first_position: int
    last_position: int


async def subject_of(views: Views, position: int) -> Subject | None:
    """Give the subject of the event at a position; None where there is none."""
    query = "SELECT subject, kind, key FROM journal.events WHERE position = %s"
    async with views.pool.connection() as connection:
        row = await (await connection.execute(query, (position,))).fetchone()
    return Subject._make(row) if row else None


async def batches(
    views: Views, clocks: Clocks, limit: int, before: UUID | None = None
) -> tuple[Seen, list[Batch]]:
    """Give imports, the newest first, from the one before another on."""
    given = (before or _LAST, clocks.known, clocks.known, limit)
    return await _asked(views, clocks, (_PAGE, given, "ORDER BY page.batch DESC"))


async def batch(views: Views, clocks: Clocks, wanted: UUID) -> tuple[Seen, list[Batch]]:
    """Give one import, if there is one of that id."""
    return await _asked(views, clocks, (_ONE, (wanted, clocks.known, clocks.known), ""))


async def _asked(
    views: Views, clocks: Clocks, asked: tuple[str, tuple[object, ...], str]
) -> tuple[Seen, list[Batch]]:
    page, given, order = asked
    query = seen_with("timeline", "page.*", page, order)
    async with views.pool.connection() as connection:
        seen, rows = split(await (await connection.execute(query, given)).fetchall())
    seen = seen._replace(position=min(seen.position, clocks.known))
    return seen, list(map(Batch._make, rows))
