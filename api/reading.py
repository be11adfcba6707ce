"""Reading over HTTP: what all answers of views share."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

from fastapi import Request, Response

from api import bodies
from api.resources import resources
from api.signin import principal
from projections.reading import Clocks, Page, Seen

ALL = ("state", "timeline")


async def wait(request: Request, position: int | None, *views: str) -> None:
    """Wait until the views that will be asked have seen what the client has.

    Raises:
        NotSeen: they have not after five seconds.
    """
    if position:
        await resources(request).views.wait_for(position, views or ALL)


def today() -> date:
    """Give the day of reading, which is the same everywhere."""
    return datetime.now(UTC).date()


def now() -> Clocks:
    """Give the clocks of a read that names none."""
    instant = datetime.now(UTC)
    return Clocks(instant.date(), instant.isoformat(timespec="milliseconds")[:-6] + "Z")


def answer(request: Request, seen: Seen, body: bytes) -> Response:
    """Answer with what was seen, or say that the client has it already."""
    tag = _tag(request, seen)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in _known(request):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=bodies.JSON)


def listed(request: Request, page: Page, clocks: Clocks | None) -> Response:
    """Answer with a page of a list."""
    cursor = f'"{page.next_cursor}"' if page.next_cursor else "null"
    head = b'{"items":[' + b",".join(page.items)
    tail = f'],"next_cursor":{cursor},"position":{page.position}'.encode()
    end = clocks.told(page.position) if clocks else b"}"
    return answer(request, page.seen, head + tail + end)


def _tag(request: Request, seen: Seen) -> str:
    """Name an answer: what was asked, by whom, what was seen, and the day."""
    asking = principal(request)
    asked = request.scope["path"], request.scope["query_string"]
    told = (asked, asking.id, asking.role, seen, today())
    return f'W/"{sha256(repr(told).encode()).hexdigest()[:24]}"'


def _known(request: Request) -> Sequence[str]:
    given = request.headers.get("if-none-match")
    return [tag.strip() for tag in given.split(",")] if given else ()
