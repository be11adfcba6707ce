"""`farshore timeline`, `list`, `show`, `export`: what is on record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import proving, reports
from cli.given import run

Limit = Annotated[int, typer.Option(min=1, max=500, help="How many lines.")]
Json = Annotated[bool, typer.Option("--ndjson", help="One JSON object a line, for programs.")]
Organization = Annotated[str | None, typer.Option(help="Key, id or any name, in any script.")]
Country = Annotated[str | None, typer.Option(help="ISO 3166-1 code: AE.")]
Words = Annotated[str | None, typer.Option("--q", help="Words to find, in any script.")]
EffectiveAt = Annotated[
    str | None, typer.Option("--effective-at", help="The day in the world: 2022-04-01; else today.")
]
KnownAt = Annotated[
    str | None,
    typer.Option(help="Only what was known then: 2026-11-20T09:00:00Z, or a position."),
]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(timeline)
    app.command("list")(list_)
    app.command()(show)
    app.command()(export)


def timeline(
    organization: Organization = None,
    country: Country = None,
    kind: Annotated[str | None, typer.Option(help="partnership, service …")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="permit.granted …")] = None,
    subject: Annotated[str | None, typer.Option(help="Key or id of a record.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day: 2025-10-01.")] = None,
    to: Annotated[str | None, typer.Option(help="Last day: 2025-12-31.")] = None,
    q: Words = None,
    at: EffectiveAt = None,
    known_at: KnownAt = None,
    limit: Limit = 50,
    ndjson: Json = False,
) -> None:
    """Show what happened."""
    query = {"organization": organization, "country": country, "kind": kind, "type": type_}
    query |= {"subject": subject, "from": from_, "to": to, "q": q, "limit": str(limit)}
    query |= _clocks(at, known_at)
    shown = reports.lines if ndjson else reports.timeline
    run(lambda client: reports.ask(client, "/v1/timeline", query, shown))


def list_(
    kinds_: Annotated[
        str, typer.Argument(metavar="KINDS", help="partnerships, rd-centers, services, permits …")
    ],
    organization: Organization = None,
    country: Country = None,
    stage: Annotated[str | None, typer.Option(help="formed, launched …")] = None,
    q: Words = None,
    at: EffectiveAt = None,
    known_at: KnownAt = None,
    limit: Limit = 50,
    ndjson: Json = False,
) -> None:
    """List the records of a kind: as they stand, stood, or were thought to stand."""
    query = {"organization": organization, "country": country, "stage": stage, "q": q}
    query |= _clocks(at, known_at)
    query |= {"limit": str(limit)}
    run(lambda client: reports.listing(client, kinds_, query, ndjson=ndjson))


def show(
    subject: Annotated[str, typer.Argument(help="Key or id of a record of any kind.")],
    at: EffectiveAt = None,
    known_at: KnownAt = None,
    ndjson: Json = False,
) -> None:
    """Show one record: what is known of it, and how it came about."""
    clocks = _clocks(at, known_at)
    run(lambda client: reports.show(client, subject, clocks, ndjson=ndjson))


def _clocks(at: str | None, known: str | None) -> dict[str, str | None]:
    """Name the two clocks as the API does; what is known is a position or an instant."""
    clock = "known_position" if known and known.isdigit() else "known_at"
    return {"effective_at": at, clock: known}


def export(
    what: Annotated[
        str, typer.Argument(help="timeline, or a list: partnerships, permits …; journal: all.")
    ],
    format_: Annotated[
        str | None,
        typer.Option("--format", help="csv, xlsx or ndjson; as the file is called, else csv."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write.")] = None,
    filters: Annotated[
        list[str] | None, typer.Option("--filter", "-f", help="name=value, as in the API.")
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="As a pack that anybody can check.")
    ] = False,
    purpose: Annotated[str | None, typer.Option(help="Why; it is on record.")] = None,
) -> None:
    """Save all lines of the timeline or of a list, or any answer as evidence."""
    if evidence or what == "journal":
        given = dict(one.partition("=")[::2] for one in filters or ())
        run(lambda client: proving.save(client, what, given, purpose, output))
        return
    asked = format_ or (output.suffix.lstrip(".") if output else "") or "csv"
    query = dict(one.partition("=")[::2] for one in filters or ()) | {"format": asked}
    run(lambda client: reports.save(client, f"/v1/{what}", query, output))
