"""What was recorded where: the subject of an event, straight from the journal."""

from journal.names import Subject
from projections.reading import Views


async def subject_of(views: Views, position: int) -> Subject | None:
    """Give the subject of the event at a position; None where there is none."""
    query = "SELECT subject, kind, key FROM journal.events WHERE position = %s"
    async with views.pool.connection() as connection:
        row = await (await connection.execute(query, (position,))).fetchone()
    return Subject._make(row) if row else None
