"""Reading over HTTP: what all answers of views share."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b

from fastapi import Request, Response

from api import bodies, language
from api.parameters import Knowing
from api.refusals import BadParameters
from api.resources import resources
from api.signin import principal
from projections.knowledge import known_by, recorded_at
from projections.reading import Clocks, Page, Seen


async def looking(request: Request, query: Knowing) -> Clocks:
    """Set the clocks of a read, and wait until the views have seen enough.

    Raises:
        BadParameters: nothing is recorded yet at the position that is to be known.
        NotSeen: the views have not seen it after five seconds.
    """
    chosen = getattr(query, "effective_at", None)
    known_at, position = await _knowledge(request, query)
    if wanted := max(position or 0, query.min_position or 0):
        await resources(request).views.wait_for(wanted)
    present = chosen is None and position is None
    told_in = language.chosen(request)
    return Clocks(chosen or today(), known_at, position, present, told_in)


async def _knowledge(request: Request, query: Knowing) -> tuple[str, int | None]:
    """Give the instant of knowledge, as JSON, and its position; None for all."""
    views = resources(request).views
    if query.known_at is not None:
        return _written(query.known_at), await known_by(views, query.known_at)
    if query.known_position is None:
        return _written(datetime.now(UTC)), None
    if query.known_position == 0:
        return "null", 0
    instant = await recorded_at(views, query.known_position)
    if instant is None:
        fault = f"nothing is recorded at position {query.known_position} yet"
        raise BadParameters.one("known_position", fault)
    return _written(instant), query.known_position


def _written(instant: datetime) -> str:
    text = instant.astimezone(UTC).isoformat(timespec="auto").removesuffix("+00:00")
    return f'"{text}Z"'


def today() -> date:
    """Give the day of reading, which is the same everywhere."""
    return datetime.now(UTC).date()


def answer(request: Request, seen: Seen, body: bytes) -> Response:
    """Answer with what was seen, or say that the client has it already."""
    tag = _tag(request, seen)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    headers |= language.headers(language.chosen(request))
    if tag in _known(request):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=bodies.JSON)


def listed(
    request: Request, page: Page, clocks: Clocks, *, dated: bool = True, more: bytes = b""
) -> Response:
    """Answer with a page of a list.

    Args:
        request: what was asked.
        page: of the list.
        clocks: at which it was read.
        dated: whether it shows a day of the world.
        more: further members of the answer, each behind a comma.
    """
    cursor = f'"{page.next_cursor}"' if page.next_cursor else "null"
    head = b'{"items":[' + b",".join(page.items)
    tail = f'],"next_cursor":{cursor},"position":{clocks.position(page.position)}'.encode()
    end = clocks.told(page.position) if dated else clocks.knowledge(page.position)
    return answer(request, page.seen, head + tail + more + end)


def _tag(request: Request, seen: Seen) -> str:
    """Name an answer: what was asked, by whom, in which language, what was seen, and any day."""
    asking = principal(request)
    asked = request.scope["path"], request.scope["query_string"]
    asker = asking.id, asking.role, language.chosen(request)
    told = (asked, *asker, seen.position, seen.build, day_of(request.scope["query_string"]))
    return f'W/"{blake2b(repr(told).encode(), digest_size=12).hexdigest()}"'


def day_of(query: bytes) -> date | None:
    """Give the day on which an answer depends; None where the address itself names one."""
    return None if b"&effective_at=" in b"&" + query else today()


def _known(request: Request) -> Sequence[str]:
    given = request.headers.get("if-none-match")
    return [tag.strip() for tag in given.split(",")] if given else ()
