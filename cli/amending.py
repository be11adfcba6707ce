"""`farshore correct|retract|dispute POSITION …`, `farshore undo BATCH`: put right what is recorded.

One command per event about an event, derived from its class.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import reports
from cli.client import Failed, console
from cli.options import option, parameter
from cli.recording import SOURCE, is_array, tell, tell_changes
from cli.words import help_of, parsed
from domain.event import Event, event_class, events, kinds
from domain.universal import Amendment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from cli.client import Client
    from cli.recording import Run

_UNKNOWN = "unknown"  # of a date: nobody knows
_SET = "One field of the payload, the others stay: field=value; field= takes it away."
_OF_THE_ADDRESS = ("target", "schema", "sources")  # sources are the same for every event

Reason = Annotated[str, typer.Option(help="Why.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would change, and record nothing.")
]
Ndjson = Annotated[bool, typer.Option("--ndjson", help="One JSON object a line, for programs.")]


def add(app: typer.Typer, run: Run) -> None:
    """Add the commands."""
    for event in events().values():
        if issubclass(event, Amendment):
            app.command(event.verb, help=event.__doc__)(_command(event, run))

    @app.command()
    def undo(
        batch: Annotated[str, typer.Argument(help="What `farshore import` printed.")],
        reason: Reason,
        dry_run: DryRun = False,  # noqa: FBT002 - typer makes a flag of it
    ) -> None:
        """Take back a whole import: every event of it that still counts, or none."""
        run(lambda client: _undo(client, batch, reason, dry_run=dry_run))

    @app.command()
    def batches(
        limit: Annotated[int, typer.Option(min=1, max=500, help="How many lines.")] = 50,
        ndjson: Ndjson = False,  # noqa: FBT002 - as above
    ) -> None:
        """List what was imported, the newest first, and how much of it still counts."""
        shown = reports.lines if ndjson else reports.batches
        run(lambda client: reports.ask(client, "/v1/batches", {"limit": str(limit)}, shown))


# ── events about an event ────────────────────────────────────────────────────────────────────────


def _command(event: type[Event], run: Run) -> Callable[..., None]:
    schema = event.model_json_schema()
    fields = {name: of for name, of in schema["properties"].items() if name not in _OF_THE_ADDRESS}

    def amend(position: int, **given: Any) -> None:
        data = {
            name: None if given[name] == _UNKNOWN else parsed(schema, of, given[name])
            for name, of in fields.items()
            if given[name] is not None
        }
        sources = [parsed(SOURCE, SOURCE, one) for one in given["source"] or ()]
        body = {"reason": given["reason"], **data} | ({"sources": sources} if sources else {})
        run(lambda client: _amend(client, f"/v1/events/{position}", event.verb, body, given))

    amend.__signature__ = inspect.Signature([*_parameters(schema, fields)])  # type: ignore[attr-defined]  # typer reads it
    return amend


def _parameters(schema: dict[str, Any], fields: dict[str, Any]) -> Iterator[inspect.Parameter]:
    where = typer.Argument(help="Of the event, as `farshore timeline` shows it.")
    yield parameter("position", int, where, default=inspect.Parameter.empty)
    yield parameter(
        "reason", str, typer.Option("--reason", help="Why."), default=inspect.Parameter.empty
    )
    for name, of in fields.items():
        hint = f" Or '{_UNKNOWN}', where nobody knows." if _is_day(of) else ""
        yield option(name, str, f"--{name.replace('_', '-')}", help_of(schema, of) + hint)
    if "data" in fields:
        yield option("set_", list[str], "--set", _SET)
    source = "Where it was read: title=…,url=…,confidence=probable"
    yield option("source", list[str], "--source", source)
    yield option("if_version", int, "--if-version", "Only if the record still has this version.")
    yield option("dry_run", bool, "--dry-run", "Say what would change, and record nothing.")


def _is_day(field: dict[str, Any]) -> bool:
    return any(one.get("format") == "edtf" for one in field.get("anyOf", (field,)))


async def _amend(
    client: Client, path: str, verb: str, body: dict[str, Any], given: dict[str, Any]
) -> None:
    version = given["if_version"]
    if changes := given.get("set_"):
        body["data"], seen = await _changed(client, path, changes, body.get("data"))
        version = seen if version is None else version
    answer = await client.send(
        "POST",
        f"{path}/{verb}",
        params={"dry_run": "true"} if given["dry_run"] else {},
        headers={"If-Match": f'"{version}"'} if version is not None else {},
        json=body,
    )
    tell(answer.json(), dry_run=given["dry_run"])


async def _changed(
    client: Client, path: str, changes: list[str], data: dict[str, Any] | None
) -> tuple[dict[str, Any], int]:
    """Give the payload of an event as it counts, but for some fields, and the version looked at."""
    recorded = await client.get(path)
    subject, schema = recorded["subject"], _schema_of(recorded)
    history = [one async for one in _history(client, subject)]
    counting = next(one for one in history if one["position"] == recorded["position"])
    changed = {**(counting["data"] if data is None else data)}
    for name, equals, value in (one.partition("=") for one in changes):
        if not equals or name not in schema["properties"]:
            known = ", ".join(schema["properties"])
            raise Failed(f"--set takes field=value; {recorded['type']} has the fields {known}.")
        changed[name] = _value(schema, schema["properties"][name], value)
    given = {name: value for name, value in changed.items() if value is not None}
    return given, max(one["version"] for one in history)


def _schema_of(recorded: dict[str, Any]) -> dict[str, Any]:
    return event_class(recorded["type"], recorded["subject"]["kind"]).model_json_schema()


async def _history(client: Client, subject: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
    path, cursor = f"/v1/{kinds()[subject['kind']].path}/{subject['key']}/history", None
    while True:
        page = await client.get(path, limit=500, cursor=cursor)
        for one in page["items"]:
            yield one
        if (cursor := page["next_cursor"]) is None:
            return


def _value(schema: dict[str, Any], field: dict[str, Any], value: str) -> Any:  # noqa: ANN401 - JSON
    if not value:
        return None
    return parsed(schema, field, [value] if is_array(field) and value[:1] != "[" else value)


# ── a whole import ───────────────────────────────────────────────────────────────────────────────


async def _undo(client: Client, batch: str, reason: str, *, dry_run: bool) -> None:
    params = {"dry_run": "true"} if dry_run else {}
    path = f"/v1/batches/{batch}/undo"
    answer = await client.send("POST", path, params=params, json={"reason": reason})
    told = answer.json()
    if not told["retracted"]:
        console.print("Nothing of this import counts any more; there is nothing to undo.")
    elif dry_run:
        _preview(told)
    else:
        console.print(
            f"Undone: {told['retracted']:,} events retracted, up to position {told['position']}.\n"
            f"To have them back: farshore undo {told['undone_by']}",
            highlight=False,
        )


def _preview(told: dict[str, Any]) -> None:
    console.print(f"Would be retracted: {told['retracted']:,} events.", highlight=False)
    for event in told["events"]:
        where = f"  position {event['position']}: {event['type']}"
        console.print(f"{where} of {event['subject']['key']}", highlight=False)
    for one in told["subjects"]:
        console.print(f"Would change: {one['subject']['key']}", highlight=False)
        tell_changes(one)
