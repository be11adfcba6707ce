"""The Chinese catalogue has a word for everything that a reader sees, and none for what is gone."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from api import labels
from api.catalogue import catalogue, roots
from api.problems import problems
from domain.event import events, kinds
from domain.telling import headline, slots, title
from projections.languages import tongue, words

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGLISH, CHINESE = (orjson.loads(catalogue(language)) for language in ("en", "zh"))
WORDS = words("zh").sections
SAME = {"SHA-256", "%"}  # what is written so in Chinese as well


def _is_chinese(text: str) -> bool:
    return text in SAME or bool(re.search("[\u4e00-\u9fff]", text))


def _told() -> Iterator[tuple[str, str]]:
    """Give every text for people in the catalogue, with where it stands."""
    for kind in CHINESE["kinds"]:
        for name in ("label", "plural", "description"):
            yield f"kind {kind['name']} {name}", kind[name]
        for stage in kind["stages"]:
            yield f"stage {kind['name']}.{stage['name']}", stage["label"]
        for action in kind["actions"]:
            for name in ("label", "happened", "description"):
                yield f"type {action['type']} {name}", action[name]
    for section, told in CHINESE["labels"].items():
        yield from ((f"{section} {word}", label) for word, label in told.items())
    for name, schema in CHINESE["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            yield f"field {name}.{field}", told["title"]
            yield f"help {name}.{field}", told.get("description", told["title"])
            yield from ((f"word {field}.{word}", label) for word, label in _labels(told))


def _labels(told: object) -> Iterator[tuple[str, str]]:
    if isinstance(told, dict):
        yield from told.get("x-labels", {}).items()
        told = list(told.values())
    if isinstance(told, list):
        for part in told:
            yield from _labels(part)


def test_everything_has_a_chinese_word() -> None:
    """Kinds, stages, types, fields, helps, words, roles, warnings: none falls back to English."""
    assert {where: text for where, text in _told() if not _is_chinese(text)} == {}
    assert problems().keys() - WORDS["problems"].keys() == set()


def test_no_word_is_left_over() -> None:
    """Every line of the catalogue is about something that there is."""
    stages = {(kind["name"], one["name"]) for kind in ENGLISH["kinds"] for one in kind["stages"]}
    fields = [
        (name, field, told)
        for name, schema in ENGLISH["schemas"].items()
        for field, told in schema.get("properties", {}).items()
    ]
    models = labels.models(roots())
    known = {
        "kinds": set(kinds()),
        "stages": {f"{kind}.{stage}" for kind, stage in stages} | {stage for _, stage in stages},
        "types": set(events()),
        "fields": {field for _, field, _ in fields}
        | {f"{labels.declaring(models[name], field)}.{field}" for name, field, _ in fields},
        "words": {
            name
            for _, field, told in fields
            for word, _ in _labels(told)
            for name in (word, f"{field}.{word}")
        },
        "problems": set(problems()),
        **{section: set(told) for section, told in ENGLISH["labels"].items()},
    }
    left = {
        section: told.keys() - known[section]
        for section, told in WORDS.items()
        if section != "free"
    }
    assert {section: names for section, names in left.items() if names} == {}


@pytest.mark.parametrize("name", events())
def test_a_chinese_headline_tells_what_the_english_one_does(name: str) -> None:
    """It has the same slots."""
    found = words("zh").find("types", name)
    assert sorted(slots(found[1])) == sorted(slots(events()[name].headline))


def test_chinese_titles_and_problems_tell_what_the_english_ones_do() -> None:
    """They have the same slots."""
    for kind in kinds().values():
        found = words("zh").find("kinds", kind.name)
        assert sorted(slots(found[1])) == sorted(slots(kind.title)), kind.name
    for name, (_, detail) in WORDS["problems"].items():
        assert _slots(detail) <= _slots(problems()[name].description), name


def _slots(text: str) -> set[str | None]:
    return {slot for _, slot, _, _ in Formatter().parse(text)} - {None}


CHINESE_LINES = (
    (
        "partnership.formed",
        {
            "parties": [{"organization": "WeRide"}, {"organization": "Uber"}],
            "markets": [{"country": "AE", "city": "Dubai"}, {"country": "SA"}],
        },
        "WeRide 和 Uber 达成合作，面向阿联酋迪拜和沙特",
    ),
    (
        "permit.granted",
        {
            "holders": ["文远知行"],
            "activity": "testing_driverless",
            "jurisdictions": [{"level": "state", "place": {"country": "US", "city": "San Jose"}}],
            "valid_until": "2026-34",
        },
        "文远知行获准在美国圣何塞开展无人路测，有效期至 2026 年第二季度",
    ),
    (
        "investment.made",
        {
            "investors": ["NEOM"],
            "investee": "Pony.ai",
            "money": {"amount": "100000000", "currency": "USD"},
        },
        "NEOM 投资 Pony.ai，1 亿美元",
    ),
    (
        "service.expanded",
        {
            "operators": ["Bayanat"],
            "vehicle_kinds": ["robotaxi", "robobus"],
            "fleet": {"min": 40, "max": 60, "unit": "vehicles", "qualifier": "~"},
        },
        "Bayanat 扩大无人驾驶出租车和无人驾驶巴士运营，达约 40 至 60 辆",
    ),
    (
        "tender.opened",
        {"buyer": "LTA", "object": "公交试点", "closing_on": "../2025-04-01"},
        "LTA 招标：公交试点，截至不晚于 2025 年 4 月 1 日",
    ),
)


@pytest.mark.parametrize(("name", "facts", "line"), CHINESE_LINES)
def test_a_line_reads_as_one_would_write_it(name: str, facts: dict[str, Any], line: str) -> None:
    """Lists, places, words, quantities, money and dates are told the Chinese way."""
    event = events()[name]
    assert event.kind
    assert headline(event, event.kind, facts, str, tongue("zh")) == line


def test_a_word_that_nobody_translated_is_told_in_english() -> None:
    """An unknown milestone and an unknown unit stay readable, and a title has its own form."""
    facts = {"milestone": "moon_landing", "quantity": {"value": 3, "unit": "rockets"}, "name": "X"}
    kind = kinds()["organization"]
    told = headline(events()["milestone.reached"], kind, facts, str, tongue("zh"))
    assert told == "X 达成 moon landing：3 rockets"
    center = {"organizations": ["XPeng"], "place": {"country": "DE", "city": "Munich"}}
    assert title(kinds()["rd_center"], center, str, tongue("zh")) == "XPeng 研发中心，德国慕尼黑"


def test_both_languages_give_forms_the_same_choices() -> None:
    """Only words differ: kinds, verbs, stages, fields and values are the same."""

    def bare(told: object) -> object:
        if isinstance(told, list):
            return [bare(one) for one in told]
        if not isinstance(told, dict):
            return told
        spoken = {"label", "plural", "happened", "title", "description", "headline", "language"}
        return {
            name: sorted(one) if name == "x-labels" else bare(one)
            for name, one in told.items()
            if name not in spoken or isinstance(one, dict)
        }

    english, chinese = (
        {**told, "labels": {section: sorted(one) for section, one in told["labels"].items()}}
        for told in (ENGLISH, CHINESE)
    )
    assert bare(english) == bare(chinese)
