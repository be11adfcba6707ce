"""Connect to PostgreSQL: as whom, how patiently, and only to a server that keeps what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from journal.binaries import MAJOR

if TYPE_CHECKING:
    from collections.abc import Collection

Role = Literal["farshore_app", "farshore_projector", "farshore_sealer", "farshore_owner"]

# No wait is without end. Clients give up after 30 s, so a longer wait serves nobody.
_PATIENCE = {
    "connect_timeout": "10",
    "tcp_user_timeout": "15000",
    "keepalives_idle": "30",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
_STATEMENT_TIMEOUT_MS = 30_000
_LOCK_TIMEOUT_MS = 10_000
_IDLE_IN_TRANSACTION_MS = 15_000

# What keeps an acknowledged event through a crash of the machine.
_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


class UnfitServer(Exception):
    """This PostgreSQL cannot be trusted with the journal: {faults}."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__((self.__doc__ or "").format(faults="; ".join(faults)))


class Unreachable(Exception):
    """The database that FARSHORE_DATABASE_URL names cannot be used: {why}."""

    def __init__(self, why: str) -> None:
        super().__init__((self.__doc__ or "").format(why=why))


def refuse_unreachable(url: str) -> None:
    """Refuse a database that cannot be connected to, in words that hold no password.

    Raises:
        Unreachable
    """
    try:
        psycopg.connect(conninfo(url)).close()
    except psycopg.OperationalError as error:
        raise Unreachable(" ".join(str(error).split()).rstrip(".?")) from None
    except psycopg.ProgrammingError:
        raise Unreachable("it is no address such as postgresql://user@host/name") from None


def conninfo(
    url: str,
    role: Role | None = None,
    *,
    program: str = "farshore",
    statement_timeout_ms: int = _STATEMENT_TIMEOUT_MS,
) -> str:
    """Complete a URL with the role to act as and with an end to every wait.

    Args:
        url: what it says of connecting wins over ours.
        role: what the connection may do; None: all that its login may.
        program: the name shown in `pg_stat_activity`.
        statement_timeout_ms: 0 for work that has no bound, such as a rebuild.
    """
    given = conninfo_to_dict(url)
    options = {
        "role": role,
        "statement_timeout": statement_timeout_ms,
        "lock_timeout": _LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_MS,
        "TimeZone": "UTC",  # the day of an instant is its UTC day, wherever the server stands
    }
    said = " ".join(f"-c {name}={value}" for name, value in options.items() if value is not None)
    ours = _PATIENCE | {"application_name": program}
    merged: dict[str, Any] = {
        **ours,
        **given,
        "options": f"{given.get('options', '')} {said}".strip(),
    }
    return make_conninfo("", **merged)


def refuse_unfit(url: str, allow_unsafe: Collection[str] = ()) -> None:
    """Refuse a server of another major version, or one that may lose acknowledged events.

    Args:
        url: asked as the application, since durability can be set for a login.
        allow_unsafe: names of settings that may be off all the same.

    Raises:
        UnfitServer: naming each fault and what to do about it.
    """
    with psycopg.connect(conninfo(url)) as connection:
        faults = [
            f"{name} is off (turn it on, or name it in FARSHORE_ALLOW_UNSAFE)"
            for name in _DURABILITY
            if name not in allow_unsafe and _shown(connection, name) == "off"
        ]
        version = connection.info.server_version // 10_000
    if version != MAJOR:
        faults.insert(0, f"it is version {version} and must be {MAJOR}")
    if faults:
        raise UnfitServer(faults)


def _shown(connection: psycopg.Connection[Any], name: str) -> str:
    row = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
    return str(row[0]) if row else ""
