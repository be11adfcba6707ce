"""From instants to positions: what was known when.

Positions are dense and `recorded_at` never decreases with them, so the last position recorded by
an instant is found by halving, without an index on instants.
"""

from datetime import UTC, datetime

from projections.reading import Views


async def known_by(views: Views, instant: datetime) -> int:
    """Give the last position that was recorded by an instant, itself included; 0 for none."""
    known: int | None = views.instants.get(instant)
    if known is None:
        async with views.pool.connection() as connection:
            found = await connection.execute(_KNOWN_BY, {"instant": instant})
            [(known, head)] = await found.fetchall()
        if known < head:  # what comes later cannot change it
            views.instants.keep(instant, known)
    return known


_KNOWN_BY = """
WITH RECURSIVE halving (low, high) AS (
    SELECT 0::bigint, position FROM journal.head
    UNION ALL
    SELECT CASE WHEN early THEN middle ELSE low END, CASE WHEN early THEN high ELSE middle - 1 END
    FROM halving CROSS JOIN LATERAL (
        SELECT e.position, e.recorded_at <= %(instant)s FROM journal.events e
        WHERE e.position = (low + high + 1) / 2
    ) tried(middle, early) WHERE low < high
)
SELECT low, (SELECT position FROM journal.head) FROM halving WHERE low = high
"""


async def recorded_at(views: Views, position: int) -> datetime | None:
    """Give the instant at which a position was recorded; None where it was not."""
    known: datetime | None = views.instants.get(position)
    if known is None:
        query = "SELECT recorded_at FROM journal.events WHERE position = %s"
        async with views.pool.connection() as connection:
            found = await (await connection.execute(query, (position,))).fetchone()
        if found:
            known = found[0].astimezone(UTC)
            views.instants.keep(position, known)
    return known
