"""Find by words: what a text speaks of, and whom it names in any script or by a former name."""

from collections.abc import Iterable

import psycopg

from domain.places import fold
from projections.mentions import lexeme, organization_facet, tokens
from projections.names import alike

# Organizations that one word of a question may mean; the shortest names first.
MOST_MEANT = 50
# Fewer letters are in nearly every name, and no trigram index finds them: they must be all of it.
SHORTEST = 3


async def tsquery(
    connection: psycopg.AsyncConnection[tuple[object, ...]], text: str, known: int
) -> str:
    """Turn a question into a `tsquery`: every word, or an organization that was called so by then.

    Args:
        connection: to look names up with.
        text: the question.
        known: the position up to which names are known.
    """
    chunks = fold(text).split()
    patterns = [_pattern(chunk) for chunk in chunks]
    found = await connection.execute(_MEANT, (patterns, known, MOST_MEANT))
    meant: dict[int, list[str]] = {}
    for ordinal, key in await found.fetchall():
        meant.setdefault(int(str(ordinal)), []).append(str(key))
    terms = (_term(chunk, meant.get(ordinal, ())) for ordinal, chunk in enumerate(chunks, 1))
    return " & ".join(term for term in terms if term)


_MEANT = """
SELECT chunk.ordinal, meant.organization
FROM unnest(%s::text[]) WITH ORDINALITY AS chunk(pattern, ordinal)
CROSS JOIN LATERAL (
    SELECT organization FROM views.names
    WHERE folded LIKE chunk.pattern AND known @> %s::bigint
    GROUP BY organization ORDER BY min(length(name)), organization LIMIT %s
) meant
"""


def _pattern(chunk: str) -> str:
    latin = alike(chunk)
    return contains(latin) if len(latin) >= SHORTEST else _escaped(latin)


def contains(text: str) -> str:
    """Give the LIKE pattern of what contains a text."""
    return f"%{_escaped(text)}%"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _term(chunk: str, organizations: Iterable[str]) -> str:
    words = " & ".join(f"{lexeme(word)}:*" for word in tokens(chunk))
    called = [lexeme(organization_facet(key)) for key in organizations]
    choices = [*([f"({words})"] if words else []), *called]
    return f"({' | '.join(choices)})" if choices else ""
