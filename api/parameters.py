"""What may be asked for: query parameters, checked once, never ignored and never clamped."""

from collections.abc import Sequence

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from api.refusals import BadParameters, ComingSoon
from journal.refusals import Fault

CLOCKS = ("effective_at", "known_at", "known_position")  # every read will take them

_FLAGS = {"true": True, "false": False}


def only(request: Request, *known: str) -> None:
    """Refuse parameters that the route does not have.

    Raises:
        BadParameters
    """
    if request.scope["query_string"]:
        names = [name for name, _ in request.query_params.multi_items()]
        if unknown := [name for name in names if name not in known]:
            raise no_such(unknown)
        if twice := [name for name in known if names.count(name) > 1]:
            raise BadParameters.one(twice[0], "it can be given once")


def flag(request: Request, name: str) -> bool:
    """Give a yes-or-no parameter; no where it is left out.

    Raises:
        BadParameters
    """
    if not request.scope["query_string"] or name not in request.query_params:
        return False
    given = request.query_params[name]
    if given not in _FLAGS:
        raise BadParameters.one(name, "it is either true or false")
    return _FLAGS[given]


def no_such(names: Sequence[str]) -> BadParameters:
    """Say of parameters that they do not exist, or not yet."""
    if coming := [name for name in names if name in CLOCKS]:
        return ComingSoon(Fault(name, "it will come with the two clocks") for name in coming)
    return BadParameters(Fault(name, "there is no such parameter here") for name in names)


class Nothing(BaseModel):
    """No parameters at all."""

    model_config = ConfigDict(extra="forbid")
