"""The reads that deciding needs, each by an index, whatever the planner would guess."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from journal.arrays import Array, integers, texts, uuids
from journal.known import Found, Needs
from journal.names import Subject, is_id
from journal.rows import Row

# For a connection that looks things up by key and does nothing else: one plan, made for good.
SETTINGS = (
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
    " SET enable_hashjoin = off; SET enable_mergejoin = off"
)

# Plans are made while the tables are small, when to walk all of one looks cheap. So no query leaves
# a choice of what to begin with: `= ANY`, and OFFSET 0, before which nothing is joined otherwise.
_E = ", ".join(f"e.{name}" for name in Row._fields)
_REPLAYS = f"""
SELECT {_E}, e.fingerprint, EXISTS (
    SELECT FROM journal.events r WHERE r.subject = e.subject AND r.type = 'event.retracted')
FROM journal.events e WHERE e.command = ANY (%b::uuid[])
ORDER BY e.position
"""
# The position comes with the names, which spares a query: often nothing else is asked.
_NAMES = """
SELECT NULL, NULL, NULL, NULL, h.position FROM journal.head h
UNION ALL
SELECT n.subject, n.kind, n.key, NULL, NULL FROM journal.names n
WHERE n.key = ANY (%b::text[]) AND n.alias IS NULL
UNION ALL
SELECT n.subject, n.kind, n.key, NULL, NULL FROM journal.names n
WHERE n.subject = ANY (%b::uuid[]) AND n.alias IS NULL
UNION ALL
SELECT n.subject, n.kind, n.key, n.alias, NULL FROM journal.names n
WHERE n.alias = ANY (%b::text[])
"""
_ALIKE = """
SELECT n.subject, n.kind, n.key, given.start FROM unnest(%b::text[]) AS given(start),
LATERAL (
    SELECT n.* FROM journal.names n
    WHERE n.alias IS NULL AND n.key >= given.start AND n.key < given.start || '~'
    ORDER BY n.key LIMIT 300
) n
"""
_HISTORIES = f"""
SELECT {_E} FROM unnest(%b::uuid[], %b::integer[]) AS given(subject, version),
LATERAL (
    SELECT * FROM journal.events e
    WHERE e.subject = given.subject AND e.version > given.version OFFSET 0
) e
UNION ALL
SELECT {_E} FROM journal.events e WHERE e.subject = ANY (ARRAY(
    SELECT n.subject FROM journal.names n WHERE n.key = ANY (%b::text[]) AND n.alias IS NULL))
UNION ALL
SELECT {_E} FROM journal.events e WHERE e.subject = ANY (%b::uuid[])
ORDER BY 1
"""

Query = tuple[str, tuple[Array, ...]]
Columns = Sequence[tuple[Any, ...]]


def queries(needs: Needs) -> dict[str, Query]:
    """Give the queries that answer to needs; the first tells the position: no other is older."""
    asked: dict[str, Query] = {"names": (_NAMES, (*_keys_ids(needs.texts), texts(needs.aliases)))}
    if needs.commands:
        asked["replays"] = _REPLAYS, (uuids(needs.commands),)
    if needs.starts:
        asked["alike"] = _ALIKE, (texts(needs.starts),)
    if needs.histories or needs.keys:
        after = uuids(needs.histories), integers(needs.histories.values())
        asked["histories"] = _HISTORIES, (*after, *_keys_ids(needs.keys))
    return asked


def _keys_ids(given: Iterable[str]) -> tuple[Array, Array]:
    """Part the keys from the ids."""
    ids = {text for text in given if is_id(text)}
    return texts(text for text in given if text not in ids), uuids(map(UUID, ids))


def found(
    names: Columns, replays: Columns = (), alike: Columns = (), histories: Columns = ()
) -> Found:
    """Give what the answers to the queries say."""
    return Found(
        next(position for *_, position in names if position is not None),
        [(Row(*columns[:-2]), *columns[-2:]) for columns in replays],
        [(Subject(*columns[:3]), columns[3]) for columns in names if columns[0]],
        [(Subject(*columns[:3]), columns[3]) for columns in alike],
        [Row(*columns) for columns in histories],
    )
