"""Who or what is meant: any name in any script, alias or former name, and what speaks of it."""

from dataclasses import dataclass
from typing import Any

import orjson

from domain.places import fold
from projections.names import alike
from projections.pair import WITHIN
from projections.reading import Clocks, Page, Views
from projections.snapshot import duplicates, snapshot
from projections.teller import Line
from projections.words import contains


@dataclass(frozen=True, slots=True)
class Question:
    """What to search for: part of a name or some words; `kind` narrows it."""

    q: str
    kind: str | None = None


async def page(views: Views, question: Question, clocks: Clocks, *, limit: int = 50) -> Page:
    """Give organizations by their likeness, then other subjects that the words speak of.

    Instead of a duplicate, whatever it is called, comes the record that stands for it.
    """
    async with snapshot(views, clocks, walk=False) as now:
        merged, latin = await duplicates(now), alike(question.q)
        given = {
            "folded": latin,
            "plain": fold(question.q),
            "part": contains(latin) if latin else "",
            "words": await now.words(question.q),
            "kind": question.kind,
            "day": now.day,
            "known": now.known,
            "limit": limit,
            "duplicates": list(merged),
            "standing": list(merged.values()),
        }
        rows = await now.rows(_FOUND, given)
        titles = await now.tell(Line("", row[1], row[6], "", now.day) for row in rows)
    items = [_item(row, title) for row, title in zip(rows, titles, strict=True)]
    return Page(items, None, now.seen)


_FOUND = f"""
WITH merged (duplicate, standing) AS (
    SELECT * FROM unnest(%(duplicates)s::uuid[], %(standing)s::uuid[])
), alike AS (
    SELECT DISTINCT ON (id) id, name, score FROM (
        SELECT coalesce(m.standing, n.id) AS id, n.name, CASE
            WHEN lower(n.name) = %(plain)s THEN 1.0
            WHEN n.folded = %(folded)s THEN 0.95
            WHEN n.folded LIKE %(part)s
                THEN 0.6 + 0.3 * length(%(folded)s) / greatest(length(n.folded), 1)
            ELSE 0.6 * views.word_similarity(%(folded)s, n.folded) END::float8 AS score
        FROM views.names n LEFT JOIN merged m ON m.duplicate = n.id
        WHERE n.known @> %(known)s::bigint AND (
            n.folded LIKE %(part)s OR %(folded)s OPERATOR(views.<%%) n.folded)
    ) every ORDER BY id, score DESC, name
), spoken AS (
    SELECT coalesce(m.standing, s.id) AS id, NULL::text AS name, 0.2::float8 AS score
    FROM views.state s LEFT JOIN merged m ON m.duplicate = s.id
    WHERE s.words @@ %(words)s::tsquery AND s.kind = coalesce(%(kind)s::text, s.kind)
        AND {WITHIN}
        AND coalesce(m.standing, s.id) NOT IN (SELECT id FROM alike)
    GROUP BY 1 ORDER BY min(s.kind), min(s.key) LIMIT %(limit)s
), found AS (TABLE alike UNION ALL TABLE spoken)
SELECT found.score, s.kind, s.key, s.id, found.name, s.stage, s.identity, s.head
FROM found JOIN views.state s ON s.id = found.id
WHERE {WITHIN} AND s.kind = coalesce(%(kind)s::text, s.kind)
ORDER BY found.score DESC, s.kind, s.key LIMIT %(limit)s
"""


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
