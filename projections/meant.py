"""Who is meant by a key, an id, or any name in any script."""

from journal.names import fold, is_id, is_key
from projections.reading import Views


async def meant(views: Views, text: str, kind: str | None = None) -> list[str]:
    """Give the keys of the subjects that a text may mean.

    Args:
        views: to read.
        text: a key or an id means one subject; a name may mean several, or none.
        kind: of the subject; None for any.
    """
    if known := views.exact.get((text, kind)):
        return [known]
    given = {"id": text if is_id(text) else None, "key": text if is_key(text) else None}
    given |= {"alias": fold(text), "kind": kind}
    async with views.pool.connection() as connection:
        found = await (await connection.execute(_MEANT, given)).fetchall()
    exact = [key for key, by_name in found if not by_name]
    if exact:
        views.remember_exact(text, kind, exact[0])
    return exact or sorted({key for key, _ in found})


_MEANT = """
SELECT key, false FROM journal.names
WHERE subject = %(id)s::uuid AND alias IS NULL AND kind = coalesce(%(kind)s::text, kind)
UNION ALL
SELECT key, false FROM journal.names
WHERE key = %(key)s::text AND alias IS NULL AND kind = coalesce(%(kind)s::text, kind)
UNION ALL
SELECT key, true FROM journal.names
WHERE alias = %(alias)s::text AND kind = coalesce(%(kind)s::text, kind)
"""
