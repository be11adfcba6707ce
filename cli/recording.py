"""`farshore permit grant …`: one command per event type, derived from its class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import TypeAdapter

from cli.client import console
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

    parameters = [_subject(), *(_option(*one) for one in _ENVELOPE), *_fields(schema)]
    record.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    return record


def _subject() -> inspect.Parameter:
    text = "Key or id of the record; left out, a new one is opened."
    return _parameter("subject", str, typer.Argument(help=text))


def _option(name: str, type_: Any, option: str, text: str) -> inspect.Parameter:  # noqa: ANN401 - any annotation
    if type_ is bool:
        return _parameter(name, bool, typer.Option(option, help=text), default=False)
    return _parameter(name, type_, typer.Option(option, help=text))


def _fields(schema: dict[str, Any]) -> list[inspect.Parameter]:
    required = schema.get("required", ())
    return [
        _option(
            f"{name}_" if name == "from" else name,
            list[str] if _is_array(field) else str,
            f"--{name.replace('_', '-')}",
            help_of(schema, field) + (" Required." if name in required else ""),
        )
        for name, field in schema["properties"].items()
    ]


def _is_array(field: dict[str, Any]) -> bool:
    return any(one.get("type") == "array" for one in field.get("anyOf", (field,)))


def _parameter(
    name: str,
    type_: Any,  # noqa: ANN401 - a type, or a generic of one
    info: Any,  # noqa: ANN401 - typer's description of an option or argument
    default: object = None,
) -> inspect.Parameter:
    annotation: Any = Annotated[type_ if default is not None else type_ | None, info]
    how = (
        inspect.Parameter.KEYWORD_ONLY
        if name != "subject"
        else (inspect.Parameter.POSITIONAL_OR_KEYWORD)
    )
    return inspect.Parameter(name, how, default=default, annotation=annotation)


async def _send(client: Client, path: str, data: dict[str, Any], envelope: dict[str, Any]) -> None:
    after, version = envelope["after"], envelope["if_version"]
    body = {
        "occurred_on": envelope["occurred_on"],
        "key": envelope["key"],
        "reason": envelope["reason"],
        "after": {"position": after} if after else None,
        "sources": [parsed(_SOURCE, _SOURCE, one) for one in envelope["source"] or ()] or None,
        "data": data,
    }
    answer = await client.send(
        "POST",
        path,
        params={"dry_run": "true"} if envelope["dry_run"] else {},
        headers={"If-Match": f'"{version}"'} if version is not None else {},
        json={name: value for name, value in body.items() if value is not None},
    )
    _tell(answer.json(), dry_run=envelope["dry_run"])


_SOURCE = TypeAdapter(Source).json_schema()


def _tell(event: dict[str, Any], *, dry_run: bool) -> None:
    event = event.get("event", event)
    subject = event["subject"]
    verb = "Would be recorded" if dry_run else "Recorded"
    console.print(
        f"{verb}: {event['type']} of {subject['key']}, position {event['position']},"
        f" version {event['version']}.",
        highlight=False,
    )
    for warning in event.get("warnings", ()):
        console.print(f"  look at: {warning['message']}", style="yellow", highlight=False)
