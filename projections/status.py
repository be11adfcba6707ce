"""How the projections are: how far, how far behind, who moves them, what they could not take."""

from typing import Any

from projections.catalogue import PROJECTIONS
from projections.reading import Views
from projections.tables import FRESH
from projections.tracking import BUILDER, LOCKS, lock_of

# Told one by one; the rest is counted.
MOST_TOLD = 100


async def status(views: Views) -> list[dict[str, Any]]:
    """Tell of each projection: name, version, position, lag, state, runner and quarantine."""
    async with views.pool.connection() as connection:
        progress = await (await connection.execute(_PROGRESS, (LOCKS,))).fetchall()
        held = await (await connection.execute(_QUARANTINE, (FRESH, MOST_TOLD))).fetchall()
    known = {name: rest for name, *rest in progress if name}
    head, locks = progress[0][-2:]
    return [
        _status(one.name, one.version, known.get(one.name), (head, set(locks or ())), held)
        for one in PROJECTIONS
    ]


_PROGRESS = """
SELECT t.application_name, t.notification_id, t.version, t.build, t.runner, t.active_since,
    t.updated_at, (SELECT position FROM journal.head), (
        SELECT array_agg(objid::bigint) FROM pg_locks
        WHERE locktype = 'advisory' AND classid = %s::bigint::oid AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
FROM (SELECT) one LEFT JOIN views.tracking t ON true
"""
_QUARANTINE = """
SELECT projection, position, key, type, error, attempts, first_attempt, last_attempt,
    retry, skipped_reason, skipped_by, skipped_at, held
FROM (
    SELECT *, row_number() OVER (PARTITION BY projection ORDER BY position) AS number,
        count(*) FILTER (WHERE skipped_reason IS NULL) OVER (PARTITION BY projection) AS held
    FROM views.quarantine WHERE NOT projection LIKE '%%' || %s
) events WHERE number <= %s ORDER BY position
"""


def _status(
    name: str,
    version: int,
    progress: list[Any] | None,
    around: tuple[int, set[int]],
    held: list[tuple[Any, ...]],
) -> dict[str, Any]:
    head, locks = around
    unknown: list[Any] = [0, 0, 0, None, None, None]
    position, written_by, build, runner, since, moved, *_ = progress or unknown
    active, building = (lock_of(one) % 2**32 in locks for one in (name, BUILDER))
    old = 0 < (written_by or 0) < version
    mine = [one for one in held if one[0] == name]
    return {
        "name": name,
        "version": written_by or version,
        "build": build,
        "position": position,
        "lag": head - position,
        "state": "rebuilding" if old and building else _state(active, head - position),
        "runner": runner if active else None,
        "active_since": since if active else None,
        "updated_at": moved,
        "quarantined": mine[0][-1] if mine else 0,
        "quarantine": [dict(zip(_EVENT, one[1:-1], strict=True)) for one in mine],
    }


_EVENT = (
    *("position", "subject", "type", "error", "attempts", "first_attempt", "last_attempt"),
    *("retry", "skipped_reason", "skipped_by", "skipped_at"),
)


def _state(active: bool, lag: int) -> str:  # noqa: FBT001 - two facts of one row
    if not active:
        return "waiting"
    return "behind" if lag else "current"
