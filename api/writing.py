"""Recording events over HTTP: what all ways of writing share."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import Request, Response

from api import answers, previewing, reading
from api.bodies import JSON
from api.parameters import flag, only
from api.refusals import BadParameters
from api.resources import resources
from api.signin import principal
from journal.commands import Command, Line
from journal.refusals import Malformed
from journal.round import Recording
from journal.rows import Row
from projections import neighbours
from projections.reading import Clocks

_VERSION = re.compile(r'"(\d{1,9})"')
_LONGEST_KEY = 200


async def record(request: Request, lines: tuple[Line, ...], body: bytes, *, many: bool) -> Response:
    """Record lines as one command, as the headers and the query say.

    Args:
        request: where it comes from.
        lines: what to record, together or not at all.
        body: as it was sent, by which a repeated request is recognized.
        many: whether the answer is an array.
    """
    only(request, "dry_run")
    dry = flag(request, "dry_run")
    asked = command(request, lines, body, dry=dry)
    recording = await resources(request).journal.submit(asked)
    previews = await _previews(request, recording) if dry else []
    document = _document(recording, previews, many=many)
    if dry:
        return Response(document, media_type=JSON)
    return answers.recorded(recording.rows, document, replayed=recording.replayed)


def command(request: Request, lines: tuple[Line, ...], body: bytes, *, dry: bool) -> Command:
    """Give the command that a request asks for, named by its key if it has one."""
    version = expected_version(request)
    key = idempotency_key(request, lines)
    if key is None or dry:
        return Command(principal(request), lines, expected_version=version, dry_run=dry)
    asked = b"\0".join([request.url.path.encode(), str(version).encode(), body])
    keyed = Command.keyed(principal(request), lines, key, asked)
    return replace(keyed, expected_version=version)


def expected_version(request: Request) -> int | None:
    """Give the version that `If-Match` names.

    Raises:
        BadParameters: it is no strong tag of ours.
    """
    given = _header(request, "if-match")
    if given is None or given.strip() == "*":
        return None
    if not (match := _VERSION.fullmatch(given.strip())):
        raise BadParameters.one(
            "If-Match", f'it is the version in quotes, such as "3", not {given}'
        )
    return int(match[1])


def idempotency_key(request: Request, lines: tuple[Line, ...]) -> str | None:
    """Give the key by which the client recognizes its own request: the header's, or the line's.

    Raises:
        BadParameters: it is empty or too long.
        Malformed: lines of an array have some of their own.
    """
    own = [line.envelope.idempotency_key for line in lines]
    key = _header(request, "idempotency-key")
    if key is None and len(own) == 1:
        key = own[0]
    if len(own) > 1 and any(own):
        raise Malformed.at("", "an array is one command: send one Idempotency-Key header for it")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise BadParameters.one("Idempotency-Key", f"it has 1 to {_LONGEST_KEY} characters")
    return key


def _header(request: Request, name: str) -> str | None:
    """Give a header; lines of one name are one list, as proxies may join them (RFC 9110, 5.3)."""
    given = request.headers.getlist(name)
    return ", ".join(given) if given else None


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


async def _previews(request: Request, recording: Recording) -> Sequence[Mapping[str, Any]]:
    today = reading.today()
    views = resources(request).views
    found = [previewing.changed(*pair, today) for pair in recording.changes]
    told = await previewing.told(views, today, found)
    last = {row.subject: number for number, row in enumerate(recording.rows)}
    changes = [(before, after) for _, before, after in previewing.spans(recording)]
    brought = await neighbours.brought(views, Clocks(today, "null"), changes)
    for number, (row, one) in enumerate(zip(recording.rows, told, strict=True)):
        beside = brought.get(row.subject, ()) if last[row.subject] == number else ()
        one["warnings"] = answers.warnings(beside)
    return told


def _document(recording: Recording, previews: Sequence[Mapping[str, Any]], *, many: bool) -> bytes:
    documents = [answers.event(row, more) for row, more in _told(recording, previews)]
    return answers.array(documents) if many else documents[0]


def _told(
    recording: Recording, previews: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    for index, row in enumerate(recording.rows):
        more: dict[str, Any] = {"warnings": []}
        if recording.warnings:
            more["warnings"] = answers.warnings(recording.warnings[index])
        if previews:
            foreseen_too = [*more["warnings"], *previews[index]["warnings"]]
            more |= {**previews[index], "warnings": foreseen_too}
        yield row, more
