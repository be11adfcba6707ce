"""Where a page ended: an opaque text that only the same kind of list understands."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from typing import Any

import orjson


class BadCursor(ValueError):
    """This cursor belongs to no page of this list."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def written(of_list: str, at: Sequence[Any]) -> str:
    """Write a cursor: which list, and the values by which it is sorted."""
    return urlsafe_b64encode(orjson.dumps([of_list, *at])).decode().rstrip("=")


def read(of_list: str, cursor: str, types: Sequence[type]) -> list[Any]:
    """Read a cursor.

    Raises:
        BadCursor: it is not one of this list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = orjson.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, Error):
        raise BadCursor from None
    match found:
        case [name, *values] if name == of_list and [type(value) for value in values] == [*types]:
            return values
    raise BadCursor
