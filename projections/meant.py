"""Who is meant by a key, an id, or any name in any script."""

from journal.names import fold, is_id, is_key
from projections.names import alike
from projections.reading import Clocks, Views


async def meant(
    views: Views, text: str, kind: str | None = None, clocks: Clocks | None = None
) -> list[str]:
    """Give the keys of the subjects that a text may mean.

    Args:
        views: to read.
        text: a key or an id means one subject; a name may mean several, or none.
        kind: of the subject; None for any.
        clocks: with which knowledge; None for all.
    """
    past = clocks.known_position if clocks else None
    if (known := views.exact.get((text, kind))) and _is_opened(known, past):
        return [known[0]]
    given = {"id": text if is_id(text) else None, "key": text if is_key(text) else None}
    given |= {"alias": fold(text), "kind": kind}
    async with views.pool.connection() as connection:
        found = await (await connection.execute(_MEANT, given)).fetchall()
        exact = [(key, opened) for key, opened, by_name in found if not by_name]
        if exact:
            views.remember_exact(text, kind, *exact[0])
        # What is a key today may have been nothing but a name.
        if opened := [key for key, position in exact if _is_opened((key, position), past)]:
            return opened
        if past is None or kind not in (None, "organization"):
            return sorted({key for key, _, by_name in found if by_name})
        found = await (await connection.execute(_CALLED, (alike(text), past))).fetchall()
    return sorted({key for key, name in found if fold(name) == fold(text)})


def _is_opened(one: tuple[str, int], past: int | None) -> bool:
    """Tell whether a subject, given by its key and first position, was on record by then."""
    return past is None or one[1] <= past


_MEANT = """
SELECT key, position, false FROM journal.names
WHERE subject = %(id)s::uuid AND alias IS NULL AND kind = coalesce(%(kind)s::text, kind)
UNION ALL
SELECT key, position, false FROM journal.names
WHERE key = %(key)s::text AND alias IS NULL AND kind = coalesce(%(kind)s::text, kind)
UNION ALL
SELECT key, position, true FROM journal.names
WHERE alias = %(alias)s::text AND kind = coalesce(%(kind)s::text, kind)
"""
# Only organizations have names beside their keys; the journal keeps those of today.
_CALLED = """
SELECT organization, name FROM views.names WHERE folded = %s AND known @> %s::bigint
"""
