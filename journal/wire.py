"""Read JSON from outside, strictly: one reading, for everybody, of what everybody understands.

`json.loads` alone takes keys given twice (and drops one), NaN, numbers that overflow to infinity,
U+0000 and halves of surrogate pairs. None of them may reach the journal.
"""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import orjson

MOST_BYTES = 1024 * 1024
DEEPEST = 64  # levels of brackets; the deepest payload of the vocabulary has 7
_INT64 = 2**63


class Unreadable(ValueError):
    """This is no JSON."""

    def __init__(self, why: str) -> None:
        """Say why, in words for people."""
        super().__init__(f"This is no JSON: {why}.")


class TooLarge(ValueError):
    """One JSON document has at most 1 MiB."""

    def __init__(self) -> None:
        """Take the message from the docstring."""
        super().__init__(self.__doc__)


class Hostile(ValueError):
    """It is JSON, but not everybody would read it alike.

    Attributes:
        pointer: where (RFC 6901).
        detail: what, in words for people.
    """

    def __init__(self, pointer: str, detail: str) -> None:
        """Keep both."""
        super().__init__(f"{pointer or 'the document'}: {detail}")
        self.pointer = pointer
        self.detail = detail


class _Fault:
    """Stands in the parsed document where something hostile was."""

    def __init__(self, detail: str, key: str | None = None) -> None:
        self.detail = detail
        self.key = key


class _Suspect(Exception):
    pass


def loads(raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Parse one JSON document.

    Raises:
        TooLarge: it has more than 1 MiB.
        Unreadable: it is no UTF-8 or no JSON.
        Hostile: two readers could understand it differently, or it cannot be stored.
    """
    if len(raw) > MOST_BYTES:
        raise TooLarge
    try:
        text = raw.decode()
        document = _FAST.decode(text)
        if b"\\u" in raw:
            _refuse_odd_text(document)
        if raw.count(b"[") + raw.count(b"{") > DEEPEST:
            _refuse_depth(document)
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise Hostile("", f"it is nested deeper than {DEEPEST} levels") from None
    except _Suspect:
        return _examined(text)
    return document


def canonical(document: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Give the one spelling of a document: sorted keys, no space."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


# ── the fast reading only notices ────────────────────────────────────────────────────────────────


def _suspect(_: str) -> NoReturn:
    raise _Suspect


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Suspect
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Suspect
    return number


def _small(text: str) -> int:
    if len(text) > 18 and not -_INT64 <= _whole(text) < _INT64:  # noqa: PLR2004 - fewer digits fit
        raise _Suspect
    return int(text)


def _whole(text: str) -> int:
    return int(text) if len(text) < 40 else _INT64  # noqa: PLR2004 - far beyond the range


_FAST = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_suspect, parse_float=_finite, parse_int=_small
)


def _refuse_odd_text(document: Any) -> None:  # noqa: ANN401 - any JSON
    try:
        plain = orjson.dumps(document)
    except TypeError:
        raise _Suspect from None
    if b"\\u0000" in plain:
        raise _Suspect


def _refuse_depth(document: Any) -> None:  # noqa: ANN401 - any JSON
    level = [document]
    for _ in range(DEEPEST):
        level = [part for one in level for part in _parts(one) if isinstance(part, dict | list)]
    if level:
        raise Hostile("", f"it is nested deeper than {DEEPEST} levels")


def _parts(document: Any) -> Iterable[Any]:  # noqa: ANN401 - any JSON
    if isinstance(document, dict):
        return document.values()
    return document if isinstance(document, list) else ()


# ── the slow reading says where and what ─────────────────────────────────────────────────────────


def _examined(text: str) -> Any:  # noqa: ANN401 - any JSON
    document = _SLOW.decode(text)
    _refuse_depth(document)
    for pointer, detail in _faults(document, ""):
        raise Hostile(pointer, detail)
    return document


def _faults(document: Any, pointer: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(document, _Fault):
        yield _below(pointer, document.key), document.detail
    elif isinstance(document, str):
        yield from ((pointer, why) for why in _odd(document))
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from ((pointer, f"in a name: {why}") for why in _odd(key))
            yield from _faults(value, _below(pointer, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _faults(value, f"{pointer}/{index}")


def _below(pointer: str, key: str | None) -> str:
    if key is None:
        return pointer
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def _odd(text: str) -> Iterator[str]:
    if "\0" in text:
        yield "the character U+0000 cannot be stored"
    if any("\ud800" <= character <= "\udfff" for character in text):
        yield "half of a surrogate pair is no character"


def _marked_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Fault:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Fault("the name is given twice", key)
        seen.add(key)
    return dict(pairs)


def _marked_float(text: str) -> float | _Fault:
    number = float(text)
    return _Fault("the number is out of range") if math.isinf(number) else number


def _marked_int(text: str) -> int | _Fault:
    if -_INT64 <= _whole(text) < _INT64:
        return int(text)
    return _Fault("the number is out of range")


_SLOW = json.JSONDecoder(
    object_pairs_hook=_marked_pairs,
    parse_constant=lambda name: _Fault(f"{name} is no JSON number"),
    parse_float=_marked_float,
    parse_int=_marked_int,
)
