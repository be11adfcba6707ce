"""Days as people know them: EDTF (ISO 8601-2) text and the days that it can mean."""

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1800, 2199  # an event outside is a typing mistake

_OPEN = ("", "..")
_PART = re.compile(
    r"[~?%]?(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX)[~?%]?"
    r"(-[~?%]?(?P<month>[0-9]{2}|XX)[~?%]?(-[~?%]?(?P<day>[0-9]{2}|XX)[~?%]?)?)?"
)
# What stands in the place of a month: the first month of a season and the number of its months.
# A winter begins in the December of its year. 25-32 name a hemisphere, which a place tells too.
_SEASONS = {
    **{21 + i: (3 + 3 * i, 3) for i in range(4)},
    **{33 + i: (1 + 3 * i, 3) for i in range(4)},
    **{37 + i: (1 + 4 * i, 4) for i in range(3)},
    **{40 + i: (1 + 6 * i, 6) for i in range(2)},
}


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
    start, slash, end = text.partition("/")
    if not slash:
        return Span(*_days(text))
    earliest = None if start in _OPEN else _days(start)[0]
    latest = None if end in _OPEN else _days(end)[1]
    if earliest is latest is None:
        raise ValueError("a date open at both ends says nothing; write null for an unknown date")
    if earliest and latest and latest < earliest:
        raise ValueError(f"'{text}' ends before it begins")
    return Span(earliest, latest)


def check_date(text: str) -> None:
    """Let in what is a date and lies within reach.

    Raises:
        ValueError: with a message for people.
    """
    for day in span(text):
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(f"'{text}' lies outside {FIRST_YEAR}-{LAST_YEAR}")


def latest_from(text: str, recorded: date) -> date:
    """Give the last possible day as far as one could know on the day of recording."""
    earliest, latest = span(text)
    return latest or max(earliest or recorded, recorded)


def _days(text: str) -> tuple[date, date]:
    """Give the first and the last day of a date that is no interval."""
    if not (found := _PART.fullmatch(text)):
        raise ValueError(
            f"'{text[:50]}' is no EDTF date; write a day as 2025-11-14, a month as 2025-11, the"
            " third quarter as 2025-35, the first half of a year as 2025-40, a span as"
            " 2025-07/2025-09, 'by then' as ../2025-07-17"
        )
    year, month, day = found["year"], found["month"], found["day"]
    try:
        if month and month.isdigit():
            return _of_month(int(year), int(month), day)
        return _of_years(year, day)
    except ValueError:
        raise ValueError(f"'{text}' is not in the calendar") from None


def _of_years(year: str, day: str | None) -> tuple[date, date]:
    if day and day.isdigit():
        raise ValueError(day)  # a day of an unknown month may be any day: write the year alone
    return date(int(year.replace("X", "0")), 1, 1), date(int(year.replace("X", "9")), 12, 31)


def _of_month(year: int, month: int, day: str | None) -> tuple[date, date]:
    if day and day.isdigit():
        return (exact := date(year, month, int(day))), exact
    first, months = _SEASONS.get(month, (month, 1)) if day is None else (month, 1)
    later, last = divmod(first + months - 2, 12)
    length = monthrange(year + later, last + 1)[1]
    return date(year, first, 1), date(year + later, last + 1, length)
