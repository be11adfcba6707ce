"""`farshore timeline`, `list`, `show`, `export`: ask, and show or save the answer."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import anyio
import orjson

from cli.client import Failed, console, errors
from cli.tables import row, show_table, table

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
    more(answer)


def more(answer: Mapping[str, Any]) -> None:
    """Say when there is more."""
    if answer.get("next_cursor"):
        errors.print("There is more: --limit (at most 500) shows more, `export` saves all.")


def as_of(answer: Mapping[str, Any], query: Mapping[str, Any]) -> None:
    """Say of which clocks an answer is, where somebody chose one; of a difference, both looks."""
    if not any(value and name.endswith(_CLOCKS) for name, value in query.items()):
        return
    for look in (answer,) if "known_position" in answer else (answer["from"], answer["to"]):
        knowledge = f"position {look['known_position']}, recorded {look['known_at']}"
        errors.print(f"The world of {look['effective_at']}, as known at {knowledge}.")


_CLOCKS = ("effective_at", "known_at", "known_position")


async def show(
    client: Client, subject: str, clocks: Mapping[str, str | None], *, ndjson: bool
) -> None:
    """Show the state and the history of a record of any kind."""
    item = await client.get(await address(client, subject, clocks), **clocks)
    if ndjson:
        lines([item])
    else:
        answer = await client.get("/v1/timeline", subject=subject, limit=500, **clocks)
        state(item)
        timeline(answer["items"])
        as_of(answer, clocks)


async def address(client: Client, subject: str, clocks: Mapping[str, str | None]) -> str:
    """Give the address of a record of any kind.

    Raises:
        Failed: nothing is known of it.
    """
    known = {name: value for name, value in clocks.items() if name.startswith("known")}
    everything = (await client.get("/v1/timeline", subject=subject, limit=1, **known))["items"]
    if not everything:
        raise Failed(f"Nothing is on record about '{subject}'.")
    found = everything[0]["subject"]
    kinds = (await client.get("/v1/meta"))["kinds"]
    path = next(kind["path"] for kind in kinds if kind["name"] == found["kind"])
    return f"/v1/{path}/{found['key']}"


async def listing(
    client: Client, kinds: str, query: Mapping[str, str | None], *, ndjson: bool
) -> None:
    """List the records of a kind, which may be named in the singular too.

    Raises:
        Failed: there is no such kind.
    """
    wanted = kinds.lower().replace("_", "-").removesuffix("s") + "s"
    known = [kind["path"] for kind in (await client.get("/v1/meta"))["kinds"]]
    if wanted not in known:
        near = get_close_matches(wanted, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}."
        raise Failed(f"'{kinds}' is no kind of record; {hint}")
    await ask(client, f"/v1/{wanted}", query, lines if ndjson else states)


async def create_token(client: Client, body: Mapping[str, Any]) -> None:
    """Make a token and print it, this once."""
    answer = await client.send("POST", "/v1/tokens", json=body)
    console.print(answer.json()["secret"], markup=False, highlight=False)


async def revoke_token(client: Client, token_id: str) -> None:
    """Withdraw a token."""
    await client.send("DELETE", f"/v1/tokens/{token_id}")
    console.print("Withdrawn.")


async def save(client: Client, path: str, query: Mapping[str, str], file: Path | None) -> None:
    """Stream an export into a file, or to standard output.

    Raises:
        Failed: it cannot be written there.
    """
    try:
        await _save(client, path, query, file)
    except OSError as error:
        raise Failed(f"{file or 'Standard output'} cannot be written: {error.strerror}.") from None


async def _save(client: Client, path: str, query: Mapping[str, str], file: Path | None) -> None:
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
    shown = table("when", "what happened", "status", "at")
    for entry in entries:
        status = "" if entry["status"] == "current" else entry["status"]
        at = str(entry["position"])
        row(shown, entry["occurred_on"] or "unknown", entry["headline"], status, at)
    show_table(shown)


def tokens(items: Iterable[Mapping[str, Any]]) -> None:
    """Show tokens, one a row."""
    shown = table("token", "role", "begins with", "until")
    for item in items:
        until = (item["expires_at"] or "")[:10]
        if item["revoked_at"]:
            until = f"revoked {item['revoked_at'][:10]}"
        who = f"{item['role']}\n{item['principal']}"
        row(shown, f"{item['name'] or 'erased'}\n{item['id']}", who, item["prefix"], until)
    show_table(shown)


def principals(items: Iterable[Mapping[str, Any]]) -> None:
    """Show who stands behind each id, one a row."""
    shown = table("id", "name", "kind", "since")
    for item in items:
        since = item["created_at"][:10]
        row(shown, item["id"], item["display_name"] or "erased", item["kind"], since)
    show_table(shown)


def access(items: Iterable[Mapping[str, Any]]) -> None:
    """Show entries of the access record, one a row."""
    shown = table("when", "who", "role", "did", "what")
    for item in items:
        nobody = "unknown" if item["action"] == "sign_in_refused" else "the machine"
        who = item["display_name"] or item["principal"] or nobody
        details = ", ".join(f"{name} {value}" for name, value in item["details"].items())
        what = item["target"] or details
        row(shown, item["at"][:19], who, item["role"] or "", item["action"], what)
    show_table(shown)


def batches(items: Iterable[Mapping[str, Any]]) -> None:
    """Show imports, one a row."""
    shown = table("batch", "recorded", "events", "positions")
    for item in items:
        recorded = f"{item['recorded_at'][:16]}\nby {item['recorded_by']}"
        retracted = f"\n{item['retracted']:,} retracted" if item["retracted"] else ""
        span = f"{item['first_position']} to {item['last_position']}"
        row(shown, item["batch"], recorded, f"{item['events']:,}{retracted}", span)
    show_table(shown)


def states(items: Iterable[Mapping[str, Any]]) -> None:
    """Show subjects, one a row."""
    shown = table("record", "stage", "look at")
    for item in items:
        row(shown, record(item), item["stage"], _doubts(item))
    show_table(shown)


def state(item: Mapping[str, Any]) -> None:
    """Show one subject with all that is known of it."""
    subject = item["subject"]
    console.print(f"{item['title']}  ({subject['kind']} {subject['key']})", style="bold")
    shown = table("", "")
    for name, value in {"stage": item["stage"], **item["state"], "look at": _doubts(item)}.items():
        if value:
            row(shown, name, value if isinstance(value, str) else orjson.dumps(value).decode())
    row(shown, "version", str(item["version"]))
    console.print(shown)


def settings(values: Settings) -> None:
    """Show every setting with its value and its help."""
    shown = table("setting", "value", "meaning")
    for name, field in type(values).model_fields.items():
        value = getattr(values, name)
        told = ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
        row(shown, f"FARSHORE_{name.upper()}", told, field.description or "")
    console.print(shown)


def record(item: Mapping[str, Any]) -> str:
    """Tell what a record is called, and under which key it is found."""
    width = max(_NARROW, console.width * 2 // 5)
    return "\n".join([*wrap(item["title"], width), item["subject"]["key"]])


_NARROW = 32  # characters, which most keys do not pass


def positions(item: Mapping[str, Any]) -> str:
    """Tell events by their positions, of many the newest."""
    told = [str(one) for one in item["positions"]]
    return ", ".join(told if len(told) <= _FEW else ["…", *told[-_FEW:]])


_FEW = 4


def _doubts(item: Mapping[str, Any]) -> str:
    doubts = [name for name in ("contested", "uncertain") if item.get(name)]
    return ", ".join([*doubts, *dict.fromkeys(one["code"] for one in item.get("warnings", ()))])
