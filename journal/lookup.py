"""The reads that deciding needs, each by an index, whatever the planner would guess."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

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
_HEAD = "SELECT position FROM journal.head"
_REPLAYS = f"""
SELECT {_E}, e.fingerprint, EXISTS (
    SELECT FROM journal.events r WHERE r.subject = e.subject AND r.type = 'event.retracted')
FROM journal.events e WHERE e.command = ANY (%b::uuid[])
ORDER BY e.position
"""
_NAMES = """
SELECT n.subject, n.kind, n.key, NULL FROM journal.names n
WHERE n.key = ANY (%b::text[]) AND n.alias IS NULL
UNION ALL
SELECT n.subject, n.kind, n.key, NULL FROM journal.names n
WHERE n.subject = ANY (%b::uuid[]) AND n.alias IS NULL
UNION ALL
SELECT n.subject, n.kind, n.key, n.alias FROM journal.names n WHERE n.alias = ANY (%b::text[])
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

Query = tuple[str, tuple[list[Any], ...]]
Columns = Sequence[tuple[Any, ...]]


def queries(needs: Needs) -> dict[str, Query]:
    """Give the queries that answer to needs, the position first: what follows is not older."""
    ids = [UUID(text) for text in needs.texts if is_id(text)]
    keys = [text for text in needs.texts if not is_id(text)]
    of_ids = [UUID(text) for text in needs.keys if is_id(text)]
    of_keys = [text for text in needs.keys if not is_id(text)]
    after = list(needs.histories), list(needs.histories.values())
    asked: dict[str, Query] = {
        "head": (_HEAD, ()),
        "replays": (_REPLAYS, (list(needs.commands),)),
        "names": (_NAMES, (keys, ids, list(needs.aliases))),
        "alike": (_ALIKE, (list(needs.starts),)),
        "histories": (_HISTORIES, (*after, of_keys, of_ids)),
    }
    return {name: query for name, query in asked.items() if any(query[1]) or name == "head"}


def found(
    head: Columns,
    replays: Columns = (),
    names: Columns = (),
    alike: Columns = (),
    histories: Columns = (),
) -> Found:
    """Give what the answers to the queries say."""
    return Found(
        head[0][0],
        [(Row(*columns[:-2]), *columns[-2:]) for columns in replays],
        [(Subject(*columns[:3]), columns[3]) for columns in names],
        [(Subject(*columns[:3]), columns[3]) for columns in alike],
        [Row(*columns) for columns in histories],
    )
