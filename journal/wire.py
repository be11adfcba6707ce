"""Read JSON from outside, strictly: one reading, for everybody, of what everybody understands.

`json.loads` alone takes keys given twice (and drops one), NaN, numbers that overflow to infinity,
U+0000 and halves of surrogate pairs. None of them may reach the journal.
"""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

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
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _examined(raw)
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _refuse_depth(document)  # first: what is very deep could not be written again to compare
    if _is_suspect(raw, document):
        return _examined(raw)
    return document


def canonical(document: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Give the one spelling of a document: sorted keys, no space."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


# ── the quick reading only notices ───────────────────────────────────────────────────────────────

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19  # no number with fewer digits in a row is beyond 64 bits


def _is_suspect(raw: bytes, document: Any) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether the quick reading may have taken what it should not.

    It takes the last of two members of one name, and one colon less remains than was sent: each
    member has one, texts keep theirs, and only an escape that begins with 00 spells
    one otherwise, as it does U+0000. Half a pair of surrogates is refused at once.
    """
    if b"\\u00" in raw or _LONG in raw.translate(_ZEROS):
        return True
    return orjson.dumps(document).count(b":") != raw.count(b":")


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


def _examined(raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        document = _SLOW.decode(raw.decode())
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise Unreadable(f"{error.msg} at {line}column {error.colno}") from None
    except RecursionError:
        raise Hostile("", f"it is nested deeper than {DEEPEST} levels") from None
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
    if len(text) < 40 and -_INT64 <= int(text) < _INT64:  # noqa: PLR2004 - far beyond the range
        return int(text)
    return _Fault("the number is out of range")


_SLOW = json.JSONDecoder(
    object_pairs_hook=_marked_pairs,
    parse_constant=lambda name: _Fault(f"{name} is no JSON number"),
    parse_float=_marked_float,
    parse_int=_marked_int,
)
