"""What subjects are called: keys for ever, aliases for now."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import NamedTuple
from uuid import UUID

from anyascii import anyascii

LONGEST = 100
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Subject(NamedTuple):
    """What events are about. Its key never changes and is never another's."""

    id: UUID
    kind: str
    key: str


def is_key(text: str) -> bool:
    """Tell whether a text could be a key."""
    return len(text) <= LONGEST and bool(_KEY.fullmatch(text))


def is_id(text: str) -> bool:
    """Tell whether a text is a UUID as we write it."""
    return bool(_UUID.fullmatch(text))


@lru_cache(maxsize=65_536)
def fold(name: str) -> str:
    """Give what two spellings of one name have in common."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def slug(title: str) -> str:
    """Make a key of a title in any script; never empty."""
    words = re.findall(r"[a-z0-9]+", anyascii(title).lower())
    return "-".join(words)[:60].strip("-") or "subject"


def numbered(base: str) -> Iterator[str]:
    """Give the keys to try, the plain one first."""
    yield base
    yield from (f"{base}-{number}" for number in count(2))
