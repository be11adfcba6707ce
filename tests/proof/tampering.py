"""Ways to cheat that a database administrator has: triggers off, any table, any row, any hash.

Each is a number of statements for a superuser; what they do is hidden as well as it can be:
columns, entries and leaves fit together again afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journal.seal.tiles import Forest, Tile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from random import Random

    import psycopg

    Cheat = Callable[[Random, int], list[str]]

_COLUMNS = (
    *("position", "id", "kind", "subject", "key", "version", "type", "schema", "occurred_on"),
    *("earliest", "latest", "recorded_at", "recorded_by", "command", "ordinal", "fingerprint"),
    "batch",
)
_SEAL = ("tiles", "checkpoints", "keys", "breaks", "cosignatures", "timestamps")
UNLOCK = (
    "ALTER TABLE journal.events DISABLE TRIGGER ALL",
    "ALTER TABLE journal.events DROP CONSTRAINT entry_tells_the_columns",
    *(f"ALTER TABLE seal.{table} DISABLE TRIGGER ALL" for table in _SEAL),
)
_FAR = 1_000_000


def _forged(where: str, **changed: str) -> str:
    """Change columns, or the body, and make an entry and a leaf that fit."""
    body = changed.pop("body", "body")
    framed = ", ".join(changed.get(name, name) for name in _COLUMNS)
    entry = f"journal.entry(substring(entry, 26, 16), {body}, {framed})"
    put = ", ".join(f"{name} = {value}" for name, value in {**changed, "entry": entry}.items())
    return f"UPDATE journal.events SET {put} WHERE {where}"  # noqa: S608 - ours


def _at(chance: Random, size: int) -> int:
    return chance.randint(1, size)


def change_a_payload(chance: Random, size: int) -> list[str]:
    """Let an event say something else."""
    other = f"Other {chance.randrange(10**9)}"
    body = f'convert_to(\'{{"data":{{"details":"{other}"}}}}\', \'UTF8\')'
    return [_forged(f"position = {_at(chance, size)}", body=body)]


def change_a_date(chance: Random, size: int) -> list[str]:
    """Let an event have happened on another day."""
    day = f"'20{chance.randint(10, 24)}-0{chance.randint(1, 9)}-11'"
    changed = {"occurred_on": day, "earliest": f"{day}::date", "latest": f"{day}::date"}
    return [_forged(f"position = {_at(chance, size)}", **changed)]


def change_when_it_was_recorded(chance: Random, size: int) -> list[str]:
    """Let an event have been known earlier."""
    earlier = f"recorded_at - interval '{chance.randint(1, 999)} seconds'"
    return [_forged(f"position = {_at(chance, size)}", recorded_at=earlier)]


def change_an_actor(chance: Random, size: int) -> list[str]:
    """Let somebody else have recorded an event."""
    return [_forged(f"position = {_at(chance, size)}", recorded_by=f"'p{chance.randrange(10**9)}'")]


def delete_the_last(_: Random, size: int) -> list[str]:
    """Take the last event away."""
    return [f"DELETE FROM journal.events WHERE position = {size}"]  # noqa: S608 - ours


def delete_a_middle_one(chance: Random, size: int) -> list[str]:
    """Take an event away, and close the gap."""
    at = chance.randint(2, size - 1)
    return [f"DELETE FROM journal.events WHERE position = {at}", *_shifted(at, -1)]  # noqa: S608 - ours


def delete_the_first(_: Random, __: int) -> list[str]:
    """Take the first event away, and leave the gap."""
    return ["DELETE FROM journal.events WHERE position = 1"]


def reorder(chance: Random, size: int) -> list[str]:
    """Let two events have come in the other order."""
    a, b = chance.sample(range(1, size + 1), 2)
    moves = ((a, _FAR), (b, a), (_FAR, b))
    return [_forged(f"position = {old}", position=str(new)) for old, new in moves]


def insert_between(chance: Random, size: int) -> list[str]:
    """Put an event in that never was."""
    at = chance.randint(1, size - 1)
    columns = ", ".join(_COLUMNS)
    own = {"position": str(at + 1), "id": "gen_random_uuid()", "command": "gen_random_uuid()"}
    own["version"] = str(chance.randint(_FAR, 2 * _FAR))
    values = ", ".join(own.get(name, name) for name in _COLUMNS)
    entry = f"journal.entry('\\x{chance.randbytes(16).hex()}', body, {values})"
    copy = f"SELECT {values}, {entry} FROM journal.events WHERE position = {at}"  # noqa: S608 - ours
    return [
        *_shifted(at, 1),
        f"INSERT INTO journal.events ({columns}, entry) {copy}",
    ]


def truncate(chance: Random, size: int) -> list[str]:
    """Take everything behind some position away, or everything."""
    kept = chance.choice((0, chance.randint(1, size - 1)))
    return [f"DELETE FROM journal.events WHERE position > {kept}"]  # noqa: S608 - ours


def replace_the_table(chance: Random, _: int) -> list[str]:
    """Put another history in its place, in which all fits together."""
    return [_forged("true", recorded_by=f"'p{chance.randrange(10**9)}'")]


def restore_an_old_backup(chance: Random, size: int) -> list[str]:
    """Go back to an earlier day, seal included."""
    kept = chance.randint(1, size - 1)
    return [
        f"DELETE FROM journal.events WHERE position > {kept}",  # noqa: S608 - ours
        f"DELETE FROM seal.tiles WHERE (index + 1) * (256 ^ (level + 1)) > {kept}",  # noqa: S608 - ours
        f"DELETE FROM seal.checkpoints WHERE size > {kept}",  # noqa: S608 - ours
    ]


def _shifted(behind: int, by: int) -> list[str]:
    """Move all events behind a position on, or back."""
    there = f"position > {behind} AND position < {_FAR}"
    return [
        _forged(there, position=f"position + {_FAR}"),
        _forged(f"position > {_FAR}", position=f"position - {_FAR - by}"),
    ]


CHEATS: Mapping[str, Cheat] = {
    cheat.__name__: cheat
    for cheat in (
        *(change_a_payload, change_a_date, change_when_it_was_recorded, change_an_actor),
        *(delete_the_last, delete_a_middle_one, delete_the_first, reorder, insert_between),
        *(truncate, replace_the_table, restore_an_old_backup),
    )
}


def tiles_over(leaves: Iterable[bytes]) -> list[Tile]:
    """Give the tiles of another history."""
    forest = Forest()
    return [tile for leaf in leaves for tile in forest.push(leaf)]


def recompute(connection: psycopg.Connection[Any]) -> None:
    """Make every stored hash fit what is there now; only the signatures cannot be made."""
    rows = connection.execute("SELECT leaf FROM journal.events ORDER BY position").fetchall()
    connection.execute("ALTER TABLE seal.tiles DISABLE TRIGGER ALL")
    connection.execute("DELETE FROM seal.tiles")
    for tile in tiles_over(leaf for (leaf,) in rows):
        connection.execute("INSERT INTO seal.tiles VALUES (0, %s, %s, %s, %s)", tile)
