"""`farshore permit grant …`: one command per event type, derived from its class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import orjson
import typer
from pydantic import TypeAdapter

from cli.client import console
from cli.options import option, parameter
from cli.words import help_of, parsed
from domain.event import Event, event_class, events
from domain.universal import Amendment
from domain.vocabulary import Source

if TYPE_CHECKING:
    from cli.client import Client
    from domain.subject import Kind

Run = Callable[[Callable[["Client"], Coroutine[Any, Any, None]]], None]

# The same for every event: parameter, type, option, help.
_ENVELOPE: tuple[tuple[str, Any, str, str], ...] = (
    (
        "occurred_on",
        str,
        "--occurred-on",
        "When it happened, in EDTF: 2025-11-14, 2025-11, 2025-35 …",
    ),
    ("source", list[str], "--source", "Where it was read: title=…,url=…,confidence=probable"),
    ("reason", str, "--reason", "Why it is logged."),
    ("key", str, "--key", "The key of a new record; made from its content when left out."),
    ("after", int, "--after", "The position of an event of the same day that it follows."),
    ("if_version", int, "--if-version", "Record only if the record still has this version."),
    ("dry_run", bool, "--dry-run", "Say what would be recorded, and record nothing."),
)


def commands(kind: Kind, run: Run) -> typer.Typer:
    """Build the commands of a kind: one per event that it can have."""
    app = typer.Typer(help=f"Log events of {kind.noun}s.", no_args_is_help=True)
    for name, declared in events().items():
        if issubclass(declared, Amendment) or declared.kind not in (None, kind):
            continue
        event = event_class(name, kind.name)
        app.command(event.verb, help=event.__doc__)(_command(event, kind, run))
    return app


def _command(event: type[Event], kind: Kind, run: Run) -> Callable[..., None]:
    schema = event.model_json_schema()

    def record(subject: str | None, **given: Any) -> None:
        envelope = {name: given.pop(name) for name, *_ in _ENVELOPE}
        data = {
            name.rstrip("_"): parsed(schema, schema["properties"][name.rstrip("_")], value)
            for name, value in given.items()
            if value is not None
        }
        path = f"/v1/{kind.path}/{f'{subject}/' if subject else ''}{event.verb}"
        run(lambda client: _send(client, path, data, envelope))

    parameters = [_subject(), *(option(*one) for one in _ENVELOPE), *_fields(schema)]
    record.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    return record


def _subject() -> inspect.Parameter:
    text = "Key or id of the record; left out, a new one is opened."
    return parameter("subject", str, typer.Argument(help=text))


def _fields(schema: dict[str, Any]) -> list[inspect.Parameter]:
    required = schema.get("required", ())
    return [
        option(
            f"{name}_" if name == "from" else name,
            list[str] if is_array(field) else str,
            f"--{name.replace('_', '-')}",
            help_of(schema, field) + (" Required." if name in required else ""),
        )
        for name, field in schema["properties"].items()
    ]


def is_array(field: dict[str, Any]) -> bool:
    """Tell whether a field takes several values."""
    return any(one.get("type") == "array" for one in field.get("anyOf", (field,)))


async def _send(client: Client, path: str, data: dict[str, Any], envelope: dict[str, Any]) -> None:
    after, version = envelope["after"], envelope["if_version"]
    body = {
        "occurred_on": envelope["occurred_on"],
        "key": envelope["key"],
        "reason": envelope["reason"],
        "after": {"position": after} if after else None,
        "sources": [parsed(SOURCE, SOURCE, one) for one in envelope["source"] or ()] or None,
        "data": data,
    }
    answer = await client.send(
        "POST",
        path,
        params={"dry_run": "true"} if envelope["dry_run"] else {},
        headers={"If-Match": f'"{version}"'} if version is not None else {},
        json={name: value for name, value in body.items() if value is not None},
    )
    tell(answer.json(), dry_run=envelope["dry_run"])


SOURCE = TypeAdapter(Source).json_schema()


def tell(event: dict[str, Any], *, dry_run: bool) -> None:
    """Say what was recorded, or would be, and what to look at."""
    event = event.get("event", event)
    subject = event["subject"]
    verb = "Would be recorded" if dry_run else "Recorded"
    console.print(
        f"{verb}: {event['type']} of {subject['key']}, position {event['position']},"
        f" version {event['version']}.",
        highlight=False,
    )
    tell_changes(event)
    for warning in event.get("warnings", ()):
        console.print(f"  look at: {warning['message']}", style="yellow", highlight=False)


def tell_changes(told: dict[str, Any]) -> None:
    """Say what a dry run would change, a field or a line of the timeline each."""
    for name, change in (told.get("changes") or {}).items():
        _tell_change(name, change)
    for line in told.get("timeline") or ():
        for name, change in line["changes"].items():
            _tell_change(f"position {line['position']}: {name}", change)


def _tell_change(what: str, change: dict[str, Any]) -> None:
    words = " → ".join(_word(change[side]) for side in ("from", "to"))
    console.print(f"  {what}: {words}", highlight=False, markup=False)


def _word(value: Any) -> str:  # noqa: ANN401 - any JSON
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
