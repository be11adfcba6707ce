"""A route per event type and kind of subject, derived from the catalogue of events."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response

from api import bodies, lean
from api.describe import writes
from api.gate import roles
from api.lean import Endpoint
from api.resources import addressed
from api.writing import record
from domain.event import Event, event_class, events, kinds
from domain.subject import Kind
from journal.commands import Line
from journal.refusals import Fault, Malformed, Unknown

_TAKEN = ("occurred_on", "data", "sources", "reason", "after", "ref")
_ABOUT_EVENTS = "event."  # these have routes of their own: `api.amending`


class Action(NamedTuple):
    """An event type on a kind of subject: what one verb there does."""

    kind: Kind
    event: type[Event]

    @property
    def opens(self) -> bool:
        """Whether it can be the first event of a subject."""
        return self.event.kind is not None or self.event.carries_facts

    def line(self, body: Any, subject: str | None, *, opens: bool) -> Line:  # noqa: ANN401 - JSON
        """Complete a body to a line of the generic door.

        Raises:
            Malformed: pointing into the body.
        """
        if not isinstance(body, dict):
            raise Malformed.at("", "the body is a JSON object")
        taken = (*_TAKEN, "key") if opens else _TAKEN
        if unknown := [name for name in body if name not in taken]:
            hint = f"; it takes {', '.join(taken)}"
            raise Malformed(Fault(pointer(name), "no such member here" + hint) for name in unknown)
        document = {"type": self.event.type, "subject": subject or body.get("key")}
        if self.event.kind is None:
            document["kind"] = self.kind.name
        document |= {name: body[name] for name in _TAKEN if name in body}
        return Line.read(document, opens=opens)


def pointer(name: str) -> str:
    """Point to a member of the body (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def actions() -> Iterator[Action]:
    """Give every action, by kind, in the order of life."""
    for kind in kinds().values():
        for event in events().values():
            own = event.kind is None or event.kind is kind
            if own and not event.type.startswith(_ABOUT_EVENTS):
                yield Action(kind, event_class(event.type, kind.name))


def router() -> APIRouter:
    """Make the routes."""
    made = APIRouter(prefix="/v1")
    for action in actions():
        if action.opens:
            _add(made, action, opens=True)
        _add(made, action, opens=False)
    return made


def _add(made: APIRouter, action: Action, *, opens: bool) -> None:
    kind, event = action
    lean.add(
        made,
        f"/{kind.path}/{event.verb}" if opens else f"/{kind.path}/{{id}}/{event.verb}",
        _opening(action) if opens else _appending(action),
        name=f"{'open' if opens else 'append'}_{kind.name}_{event.verb}".replace("-", "_"),
        tags=[kind.path],
        summary=_summary(action, opens=opens),
        description=event.__doc__ or "",
        status_code=201,
        openapi_extra=roles(*sorted(event.roles)) | writes.typed(kind, event, opens=opens),
    )


def _summary(action: Action, *, opens: bool) -> str:
    what = f"{action.event.verb.replace('-', ' ')}".capitalize()
    return f"{what}: a new {action.kind.noun}" if opens else f"{what}: this {action.kind.noun}"


def _opening(action: Action) -> Endpoint:
    async def opening(request: Request) -> Response:
        body = await bodies.read_json(request)
        try:
            line = action.line(body.document, None, opens=True)
        except Malformed as fault:
            raise _about_key(fault, body.document) from None
        return await record(request, (line,), body.raw, many=False)

    return opening


def _about_key(error: Malformed, body: Any) -> Malformed:  # noqa: ANN401 - JSON
    """Point to the key, which a line of the generic door calls its subject."""
    if isinstance(body, dict) and "subject" in body:  # then the fault is in that very member
        return error
    return Malformed(
        fault._replace(pointer="/key") if fault.pointer == "/subject" else fault
        for fault in error.faults
    )


def _appending(action: Action) -> Endpoint:
    async def appending(request: Request) -> Response:
        subject = addressed(request)
        body = await bodies.read_json(request)
        line = action.line(body.document, subject, opens=False)
        try:
            return await record(request, (line,), body.raw, many=False)
        except Malformed as error:
            if error.faults[0].pointer == "/subject":  # it is of another kind, so it is not here
                raise Unknown(kind=action.kind.noun, subject=subject) from None
            raise

    return appending
