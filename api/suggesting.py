"""Guess a mapping from the headers of a spreadsheet: a beginning, which people mend."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from api import labels
from domain.event import events, kinds
from journal.mapping import Column, SheetMapping, Types
from journal.sheets import Sheet
from projections.languages import LANGUAGES, words

_DEFAULT_TYPE = "partnership.formed"
_WHO = ("parties", "operators", "holders", "organizations", "investee", "organization")
_COUNTRY = ("markets.country", "places.country", "place.country", "jurisdictions.place.country")
_CITY = ("markets.city", "places.city", "place.city")
# What people call columns beside the names of fields; the rest is found by labels.
_USUAL: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("date", "when", "day", "occurred", "日期", "时间"): ("occurred_on",),
    ("id", "no", "number", "row", "编号", "序号"): ("ref",),
    ("company", "developer", "firm", "公司", "企业", "我方"): _WHO,
    ("counterparty", "partner", "with", "合作伙伴", "对方", "对手方"): (
        "parties",
        "investors",
        "partners",
    ),
    ("country", "market", "国家", "市场"): _COUNTRY,
    ("city", "town", "城市"): _CITY,
    ("notes", "details", "summary", "comment", "备注", "说明"): ("details",),
    ("kind", "mode or kind", "模式"): ("mode", "vehicle_kinds", "activity", "purposes"),
    ("level", "autonomy", "等级"): ("autonomy_level", "level"),
    ("source", "source title", "来源"): ("sources.title",),
    ("link", "url", "source url", "source address", "网址", "链接"): ("sources.url",),
    ("publisher", "媒体"): ("sources.publisher",),
    ("value", "deal value", "金额"): ("value", "money"),
}
_CLOSE = 0.8  # how alike a type must be: `org.founded` is, to organization.founded
_SPLIT = ";"


def suggested(sheet: Sheet) -> SheetMapping:
    """Give the likeliest mapping of the columns of a sheet."""
    types = _types(sheet)
    taken = types.column if types else None
    columns = [
        Column(column=name, to=to, split=_split(sheet, name))
        for name in sheet.columns
        if name != taken and (to := _fields(name))
    ]
    return SheetMapping(type=types or _DEFAULT_TYPE, columns=tuple(columns))


def _types(sheet: Sheet) -> Types | None:
    """Find the column of which most values are types of events, or nearly so."""
    for column in sheet.columns:
        told = list(dict.fromkeys(filter(None, (row.cells.get(column) for row in sheet.rows))))
        if not any(one in events() for one in told[:50]):
            continue
        near = {
            one: get_close_matches(one, events(), 1, _CLOSE) for one in told if one not in events()
        }
        values = {one: found[0] for one, found in near.items() if found}
        return Types(column=column, values=dict(list(values.items())[:500]))
    return None


def _fields(header: str) -> tuple[str, ...]:
    folded = " ".join(header.replace("_", " ").casefold().split())
    for names, fields in _USUAL.items():
        if folded in names:
            return fields
    found = get_close_matches(folded, _labels(), 1, 0.85)
    return _labels()[found[0]] if found else ()


@cache
def _labels() -> dict[str, tuple[str, ...]]:
    """Give fields by what they are called, in every language."""
    found = _called("occurred_on") | _called("reason")
    for kind in kinds().values():
        for name in kind.facts.model_fields:
            found |= _called(name)
    return found


def _called(name: str) -> dict[str, tuple[str, ...]]:
    told = [labels.plain(name)]
    told += [found[0] for one in LANGUAGES if (found := words(one).find("fields", name))]
    return {label.casefold(): (name,) for label in told}


def _split(sheet: Sheet, column: str) -> str | None:
    return _SPLIT if any(_SPLIT in row.cells.get(column, "") for row in sheet.rows) else None


def samples(sheet: Sheet, column: str) -> list[str]:
    """Give the first different values of a column."""
    told = (row.cells.get(column, "") for row in sheet.rows)
    return list(dict.fromkeys(filter(None, told)))[:3]
