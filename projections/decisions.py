"""What people decide of events that a view could not take: try again, or do without them."""

from typing import Any

from psycopg.rows import dict_row

from projections.reading import Views


class NotHeld(Exception):
    """Nothing at position {position} is in quarantine in the view {name}."""

    def __init__(self, name: str, position: int) -> None:
        super().__init__((self.__doc__ or "").format(name=name, position=position))


async def held(views: Views, name: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Give what a view has in quarantine and what it does without, in the order of the journal.

    Args:
        views: to read with.
        name: of the view.
        after: the position behind which to begin.
        limit: of events.
    """
    async with views.pool.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        return await (await cursor.execute(_HELD, (name, after, limit))).fetchall()


_TOLD = """position, key AS subject, type, error, attempts, first_attempt, last_attempt, retry,
    skipped_reason, skipped_by, skipped_at"""
_HELD = f"""
SELECT {_TOLD} FROM views.quarantine WHERE projection = %s AND position > %s
ORDER BY position LIMIT %s
"""


async def retry(views: Views, name: str, position: int) -> dict[str, Any]:
    """Have a view try an event again, with those of its subject that wait behind it.

    Where people had decided to do without it, they have thought better of it.

    Raises:
        NotHeld: it is not in quarantine.
    """
    return await _decide(views, _RETRY, (name, position))


async def skip(views: Views, name: str, position: int, reason: str, who: str) -> dict[str, Any]:
    """Have a view do without an event, and try those that wait behind it.

    Raises:
        NotHeld: it is not in quarantine.
    """
    return await _decide(views, _SKIP, (reason, who, name, position))


_SETTLED = f"WHERE projection = %s AND position = %s RETURNING {_TOLD}"
_RETRY = f"""
UPDATE views.quarantine SET retry = true, skipped_reason = NULL, skipped_by = NULL,
    skipped_at = NULL
{_SETTLED}"""
_SKIP = f"""
UPDATE views.quarantine SET retry = true, skipped_reason = %s, skipped_by = %s,
    skipped_at = clock_timestamp()
{_SETTLED}"""


async def _decide(views: Views, statement: str, given: tuple[Any, ...]) -> dict[str, Any]:
    """Write a decision down, and wake the active runner, who acts on it."""
    async with views.pool.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        found = await (await cursor.execute(statement, given)).fetchone()
        await connection.execute("SELECT pg_notify('journal', '')")
    if found is None:
        *_, name, position = given
        raise NotHeld(name, position)
    return found
