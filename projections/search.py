"""Who or what is meant: any name in any script, alias or former name, and what speaks of it."""

from dataclasses import dataclass
from typing import Any

import orjson

from projections.mentions import fold
from projections.names import alike
from projections.reading import AsyncConnection, Clocks, Page, Seen, Views, seen_with, split
from projections.snapshot import duplicates
from projections.teller import Line
from projections.words import contains, tsquery


@dataclass(frozen=True, slots=True)
class Question:
    """What to search for: part of a name or some words; `kind` narrows it."""

    q: str
    kind: str | None = None


async def page(views: Views, question: Question, clocks: Clocks, *, limit: int = 50) -> Page:
    """Give organizations by their likeness, then other subjects that the words speak of.

    Instead of a duplicate, whatever it is called, comes the record that stands for it.
    """
    merged = await duplicates(views, clocks)
    async with views.pool.connection() as connection:
        words = await tsquery(connection, question.q, clocks.known)
        latin = alike(question.q)
        given = {
            "folded": latin,
            "plain": fold(question.q),
            "part": contains(latin) if latin else "",
            "words": words,
            "kind": question.kind,
            "day": clocks.effective_at,
            "known": clocks.known,
            "limit": limit,
            "duplicates": list(merged),
            "standing": list(merged.values()),
        }
        found = await connection.execute(_STATEMENT, given)
        seen, rows = split(await found.fetchall())
        items = await _told(views, connection, seen, rows, clocks)
    return Page(items, None, seen)


_FOUND = """
WITH alike AS (
    SELECT DISTINCT ON (id) id, name, score FROM (
        SELECT n.id, n.name, CASE
            WHEN lower(n.name) = %(plain)s THEN 1.0
            WHEN n.folded = %(folded)s THEN 0.95
            WHEN n.folded LIKE %(part)s
                THEN 0.6 + 0.3 * length(%(folded)s) / greatest(length(n.folded), 1)
            ELSE 0.6 * views.word_similarity(%(folded)s, n.folded) END::float8 AS score
        FROM views.names n
        WHERE n.known @> %(known)s::bigint AND (
            n.folded LIKE %(part)s OR %(folded)s OPERATOR(views.<%%) n.folded)
    ) every ORDER BY id, score DESC, name
), spoken AS (
    SELECT s.id, NULL::text AS name, 0.2::float8 AS score FROM views.state s
    WHERE s.words @@ %(words)s::tsquery AND s.kind = coalesce(%(kind)s::text, s.kind)
        AND s.effective_from <= %(day)s::date AND s.effective_to > %(day)s::date
        AND s.known @> %(known)s::bigint AND s.id NOT IN (SELECT id FROM alike)
    ORDER BY s.kind, s.key LIMIT %(limit)s
), found AS (
    SELECT DISTINCT ON (coalesce(m.standing, f.id)) coalesce(m.standing, f.id) AS id, name, score
    FROM (TABLE alike UNION ALL TABLE spoken) f
    LEFT JOIN unnest(%(duplicates)s::uuid[], %(standing)s::uuid[]) AS m(duplicate, standing)
        ON m.duplicate = f.id
    ORDER BY coalesce(m.standing, f.id), score DESC, name
)
SELECT found.score, s.kind, s.key, s.id, found.name, s.stage, s.identity, s.head
FROM found JOIN views.state s ON s.id = found.id
WHERE s.effective_from <= %(day)s::date AND s.effective_to > %(day)s::date
    AND s.known @> %(known)s::bigint AND s.kind = coalesce(%(kind)s::text, s.kind)
ORDER BY found.score DESC, s.kind, s.key LIMIT %(limit)s
"""
_STATEMENT = seen_with("state", "page.*", _FOUND, "ORDER BY page.score DESC, page.kind, page.key")


async def _told(
    views: Views, connection: AsyncConnection, seen: Seen, rows: list[Any], clocks: Clocks
) -> list[bytes]:
    lines = [Line("", row[1], row[6], "", clocks.effective_at) for row in rows]
    titles = await views.teller(clocks).tell(connection, seen.names, lines)
    return [_item(row, title) for row, title in zip(rows, titles, strict=True)]


def _item(row: tuple[Any, ...], title: bytes) -> bytes:
    score, kind, key, subject, name, stage, _, head = row
    return orjson.dumps(
        {
            "subject": {"kind": kind, "id": subject, "key": key},
            "title": orjson.Fragment(title),
            "stage": stage,
            "matched": name,
            "score": round(score, 3),
            "positions": orjson.loads(head + "}")["positions"],
        }
    )
