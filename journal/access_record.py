"""Who looked, who came in, who did what to the server: the access record, which only grows.

It holds ids of principals and no words of theirs: names can be erased, the record cannot.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, get_args

import orjson
import psycopg
from psycopg import sql
from psycopg.rows import args_row
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from journal.commands import Principal
from journal.database import conninfo
from journal.settings import Settings

Action = Literal[
    "read",
    "exported",
    "signed_in",
    "signed_out",
    "sign_in_refused",
    "token_made",
    "token_revoked",
    "principal_erased",
    "settings_changed",
    "quarantine_retried",
    "quarantine_skipped",
    "batch_undone",
    "rebuilt",
    "backed_up",
    "restored",
    "key_rotated",
    "sealing_resumed",
]
ACTIONS: tuple[str, ...] = get_args(Action)

_AT_ONCE = 1_000  # entries that an export holds in memory
_LONGEST_TARGET = 2_000  # characters of an address that are kept

_NOTE = "SELECT access.note(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
_ENTRIES = """
SELECT r.number, r.at, r.principal, p.display_name, r.role, r.action, r.target, r.details
FROM access.records r LEFT JOIN access.principals p ON p.id = r.principal
WHERE {} ORDER BY r.number {} LIMIT %(limit)s
"""
_LAST_SETTINGS = """
SELECT details FROM access.records WHERE action = 'settings_changed' ORDER BY number DESC LIMIT 1
"""


class Act(NamedTuple):
    """Something that is to be on record.

    Attributes:
        by: who did it; None: nobody we know, or whoever runs the machine.
        target: what it was done to, or the address that was read.
        details: what else an auditor wants to know; no names of people.
    """

    action: Action
    by: Principal | None = None
    target: str | None = None
    details: Mapping[str, Any] = {}


class Entry(NamedTuple):
    """An act on record; the name is looked up on reading and None where it was erased."""

    number: int
    at: datetime
    principal: str | None
    display_name: str | None
    role: str | None
    action: str
    target: str | None
    details: dict[str, Any]


class Wanted(NamedTuple):
    """Which entries to give.

    Attributes:
        since, until: days in UTC, inclusive.
    """

    after: int = 0
    principal: str | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None
    newest_first: bool = False


def note(connection: psycopg.Connection[Any], *acts: Act) -> None:
    """Put acts on record, in the transaction of the connection."""
    connection.execute(_NOTE, _columns(acts))


async def note_within(connection: psycopg.AsyncConnection[Any], *acts: Act) -> None:
    """Put acts on record in the transaction that does them."""
    await connection.execute(_NOTE, _columns(acts))


def note_at(url: str, *acts: Act) -> None:
    """Put acts of whoever runs the machine on record, with any login that may work on views."""
    with psycopg.connect(conninfo(url, "farshore_projector")) as connection:
        note(connection, *acts)


def _columns(acts: Sequence[Act]) -> list[list[Any]]:
    return [
        [act.by.id if act.by else None for act in acts],
        [act.by.role if act.by else None for act in acts],
        [act.action for act in acts],
        [act.target and act.target.replace("\0", "")[:_LONGEST_TARGET] for act in acts],
        [orjson.dumps(act.details).decode() for act in acts],
    ]


@dataclass(slots=True)
class _Turn:
    """Acts that are put on record by one statement."""

    acts: list[Act] = field(default_factory=list)
    done: bool = False


class AccessRecord:
    """Puts acts on record, those of many requests at once, and gives what is there."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        """Take connections with the role farshore_app from a pool."""
        self._pool = pool
        self._gathering = _Turn()
        self._writing = asyncio.Lock()

    async def note(self, *acts: Act) -> None:
        """Return once they are on record; whoever comes while others write shares what follows."""
        turn = self._gathering
        turn.acts.extend(acts)
        async with self._writing:
            if turn.done:
                return
            if self._gathering is turn:
                self._gathering = _Turn()
            async with self._pool.connection() as connection:
                await note_within(connection, *turn.acts)
            turn.done = True

    async def entries(self, wanted: Wanted, limit: int) -> list[Entry]:
        """Give the first entries that are wanted."""
        order = sql.SQL("DESC" if wanted.newest_first else "ASC")
        query = sql.SQL(_ENTRIES).format(_conditions(wanted), order)
        given = wanted._asdict() | {"limit": limit}
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Entry)) as cursor,
        ):
            found: list[Entry] = await (await cursor.execute(query, given)).fetchall()
            return found

    async def stream(self, wanted: Wanted) -> AsyncIterator[Entry]:
        """Give all entries that are wanted."""
        while found := await self.entries(wanted, _AT_ONCE):
            for entry in found:
                yield entry
            wanted = wanted._replace(after=found[-1].number)


def _conditions(wanted: Wanted) -> sql.Composable:
    tests = {
        "after": "r.number < %(after)s" if wanted.newest_first else "r.number > %(after)s",
        "principal": "r.principal = %(principal)s",
        "action": "r.action = %(action)s",
        "since": "r.at >= %(since)s",
        "until": "r.at < %(until)s::date + 1",  # also of the last day that Python has
    }
    chosen = [sql.SQL(test) for name, test in tests.items() if getattr(wanted, name)]
    return sql.SQL(" AND ").join(chosen or [sql.SQL("true")])


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


def note_settings(url: str, settings: Settings) -> None:
    """Put the settings of a start on record, where they are others than at the start before.

    Of secrets it is told that they are set, not what they are.
    """
    told = {name: _told(value) for name, value in settings}
    with psycopg.connect(conninfo(url, "farshore_app")) as connection:
        last = connection.execute(_LAST_SETTINGS).fetchone()
        if last is None or last[0] != told:
            note(connection, Act("settings_changed", details=told))


def _told(value: object) -> object:
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, frozenset):
        return sorted(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
