"""What goes on the access record with a request; its answer waits until it is there.

Nobody sees what it is not on record that they saw, be the process killed at any moment. Requests
that come at once share one statement, so that the wait is that of one commit.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from starlette.types import Scope

from journal.access_record import Act, Action

WATCHED = "auditor"  # the role whose every read is on record
_ERRORS = 400


def note(request: Request, action: Action, target: str | None = None, **details: Any) -> None:
    """Have an act put on record before its answer is sent, if that is no error.

    Args:
        request: that asks for it.
        action: what it is.
        target: what it is done to; left out: the address of the request.
        details: what else an auditor wants to know; no names of people.
    """
    scope = request.scope
    act = Act(action, scope["principal"], target or _address(scope), details)
    scope.setdefault("acts", []).append(act)


def due(scope: Scope, status: int) -> Sequence[Act]:
    """Give what must be on record before an answer: acts, or else the read of an auditor."""
    if status >= _ERRORS:
        return ()
    if acts := scope.get("acts"):
        noted: Sequence[Act] = acts
        return noted
    asking = scope.get("principal")
    if asking and asking.role == WATCHED and scope["method"] == "GET":
        return (Act("read", asking, _address(scope)),)
    return ()


async def put_on_record(scope: Scope, acts: Sequence[Act]) -> None:
    """Return once they are, even when whoever asked goes away."""
    resources = scope["app"].state.resources
    await resources.finish(resources.record.note(*acts))


def _address(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{scope['path']}?{query}" if query else str(scope["path"])
