"""How things are put into words, when they are read."""

from typing import Any

import pytest

from domain.event import events, kinds
from domain.telling import date_words, headline, listed, place_words, quantity_words, title

Data = dict[str, Any]
NAMES = {"weride": "WeRide", "uber": "Uber", "hkex": "HKEX", "un-r171": "un-r171"}
SWEDEN = {"country": "SE"}


def name(key: str) -> str:
    """Give an organization's name."""
    return NAMES.get(key, key)


@pytest.mark.parametrize(
    ("event", "facts", "line"),
    [
        (
            "partnership.formed",
            {"parties": [{"organization": "weride"}, {"mention": "A firm"}], "markets": [SWEDEN]},
            "WeRide and A firm work together in Sweden",
        ),
        (
            "permit.granted",
            {
                "holders": ["weride"],
                "activity": "testing_driverless",
                "valid_until": "2029-40",
                "jurisdictions": [{"level": "national", "place": SWEDEN}],
            },
            "WeRide may run driverless testing in Sweden until first half of 2029",
        ),
        (
            "organization.listed",
            {"name": "CiDi", "exchange": "hkex", "money": {"amount": "1422000", "currency": "HKD"}},
            "CiDi listed on HKEX, raising HKD 1,422,000",
        ),
        (
            "site.relocated",
            {
                "organizations": ["weride"],
                "purposes": ["regional_headquarters"],
                "from": SWEDEN,
                "to": {"country": "NL", "city": "Amsterdam"},
                "what_stays": "R&D stays",
            },
            "WeRide moved: regional headquarters from Sweden to Amsterdam, Netherlands (R&D stays)",
        ),
        (
            "indicator.reported",
            {"measure": "share", "operator": ">", "value": 65, "unit": "%", "period": "2025-35"},
            "share > 65 %, Q3 2025",
        ),
        ("service.launched", {"vehicle_kinds": ["robotaxi"]}, "? launched robotaxi"),
    ],
)
def test_a_headline_tells_what_is_known(event: str, facts: Data, line: str) -> None:
    """Groups drop out where nothing fills them; what must be there and is not is a `?`."""
    kind = kinds()[event.partition(".")[0]]
    assert headline(events()[event], kind, facts, name) == line


def test_a_universal_event_is_told_of_its_subject() -> None:
    """By the subject's title."""
    facts = {"parties": [{"organization": "weride"}, {"organization": "uber"}], "details": "So"}
    kind = kinds()["partnership"]
    assert headline(events()["note.added"], kind, facts, name) == "WeRide and Uber: So"
    assert title(kind, facts, name) == "WeRide and Uber"


def test_an_event_about_an_event_is_told_with_its_position_and_the_reason() -> None:
    """As they were written; what is not there drops out."""
    facts: Data = {"parties": [{"organization": "weride"}, {"organization": "uber"}]}
    kind, envelope = kinds()["partnership"], {"about": 1212, "reason": "Typing_mistake"}
    told = headline(events()["event.corrected"], kind, {**facts, **envelope, "details": "So"}, name)
    assert told == "Corrected: position 1212, WeRide and Uber: Typing_mistake; So"
    assert headline(events()["event.disputed"], kind, facts, name) == "Disputed: WeRide and Uber"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2025-11-14", "2025-11-14"),
        ("2025-11~", "about 2025-11"),
        ("2025-35", "Q3 2025"),
        ("2025-41~", "about second half of 2025"),
        ("2025-21", "spring 2025"),
        ("../2025-07-17", "by 2025-07-17"),
        ("2025-11/..", "from 2025-11"),
        ("2025-33/2025-34", "Q1 2025 to Q2 2025"),
    ],
)
def test_a_date_is_told_as_people_say_it(text: str, words: str) -> None:
    """Whatever form it has."""
    assert date_words(text) == words


def test_many_are_told_as_three_and_the_rest() -> None:
    """One line is one line."""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "a", ""]) == "a and b"
    assert listed("abcd") == "a, b, c and d"
    assert listed("abcdef") == "a, b, c and 3 more"


def test_places_and_quantities_are_told_shortly() -> None:
    """From the narrow to the wide, and with the doubt that was told."""
    assert place_words({"country": "AE", "subdivision": "AE-DU"}) == "Dubayy, United Arab Emirates"
    assert place_words({"region": "Europe"}) == "Europe"
    assert place_words({"country": "SG", "city": "Singapore"}) == "Singapore"
    assert quantity_words({"value": 3000, "unit": "cars", "qualifier": "~"}) == "about 3,000 cars"
    assert quantity_words({"min": 3, "max": 5, "unit": "cars"}) == "3 to 5 cars"
