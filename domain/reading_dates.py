"""Read dates as people write them, and give them as EDTF."""

import re
import unicodedata
from calendar import month_abbr, month_name
from collections.abc import Callable, Mapping

from domain.dates import check_date

_MONTHS = {
    name.casefold(): number
    for names in (month_name, month_abbr)
    for number, name in enumerate(names)
    if number
} | {"sept": 9}
_QUARTERS = {
    **{str(i): 32 + i for i in range(1, 5)},
    **dict(zip("一二三四", range(33, 37), strict=True)),
}
_ORDINALS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
_HALVES = {"1": 40, "2": 41, "上": 40, "下": 41}
# What nobody can say to the day: the third of the year that people mean by it.
_THIRDS = {"early": "01/{y}-04", "mid": "05/{y}-08", "late": "09/{y}-12"}
_THIRDS |= {
    "初": _THIRDS["early"],
    "年中": _THIRDS["mid"],
    "底": _THIRDS["late"],
    "末": _THIRDS["late"],
}
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
_SEASONS |= {"春": 21, "夏": 22, "秋": 23, "冬": 24}
_MONTH, _YEAR = "|".join(sorted(_MONTHS, key=len, reverse=True)), r"(?P<y>\d{4})"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"

Made = Callable[[Mapping[str, str]], str]


def _day(of: Mapping[str, str]) -> str:
    return f"{of['y']}-{int(of['m']):02}-{int(of['d']):02}"


def _month(of: Mapping[str, str]) -> str:
    return f"{of['y']}-{int(of['m']):02}"


def _named(of: Mapping[str, str]) -> str:
    numbered = {**of, "m": str(_MONTHS[of["m"]])}
    return _day(numbered) if of.get("d") else _month(numbered)


def _quarter(of: Mapping[str, str]) -> str:
    return f"{of['y']}-{_QUARTERS[str(_ORDINALS.get(of['q'], of['q']))]}"


def _half(of: Mapping[str, str]) -> str:
    return f"{of['y']}-{_HALVES[str(_ORDINALS.get(of['h'], of['h']))]}"


_FORMS: tuple[tuple[str, Made], ...] = (
    (rf"{_YEAR}年?", lambda of: of["y"]),
    (rf"{_YEAR}(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})", _day),
    (rf"{_YEAR}[-/.](?P<m>\d{{1,2}})", _month),
    (rf"(?P<m>\d{{1,2}})[/.]{_YEAR}", _month),
    (rf"(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.{_YEAR}", _day),
    (rf"{_YEAR}年(?P<m>\d{{1,2}})月", _month),
    (rf"{_YEAR}年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})[日号]", _day),
    (rf"(?P<m>{_MONTH})\.?,? {_YEAR}", _named),
    (rf"(?P<m>{_MONTH})\.? {_DAY},? {_YEAR}", _named),
    (rf"{_DAY} (?:of )?(?P<m>{_MONTH})\.?,? {_YEAR}", _named),
    (rf"{_YEAR} (?P<m>{_MONTH})", _named),
    (rf"{_YEAR}[- ]?q(?P<q>[1-4])", _quarter),
    (rf"q(?P<q>[1-4])[-/ ,]*{_YEAR}", _quarter),
    (rf"(?P<q>{'|'.join(_ORDINALS)}) quarter(?: of)? {_YEAR}", _quarter),
    (rf"{_YEAR}年?第?(?P<q>[一二三四1-4])季度?", _quarter),
    (rf"{_YEAR}[- ]?h(?P<h>[12])", _half),
    (rf"h(?P<h>[12])[-/ ,]*{_YEAR}", _half),
    (rf"(?P<h>first|second|1st|2nd) half(?: of)? {_YEAR}", _half),
    (rf"{_YEAR}年?(?P<h>[上下])半年", _half),
    (
        rf"(?P<w>early|mid|late)[- ](?:in )?{_YEAR}",
        lambda of: f"{of['y']}-{_THIRDS[of['w']].format_map(of)}",
    ),
    (rf"{_YEAR}年?(?P<w>初|年中|底|末)", lambda of: f"{of['y']}-{_THIRDS[of['w']].format_map(of)}"),
    (
        rf"{_YEAR}[- ](?P<w>early|mid|late)",
        lambda of: f"{of['y']}-{_THIRDS[of['w']].format_map(of)}",
    ),
    (rf"(?P<w>{'|'.join(_SEASONS)})(?: of)? {_YEAR}", lambda of: f"{of['y']}-{_SEASONS[of['w']]}"),
    (rf"{_YEAR}年?(?P<w>[春夏秋冬])[季天]?", lambda of: f"{of['y']}-{_SEASONS[of['w']]}"),
)
_READ = tuple((re.compile(pattern), made) for pattern, made in _FORMS)
_ABOUT = re.compile(
    r"^(?:about|around|approximately|approx\.?|circa|ca?\.?|约|大约|~) ?|(?:左右|前后|~)$"
)
_BY = re.compile(r"^(?:by|before|until|no later than|不晚于) |(?:之?前)$")
_SPAN = re.compile(r" ?(?:\u2013|\u2014| to | until |至|到) ?")
# Two numbers that both may be the month.
_EITHER = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")


def read_date(text: str) -> str:
    """Give the EDTF date that a text means.

    Raises:
        ValueError: nobody could tell for sure; the message says what to write.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    edtf = _spanned(plain)
    check_date(edtf)
    return edtf


def _spanned(plain: str) -> str:
    try:
        check_date(plain.upper())
    except ValueError:
        pass
    else:
        return plain.upper()
    for mark, form in ((_ABOUT, "{}~"), (_BY, "../{}")):
        if (rest := mark.sub("", plain)) != plain:
            return form.format(_one(rest))
    if len(ends := _SPAN.split(plain)) == 2:  # noqa: PLR2004 - from and to
        return "/".join(_one(end) for end in ends)
    return _one(plain)


def _one(plain: str) -> str:
    if found := _EITHER.fullmatch(plain):
        return _either(*found.groups())
    for pattern, made in _READ:
        if found := pattern.fullmatch(plain):
            return made(found.groupdict())
    raise ValueError(
        f"'{plain[:50]}' is no date that anybody reads alike; write 2025-11-14, 2025-11, Q3 2025,"
        " early 2026, Nov 2025 or 2025年11月"
    )


def _either(one: str, two: str, year: str) -> str:
    """Read day and month in whatever order, where only one makes sense."""
    first, second = int(one), int(two)
    if first != second and first <= 12 and second <= 12:  # noqa: PLR2004 - months
        raise ValueError(
            f"'{one}/{two}/{year}' may be {year}-{first:02}-{second:02} or"
            f" {year}-{second:02}-{first:02}; write which"
        )
    month, day = (second, first) if first > 12 else (first, second)  # noqa: PLR2004 - as above
    return f"{year}-{month:02}-{day:02}"
