"""How rows get into the tables of the views: what is no longer known is closed, new rows copied."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import BaseModel

from projections.projection import Changes, Column, Projection, Row, Table

Connection = psycopg.Connection[Any]
FRESH = "_fresh"  # the end of the names of tables that a rebuild fills


def with_options(url: str, options: str) -> str:
    """Add server options, such as `-c name=value`, to those of a URL."""
    given = conninfo_to_dict(url).get("options") or ""
    return make_conninfo(url, options=f"{given} {options}".strip())


def as_json(model: BaseModel, fields: AbstractSet[str]) -> bytes:
    """Give some fields of a model as JSON, those that are known."""
    written: bytes = model.__pydantic_serializer__.to_json(
        model, include=set(fields), exclude_none=True, by_alias=True
    )
    return written


def array(texts: Iterable[str]) -> str:
    """Write an array of texts as Postgres reads it; the adapter of lists is ten times slower."""
    return "{" + ",".join(map(_element, texts)) + "}"


@lru_cache(maxsize=16_384)
def _element(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def write(connection: Connection, changes: Iterable[Changes], suffix: str = "") -> bool:
    """Write the changes of each table; tell whether there were any."""
    changed = False
    for change in changes:
        if change.closed:
            columns = [list(column) for column in zip(*change.closed, strict=True)]
            connection.execute(_close(change.table, suffix), columns)
        if rows := list(change.rows()):
            if change.table.least and not suffix:
                _add(connection, change.table, rows)
            else:
                copy(connection, f"views.{change.table.name}{suffix}", change.table, rows)
        changed |= bool(change.closed or rows)
    return changed


def forget(
    connection: Connection, projection: Projection, subjects: Iterable[UUID], suffix: str = ""
) -> None:
    """Delete all rows of some subjects."""
    for table in reversed(projection.tables):
        rows = table.of_subject.format(suffix=suffix)
        statement = f"DELETE FROM views.{table.name}{suffix} WHERE {rows}"
        connection.execute(statement, {"ids": list(subjects)})


@cache
def _close(table: Table, suffix: str) -> str:
    names = ", ".join(column.name for column in table.key)
    same = " AND ".join(f"old.{column.name} = closed.{column.name}" for column in table.key)
    return (
        f"UPDATE views.{table.name}{suffix} old SET known = int8range(lower(old.known), until)"
        f" FROM unnest({_arrays(table.key)}, %b::bigint[]) AS closed({names}, until)"
        f" WHERE {same} AND upper_inf(old.known)"
    )


def _arrays(columns: Iterable[Column]) -> str:
    return ", ".join(f"%b::{column.type}[]" for column in columns)


def _add(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Add the rows that are not there yet, and to others what is less than they tell."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    connection.execute(_merge(table), columns)


@cache
def _merge(table: Table) -> str:
    of_key = ", ".join(column.name for column in table.key)
    told = [*(column.name for column in table.least), "known_from"]
    least = ", ".join(f"{name} = least(old.{name}, excluded.{name})" for name in told)
    less = " OR ".join(f"excluded.{name} < old.{name}" for name in told)
    target = f"views.{table.name} AS old ({table.columns})"
    given = _arrays((*table.key, *table.least, Column("known_from", "bigint")))
    return (
        f"INSERT INTO {target} SELECT * FROM unnest({given})"
        f" ON CONFLICT ({of_key}) DO UPDATE SET {least} WHERE {less}"
    )


def copy(connection: Connection, target: str, table: Table, rows: Iterable[Row]) -> None:
    """Add rows of a table to another one like it."""
    statement = f"COPY {target} ({table.columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as block:
        for row in rows:
            block.write_row(row)
