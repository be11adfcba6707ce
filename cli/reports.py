"""`farshore timeline`, `list`, `show`, `export`: ask, and show or save the answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import anyio
import orjson
from rich.table import Table

from cli.client import Failed, console, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from cli.client import Client
    from journal.settings import Settings


async def ask(
    client: Client,
    path: str,
    query: Mapping[str, Any],
    show: Callable[[Iterable[Mapping[str, Any]]], None],
) -> None:
    """Get a page of a list and show it; say when there is more."""
    answer = await client.get(path, **query)
    show(answer["items"])
    as_of(answer, query)
    if answer.get("next_cursor"):
        errors.print("There is more: --limit (at most 500) shows more, `export` saves all.")


def as_of(answer: Mapping[str, Any], query: Mapping[str, Any]) -> None:
    """Say of which clocks an answer is, where somebody chose one."""
    if any(query.get(name) for name in ("effective_at", "known_at", "known_position")):
        knowledge = f"position {answer['known_position']}, recorded {answer['known_at']}"
        errors.print(f"The world of {answer['effective_at']}, as known at {knowledge}.")


async def show(
    client: Client, subject: str, clocks: Mapping[str, str | None], *, ndjson: bool
) -> None:
    """Show the state and the history of a record of any kind."""
    known = {name: value for name, value in clocks.items() if name != "effective_at"}
    everything = (await client.get("/v1/timeline", subject=subject, limit=1, **known))["items"]
    if not everything:
        raise Failed(f"Nothing is on record about '{subject}'.")
    found = everything[0]["subject"]
    kinds = (await client.get("/v1/meta"))["kinds"]
    path = next(kind["path"] for kind in kinds if kind["name"] == found["kind"])
    item = await client.get(f"/v1/{path}/{found['key']}", **clocks)
    if ndjson:
        lines([item])
    else:
        answer = await client.get("/v1/timeline", subject=subject, limit=500, **clocks)
        state(item)
        timeline(answer["items"])
        as_of(answer, clocks)


async def create_token(client: Client, body: Mapping[str, Any]) -> None:
    """Make a token and print it, this once."""
    answer = await client.send("POST", "/v1/tokens", json=body)
    console.print(answer.json()["secret"], markup=False, highlight=False)


async def revoke_token(client: Client, token_id: str) -> None:
    """Withdraw a token."""
    await client.send("DELETE", f"/v1/tokens/{token_id}")
    console.print("Withdrawn.")


async def save(client: Client, path: str, query: Mapping[str, str], file: Path | None) -> None:
    """Stream an export into a file, or to standard output."""
    async with client.stream(path, query) as answer:
        if file is None:
            if query["format"] == "xlsx" and sys.stdout.isatty():
                raise Failed("A workbook is no text: name a file with --output.")
            async for chunk in answer.aiter_bytes():
                sys.stdout.buffer.write(chunk)
        else:
            async with await anyio.open_file(file, "wb") as output:
                async for chunk in answer.aiter_bytes():
                    await output.write(chunk)
            errors.print(f"Saved as {file}.")


def lines(items: Iterable[Mapping[str, Any]]) -> None:
    """Print each item as one line of JSON."""
    for item in items:
        sys.stdout.write(orjson.dumps(item).decode() + "\n")


def timeline(entries: Iterable[Mapping[str, Any]]) -> None:
    """Show headlines by day."""
    table = _table("day", "as told", "what happened", "status", "position")
    for entry in entries:
        table.add_row(
            entry["effective_day"] or "",
            entry["occurred_on"] or "unknown",
            entry["headline"],
            "" if entry["status"] == "current" else entry["status"],
            str(entry["position"]),
        )
    console.print(table)


def tokens(items: Iterable[Mapping[str, Any]]) -> None:
    """Show tokens, one a row."""
    table = _table("id", "name", "role", "principal", "begins with", "expires", "revoked")
    for item in items:
        ends = ((item["expires_at"] or "")[:10], (item["revoked_at"] or "")[:10])
        who = (item["name"] or "erased", item["role"], item["principal"], item["prefix"])
        table.add_row(item["id"], *who, *ends)
    console.print(table)


def principals(items: Iterable[Mapping[str, Any]]) -> None:
    """Show who stands behind each id, one a row."""
    table = _table("id", "name", "kind", "since")
    for item in items:
        since = item["created_at"][:10]
        table.add_row(item["id"], item["display_name"] or "erased", item["kind"], since)
    console.print(table)


def access(items: Iterable[Mapping[str, Any]]) -> None:
    """Show entries of the access record, one a row."""
    table = _table("when", "who", "role", "did", "what")
    for item in items:
        nobody = "unknown" if item["action"] == "sign_in_refused" else "the machine"
        who = item["display_name"] or item["principal"] or nobody
        details = ", ".join(f"{name} {value}" for name, value in item["details"].items())
        what = item["target"] or details
        table.add_row(item["at"][:19], who, item["role"] or "", item["action"], what)
    console.print(table)


def batches(items: Iterable[Mapping[str, Any]]) -> None:
    """Show imports, one a row."""
    table = _table("batch", "recorded", "by", "events", "retracted", "positions")
    for item in items:
        span = f"{item['first_position']}-{item['last_position']}"
        told = (f"{item['events']:,}", f"{item['retracted']:,}", span)
        table.add_row(item["batch"], item["recorded_at"][:16], item["recorded_by"], *told)
    console.print(table)


def states(items: Iterable[Mapping[str, Any]]) -> None:
    """Show subjects, one a row."""
    table = _table("key", "title", "stage", "look at")
    for item in items:
        table.add_row(item["subject"]["key"], item["title"], item["stage"], _doubts(item))
    console.print(table)


def state(item: Mapping[str, Any]) -> None:
    """Show one subject with all that is known of it."""
    subject = item["subject"]
    console.print(f"{item['title']}  ({subject['kind']} {subject['key']})", style="bold")
    table = _table("", "")
    for name, value in {"stage": item["stage"], **item["state"], "look at": _doubts(item)}.items():
        if value:
            table.add_row(name, value if isinstance(value, str) else orjson.dumps(value).decode())
    table.add_row("version", str(item["version"]))
    console.print(table)


def settings(values: Settings) -> None:
    """Show every setting with its value and its help."""
    table = _table("setting", "value", "meaning")
    for name, field in type(values).model_fields.items():
        value = getattr(values, name)
        shown = ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
        table.add_row(f"FARSHORE_{name.upper()}", shown, field.description or "")
    console.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_header=any(columns))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("id", "batch", "key"))
    return table


def _doubts(item: Mapping[str, Any]) -> str:
    doubts = [name for name in ("contested", "uncertain") if item.get(name)]
    return ", ".join([*doubts, *dict.fromkeys(one["code"] for one in item.get("warnings", ()))])
