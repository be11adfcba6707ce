"""Days as people know them: EDTF (ISO 8601-2) text and the days that it can mean."""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from edtf.parser.parser_classes import (
    DateAndTime,
    EDTFObject,
    LongYear,
    MultipleDates,
    OneOfASet,
)

FIRST_YEAR, LAST_YEAR = 1800, 2199  # an event outside is a typing mistake

_PLAIN = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?[~?%]?")
_FOREIGN = (DateAndTime, LongYear, OneOfASet, MultipleDates)  # EDTF, but no one day or span of days


class Span(NamedTuple):
    """The possible days of an event, both inclusive; None where that side is open."""

    earliest: date | None
    latest: date | None

    @property
    def exact(self) -> bool:
        """Whether only one day is possible."""
        return self.earliest is not None and self.earliest == self.latest


@lru_cache(maxsize=65_536)
def span(text: str) -> Span:
    """Give the possible days of an EDTF date.

    Raises:
        ValueError: the text is no EDTF date, or none that names days; the message says how to
            write one.
    """
    found = _plain(text) or _general(text)
    for day in found:
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(f"'{text}' lies outside {FIRST_YEAR}-{LAST_YEAR}")
    if found == (None, None):
        raise ValueError("a date open at both ends says nothing; write null for an unknown date")
    if found.earliest and found.latest and found.latest < found.earliest:
        raise ValueError(f"'{text}' ends before it begins")
    return found


def _plain(text: str) -> Span | None:
    """Read a year, month or day, which nearly all dates are; the parser takes milliseconds."""
    if not (match := _PLAIN.fullmatch(text)):
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"'{text}' is not in the calendar") from None
    if day:
        return Span(first, first)
    if month:
        return Span(first, first.replace(day=monthrange(first.year, month)[1]))
    return Span(first, date(first.year, 12, 31))


def _general(text: str) -> Span:
    if len(text) > 50:  # noqa: PLR2004 - the longest sensible interval has 25 characters
        raise ValueError("a date has at most 50 characters")
    try:
        parsed = parse_edtf(text)
    except EDTFParseException:
        raise ValueError(
            f"'{text}' is no EDTF date; write a day as 2025-11-14, a month as 2025-11, the third"
            " quarter as 2025-35, a span as 2025-07/2025-09, 'by then' as ../2025-07-17"
        ) from None
    if isinstance(parsed, _FOREIGN):
        raise ValueError(f"'{text}' is EDTF, but no single day, month, season, year or span")  # noqa: TRY004
    return Span(_bound(parsed, text, -1), _bound(parsed, text, +1))


def _bound(parsed: EDTFObject, text: str, side: int) -> date | None:
    start, _, end = text.partition("/")
    if "/" in text and (start if side < 0 else end) in ("..", ""):
        return None
    strict = parsed.lower_strict() if side < 0 else parsed.upper_strict()
    return date(*strict[:3])


def latest_from(text: str, recorded: date) -> date:
    """Give the last possible day as far as one could know on the day of recording."""
    found = span(text)
    if found.latest is not None:
        return found.latest
    assert found.earliest is not None  # noqa: S101 - span() refuses a date open at both ends
    return max(found.earliest, recorded)


def days_between(first: date, last: date) -> int:
    """Count the days from `first` to `last`."""
    return (last - first) // timedelta(days=1)
