"""`GET /v1/log/export`: an answer as evidence, which anybody can check without us."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from tempfile import TemporaryFile
from typing import IO, Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from api import noting
from api.describe.answers import given
from api.describe.reads import reading
from api.gate import roles
from api.parameters import MOST, Nothing
from api.reading import today
from api.refusals import BadParameters, NotFound
from api.report import report
from api.resources import resources
from api.signin import principal
from api.values import Text
from domain.event import kinds
from journal.seal.evidence import add_proven
from journal.seal.pack import Pack
from projections.catalogue import PROJECTIONS

router = APIRouter(prefix="/v1/log", tags=["proof"])

# Told on reading beside a subject, in words that may be others tomorrow; evidence holds what is
# stored.
_WORDS = ("title", "headline", "warnings", "message")
# What an address must not say itself.
_FRAME = {"items", "next_cursor", "position", "effective_at", "known_at", "known_position"}
_OURS = {"format", "limit", "cursor", "min_position"}
_OTHERS = ("timeline", "events", "diff", "coverage", "targets", "warnings", "indicators")
_MORE = ("graph", "places", "search", "suspensions")
# They tell all days unless one is named.
_ALL_DAYS = ("timeline", "events", "history")
_PIECE = 65_536
_ZIP = "application/zip"


class Export(Nothing):
    """What to prove, and why."""

    query: Annotated[
        str | None,
        Field(
            max_length=2_000,
            pattern=r"^/v1/[^\x00-\x20]+$",
            description="The address of a read, with its parameters; left out: all events.",
            examples=["/v1/services?country=AE"],
        ),
    ] = None
    purpose: Annotated[Text, Field(description="Why; it stands in the pack and on record.")]


@dataclass(slots=True)
class Asked:
    """A read whose answer becomes evidence.

    Attributes:
        path, given: of the read, with both clocks set.
        known: the position up to which the rows tell what is known.
        positions: of the events behind its rows, as far as they were read.
        beside: what the answer tells beside its rows.
    """

    path: str
    given: dict[str, str]
    known: int
    positions: set[int] = field(default_factory=set)
    beside: dict[str, Any] = field(default_factory=dict)
    rows: int = 0

    @classmethod
    def read(cls, text: str, position: int) -> "Asked":
        """Take an address; what is not said of the clocks is set, so that it can be asked again.

        Raises:
            BadParameters: it is none of a read, or says what an export decides.
        """
        parts = urlsplit(text)
        words = parts.path.split("/")[2:]
        known = {*_OTHERS, *_MORE, *(kind.path for kind in kinds().values())}
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if words[0] not in known or ".." in words or parts.fragment:
            raise BadParameters.one("query", f"name a read: /v1/{', /v1/'.join(sorted(known))}")
        if wrong := _OURS & asked.keys():
            raise BadParameters.one("query", f"leave {', '.join(sorted(wrong))} out")
        if not asked.keys() & {"known_at", "known_position"}:
            asked["known_position"] = str(position)
        if words[0] not in _ALL_DAYS and words[-1] not in _ALL_DAYS:
            asked.setdefault("effective_at", str(today()))
        return cls(parts.path, asked, position)

    def settle(self, page: Mapping[str, Any]) -> None:
        """Name positions for instants of knowledge: of one that is to come, more may be known."""
        for clock, look in (("", page), ("from_", page.get("from")), ("to_", page.get("to"))):
            if self.given.pop(f"{clock}known_at", None) and isinstance(look, Mapping):
                position = look.get("known_position", self.known)
                self.given[f"{clock}known_position"] = str(position)

    def __str__(self) -> str:
        return f"{self.path}?{urlencode(self.given)}"


@router.get(
    "/export",
    openapi_extra=roles("auditor", "admin")
    | {
        "responses": reading("LogKeys", 403, 404)["responses"]
        | {"200": given({"type": "string", "format": "binary"}, "An evidence pack.", _ZIP)}
    },
)
async def export(request: Request, query: Annotated[Export, Query()]) -> Response:
    """Give an answer as an evidence pack: rows, the events behind them, proofs and a verifier."""
    log = resources(request).log
    if not (position := await log.last_position()):
        raise NotFound(path=request.url.path)
    file = TemporaryFile()  # noqa: SIM115 - closed with the answer
    try:
        asked = Asked.read(query.query, position) if query.query else None
        manifest = await _packed(request, file, asked, position, query.purpose)
    except BaseException:
        file.close()
        raise
    told = ("query", "purpose", "rows", "events", "known_position", "manifest")
    noting.note(request, "exported", **{name: manifest[name] for name in told})
    name = f"evidence-{manifest['known_position']}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(_pieces(file), headers=headers, media_type=_ZIP)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


async def _packed(
    request: Request, file: IO[bytes], asked: Asked | None, position: int, purpose: str
) -> dict[str, Any]:
    """Write the pack; give its manifest, with its own hash."""
    log, pack = resources(request).log, Pack(file)
    with pack.writing("rows.ndjson") as write:
        if asked:
            async for lines in _rows(request, asked):
                await asyncio.to_thread(write, lines)
            position = asked.known
    proven = await add_proven(log, pack, position, asked.positions if asked else None)
    manifest = {**_told(request, asked, proven["size"], purpose), **proven}
    pack.add("report.pdf", await asyncio.to_thread(report, manifest))
    return {**manifest, "manifest": await asyncio.to_thread(pack.close, manifest)}


def _told(request: Request, asked: Asked | None, position: int, purpose: str) -> dict[str, Any]:
    """Say what was asked, by whom and why, and of which program."""
    return {
        "query": asked and str(asked),
        "purpose": purpose,
        "exported_by": principal(request).id,
        "exported_at": datetime.now(UTC),
        "software": f"farshore {version('farshore')}",
        "views": {one.name: one.version for one in PROJECTIONS},
        "known_position": position,
        "effective_at": asked and asked.given.get("effective_at"),
        "rows": asked.rows if asked else 0,
        "beside": asked.beside if asked else {},
    }


# ── the rows ─────────────────────────────────────────────────────────────────────────────────────


async def _rows(request: Request, asked: Asked) -> AsyncIterator[list[bytes]]:
    """Ask, page by page, as whoever asks for the export."""
    async with _asking(request) as client:
        if any(name.endswith("known_at") for name in asked.given):
            asked.settle(_read(await client.get(asked.path, params=asked.given)))
        more: dict[str, str] = {"limit": str(MOST)}
        while True:
            answer = await client.get(asked.path, params={**asked.given, **more})
            if answer.is_error and "limit" in more and _takes_no_limit(answer):
                more = {}
                continue
            page = _read(answer)
            asked.known = _known(page) or asked.known
            if "items" in page:
                asked.beside = {name: _stored(page[name]) for name in page.keys() - _FRAME}
                asked.positions.update(_behind(asked.beside))
            yield list(_lines(asked, page))
            if not page.get("next_cursor"):
                return
            more["cursor"] = page["next_cursor"]


def _asking(request: Request) -> httpx2.AsyncClient:
    """Ask this very server, with the rights of a request."""
    given = {name: request.headers.get(name) for name in ("authorization", "cookie")}
    headers = {name: value for name, value in given.items() if value is not None}
    transport = httpx2.ASGITransport(request.app)
    return httpx2.AsyncClient(transport=transport, base_url="http://farshore", headers=headers)


def _takes_no_limit(answer: httpx2.Response) -> bool:
    return any(one.get("parameter") == "limit" for one in answer.json().get("errors", ()))


def _read(answer: httpx2.Response) -> dict[str, Any]:
    """Give an answer.

    Raises:
        BadParameters: there is none, for the reason that is told.
    """
    page: dict[str, Any] = json.loads(answer.content)
    if answer.is_error:
        raise BadParameters.one("query", page.get("detail") or page["title"])
    return page


def _known(page: Mapping[str, Any]) -> int:
    """Tell up to which position an answer tells what was known; a difference has two such looks."""
    looks = (page, page.get("from"), page.get("to"))
    told = (look.get("known_position") for look in looks if isinstance(look, Mapping))
    return max((int(position) for position in told if position), default=0)


def _lines(asked: Asked, page: Mapping[str, Any]) -> Iterator[bytes]:
    for item in page.get("items", [page]):
        if "positions" not in item:
            raise BadParameters.one("query", "its answer has no events behind it")
        row = _stored(item)
        asked.positions.update(_behind(row))
        asked.rows += 1
        yield orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _stored(told: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """Give a part of an answer without the words that it tells of subjects."""
    if isinstance(told, list):
        return [_stored(one) for one in told]
    if not isinstance(told, dict):
        return told
    words = _WORDS if "subject" in told else ()
    return {name: _stored(value) for name, value in told.items() if name not in words}


def _behind(told: object) -> Iterator[int]:
    """Give all positions that a part of an answer names."""
    if isinstance(told, Mapping):
        for name, value in told.items():
            yield from value if name == "positions" else _behind(value)
    elif isinstance(told, list):
        for value in told:
            yield from _behind(value)
