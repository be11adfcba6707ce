"""`farshore coverage`, `targets`, `warnings` …: one GET and one table for each question."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import typer

from cli import reports, tables
from cli.client import console
from cli.options import option, parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping

    from cli.client import Client

    Item = Mapping[str, Any]
    Run = Callable[[Callable[[Client], Coroutine[Any, Any, None]]], None]


class Question(NamedTuple):
    """What can be asked, and how its answer looks in a table.

    Attributes:
        path: of the route; `{}` stands for the address of the subject that the command names.
        takes: the filters, named as in the API.
        columns: of the table.
        rows: of one item.
        argument: the parameter that is given without a name.
    """

    name: str
    path: str
    help: str
    takes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Callable[[Item], Iterable[tuple[str, ...]]]
    argument: tuple[str, str] | None = None


def add(app: typer.Typer, run: Run) -> None:
    """Add a command for each question."""
    for question in QUESTIONS:
        app.command(question.name, help=question.help)(_command(question, run))


def _command(question: Question, run: Run) -> Callable[..., None]:
    def ask(*, ndjson: bool, **given: Any) -> None:
        query = dict(map(_named, given.items()))
        run(lambda client: _ask(client, question, query, ndjson=ndjson))

    ask.__signature__ = inspect.Signature([*_parameters(question)])  # type: ignore[attr-defined]  # typer reads it
    return ask


def _parameters(question: Question) -> Iterator[inspect.Parameter]:
    if question.argument:
        name, text = question.argument
        argument = typer.Argument(help=text, metavar=name.upper())
        yield parameter(name, str, argument, default=inspect.Parameter.empty)
    for name in (*question.takes, "effective_at", "known_at"):
        yield option(name, str, f"--{name.replace('_', '-')}", _OPTIONS[name])
    if question.argument is None or question.name == "search":
        limit = typer.Option("--limit", min=1, max=500, help="How many items.")
        yield parameter("limit", int, limit, default=50)
    yield option("ndjson", bool, "--ndjson", "One JSON object a line, for programs.")


def _named(given: tuple[str, Any]) -> tuple[str, Any]:
    """Name the clock of knowledge as the API does: by an instant, or by a position."""
    name, value = given
    if name.endswith("known_at") and str(value).isdigit():
        return name.replace("known_at", "known_position"), value
    return name, value


async def _ask(client: Client, question: Question, query: dict[str, Any], *, ndjson: bool) -> None:
    path = question.path
    if "{}" in path:
        path = path.format(await reports.address(client, query.pop("subject"), query))
    answer = await client.get(path, **query)
    if ndjson:
        reports.lines(answer["items"])
    else:
        table = tables.table(*question.columns)
        for item in answer["items"]:
            for row in question.rows(item):
                tables.row(table, *row)
        if service := answer.get("service"):
            _judge(service)
        if table.row_count or not service:
            tables.show_table(table)
    reports.as_of(answer, query)
    reports.more(answer)


def _judge(service: Item) -> None:
    """Say under which permit a service runs, and what the others lack."""
    console.print(f"{service['subject']['key']}: {_words(service['verdict'])}", highlight=False)
    for one in service["outside"]:
        lacks = ", ".join(map(_words, one["lacks"]))
        console.print(f"  {one['subject']['key']} lacks: {lacks}", highlight=False)


# ── what can be asked ────────────────────────────────────────────────────────────────────────────

_OPTIONS = {
    "effective_at": "The day in the world: 2022-04-01; else today.",
    "known_at": "Only what was known then: 2026-11-20T09:00:00Z, or a position.",
    "kind": "partnership, service …",
    "organization": "Key, id or any name, in any script.",
    "country": "ISO 3166-1 code: AE.",
    "city": "City or town.",
    "subject": "Key, id or any name of a record.",
    "service": "Which permits cover it: its key or id.",
    "activity": "testing, commercial_driverless …",
    "expiring_within": "They may run out by then: 90d.",
    "open_ended": "Whether nobody recorded until when they hold: true or false.",
    "milestone": "What was promised, in a word: service_start.",
    "outcome": "open, met, dropped or lapsed.",
    "overdue": "Whether the promised day has passed: true or false.",
    "open": "Whether it still stands still: true or false.",
    "code": "no_permit_on_record, weak_source …",
    "from_effective_at": "The day of the one look.",
    "from_known_at": "What was known at the one look: an instant or a position.",
    "to_effective_at": "The day of the other look.",
    "to_known_at": "What was known at the other look: an instant or a position.",
}


def _words(word: str) -> str:
    return word.replace("_", " ")


def _value(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, dict) and {"country", "region"} & value.keys():
        return _place(value)
    if isinstance(value, dict) and value.keys() == {"value", "unit"}:
        return f"{value['value']} {value['unit']}"
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _place(place: Mapping[str, str] | None) -> str:
    given = place or {}
    narrow = given.get("town") or given.get("label")
    wide = given.get("country") or given.get("region")
    parts = (narrow, given.get("city") or given.get("subdivision"), wide)
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _days(days: Mapping[str, int | None] | None) -> str:
    """Tell a number of days, as precise as it is."""
    if days is None:
        return ""
    least, most = days["least"], days["most"]
    if least == most:
        return str(least)
    if least is None or most is None:
        return f"at most {most}" if least is None else f"at least {least}"
    return f"{least} to {most}"


def _permit(one: Item) -> Iterable[tuple[str, ...]]:
    left = _days(one["days_left"]) or "unknown"
    yield reports.record(one), _words(one["activity"]), _place(one["place"]), left


def _target(one: Item) -> Iterable[tuple[str, ...]]:
    moved = f", moved {one['moved']} times" if one["moved"] else ""
    promise = f"{_words(one['milestone'])}\n{one['target_date'] or 'no day'}{moved}"
    stands = "overdue" if one["overdue"] else one["outcome"]
    yield reports.record(one), promise, stands, _days(one["late"]["first"])


def _suspension(one: Item) -> Iterable[tuple[str, ...]]:
    ended = one["ended"]["occurred_on"] if one["ended"] else "open"
    yield reports.record(one), one["began"]["occurred_on"] or "unknown", ended, _days(one["days"])


def _warning(one: Item) -> Iterable[tuple[str, ...]]:
    yield reports.record(one), _words(one["code"]), one["message"], reports.positions(one)


def _found(one: Item) -> Iterable[tuple[str, ...]]:
    yield reports.record(one), one["subject"]["kind"], one["stage"], one["matched"] or ""


def _difference(one: Item) -> Iterable[tuple[str, ...]]:
    yield "", reports.record(one), ""
    for field in one["fields"]:
        change = f"{_value(field['from'])} → {_value(field['to'])}"
        yield field["field"], change, reports.positions(field)


def _field(one: Item) -> Iterable[tuple[str, ...]]:
    name, value = one["field"], _value(one["value"])
    for told in one["told"]:
        sources = ", ".join(dict.fromkeys(source["title"] for source in told["sources"]))
        yield name, value, told["occurred_on"] or "unknown", sources, str(told["position"])
        name = value = ""


_ABOUT = ("organization", "country", "city")
QUESTIONS = (
    Question(
        "coverage",
        "/v1/coverage",
        "Which permits hold on the day; of a service, whether it runs under one.",
        ("service", *_ABOUT, "activity", "expiring_within", "open_ended"),
        ("record", "activity", "place", "days left"),
        _permit,
    ),
    Question(
        "targets",
        "/v1/targets",
        "What was promised, how often that moved, and by how many days it is late.",
        ("kind", "organization", "country", "milestone", "outcome", "overdue"),
        ("record", "promise", "stands", "days late"),
        _target,
    ),
    Question(
        "suspensions",
        "/v1/suspensions",
        "What stands still or stood still, and for how many days.",
        ("kind", "organization", "country", "open"),
        ("record", "since", "until", "days"),
        _suspension,
    ),
    Question(
        "warnings",
        "/v1/warnings",
        "What a person should look at.",
        ("kind", "code", "organization", "country"),
        ("record", "warning", "says", "at"),
        _warning,
    ),
    Question(
        "search",
        "/v1/search",
        "Find records by a name in any script, or by words.",
        ("kind",),
        ("record", "kind", "stage", "matched"),
        _found,
        ("q", "A name in any script, part of one, or words."),
    ),
    Question(
        "diff",
        "/v1/diff",
        "What differs between two looks: two days, or two states of knowledge.",
        (
            *("from_effective_at", "from_known_at", "to_effective_at", "to_known_at"),
            *("kind", "subject", *_ABOUT),
        ),
        ("field", "change", "by"),
        _difference,
    ),
    Question(
        "explain",
        "{}/explain",
        "Why a record is as it is: for every field the events and the sources behind it.",
        (),
        ("field", "value", "told for", "sources", "at"),
        _field,
        ("subject", "Key or id of a record of any kind."),
    ),
)
NAMES = frozenset(question.name for question in QUESTIONS)
