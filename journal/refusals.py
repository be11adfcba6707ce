"""Why the journal says no, beside the rules of the domain. A docstring is the message."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.refusals import Refused
from journal.members import members_at

E = TypeVar("E", bound=Exception)


def plain(refusal: E) -> E:
    """Forget where it was raised: those frames lead to the whole round, and back to it."""
    refusal.__context__ = None
    return refusal.with_traceback(None)


class Fault(NamedTuple):
    """One thing wrong with what was sent.

    Attributes:
        pointer: where (RFC 6901), from the top of one event.
        detail: what, in words for people.
    """

    pointer: str
    detail: str


class KeyTaken(Refused):
    """The key '{key}' is that of another {kind} already; write to it, or choose another key."""


class BuiltUpon(Refused):
    """The batch cannot be undone before {count} later events are put right, which would no longer hold: {detail}."""  # noqa: E501 - the docstring is the message

    def __init__(self, refusals: Sequence[Refused]) -> None:
        """Name all that stands against it.

        Args:
            refusals: at least one.
        """
        positions = {position for one in refusals for position in one.conflicting_positions}
        told = {"count": len(refusals), "detail": refusals[0].detail.rstrip(".")}
        super().__init__(positions=sorted(positions), **told)


class Declined(Exception):
    """Nothing was written."""

    def __init__(self, **words: object) -> None:
        """Fill `words` into the docstring of the class."""
        super().__init__((self.__doc__ or "").format_map(words))
        self.words = words


def listed(faults: Iterable[Fault]) -> str:
    """Tell faults in one line; one of the whole without a place."""
    return "; ".join(f"{where}: {detail}" if where else detail for where, detail in faults)


class Malformed(Declined):
    """{count} of what was sent cannot be accepted."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults, at least one."""
        self.faults = tuple(faults)
        super().__init__(count=len(self.faults))
        self.args = (listed(self.faults),)

    @classmethod
    def at(cls, pointer: str, detail: str) -> "Malformed":
        """Say what is wrong in one place."""
        return cls([Fault(pointer, detail)])

    @classmethod
    def of(
        cls,
        error: ValidationError,
        document: Any,  # noqa: ANN401 - any JSON
        prefix: str = "",
        model: type[BaseModel] | None = None,
    ) -> "Malformed":
        """Take over what validation of a document found; of the branches of a union, the first.

        Args:
            error: what was found.
            document: in which.
            prefix: of the pointers.
            model: of the document, to tell which members there are.
        """
        found: dict[str, str] = {}
        unresolved = 0
        for one in error.errors(include_url=False):
            pointer = _pointer(prefix, one["loc"], document)
            if pointer not in found:
                found[pointer] = _worded(one, model)
                unresolved += one["type"] == "reference"
        for pointer in [p for p in found if any(deeper.startswith(f"{p}/") for deeper in found)]:
            del found[pointer]  # it only follows from what is wrong inside
        kind = Unresolvable if unresolved == len(found) else cls
        return kind(Fault(pointer, detail) for pointer, detail in found.items())


def _worded(error: ErrorDetails, model: type[BaseModel] | None) -> str:
    """Say what is wrong; of a word that is on no list, or no member, which there are."""
    if error["type"] == "extra_forbidden":
        return _no_member(str(error["loc"][-1]), members_at(model, error["loc"][:-1]))
    if error["type"] != "literal_error":
        return worded(error)
    given, expected = str(error["input"])[:100], error["ctx"]["expected"]
    near = get_close_matches(given, _WORD.findall(expected), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else f"; write {expected}"
    return f"'{given}' is none of the words that fit here{hint}"


def worded(error: ErrorDetails) -> str:
    """Say what is wrong, in words for people where validation speaks of its own means."""
    given: dict[str, Any] = error.get("ctx", {})
    match error["type"], given:
        case "string_pattern_mismatch", {"pattern": r"\S"}:
            return "it is empty"
        case "string_pattern_mismatch", {"pattern": r"^[^\x00]*$"}:
            return "the character U+0000 cannot be stored"
        case "too_long", {"max_length": most}:
            return f"it has at most {most} items"
    return error["msg"].removeprefix("Value error, ")


def _no_member(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    near += [one for one in known if name in one.split("_") and one not in near]
    hint = f"; did you mean {' or '.join(near)}?" if near else f"; it takes {', '.join(known)}"
    return "no such member here" + (hint if known else "")


_WORD = re.compile("'([^']*)'")


class Unresolvable(Malformed):
    """{count} of what it refers to is not known; it may be yet to come."""


class AtLine(Declined):
    """Line {number} was refused, and so nothing was written: {detail}."""

    def __init__(self, index: int, cause: Refused | Declined) -> None:
        """Keep which line it was, from 0, and why."""
        super().__init__(number=index + 1, detail=str(cause).rstrip("."))
        self.index = index
        self.cause = cause


class Unknown(Declined):
    """There is no {kind} '{subject}'."""

    def __init__(self, *, kind: str = "subject", **words: object) -> None:
        """Say of which kind it would be, where one kind alone is asked for."""
        super().__init__(kind=kind, **words)


class UnknownBatch(Unknown):
    """There is no batch '{batch}'."""


class NotAllowed(Declined):
    """{role} may not record {type}."""


class NotYours(NotAllowed):
    """A contributor corrects and retracts only what the same principal recorded."""


class Outdated(Declined):
    """'{key}' is at version {version}, not {expected}: look at it again before you write."""


class OtherRequest(Declined):
    """This idempotency key was used before, for another request."""


class Unavailable(Declined):
    """The database is away, and it is not certain what was written; send the same again with its Idempotency-Key, or look first."""  # noqa: E501 - the docstring is the message

    retry_after = 2  # seconds: a restart of the embedded server takes less than one


class Overtaken(Unavailable):
    """Others kept writing to the same subjects, so nothing was written; send it again."""


def _pointer(prefix: str, location: Sequence[int | str], document: Any) -> str:  # noqa: ANN401 - any JSON
    """Point into the document, leaving out pydantic's names for the branches of a union."""
    parts = [prefix]
    for index, part in enumerate(location):
        inside = _inside(document, part)
        if inside is not _NOWHERE:
            document = inside
        elif not (isinstance(document, Mapping) and index == len(location) - 1):
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "/".join(parts)


_NOWHERE = object()


def _inside(document: Any, part: int | str) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(document, Mapping):
        return document.get(part, _NOWHERE)
    if isinstance(document, Sequence) and isinstance(part, int) and part < len(document):
        return document[part]
    return _NOWHERE
