"""What a value may be at the door, and how a reference becomes a key."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from domain.event import event_class
from domain.parties import Party
from domain.places import Place
from domain.references import References, Unresolved
from domain.vocabulary import Source
from tests.domain.story import PARTNERSHIP, PERMIT, SERVICE, SITE, payload

Data = dict[str, Any]


def located(refused: pytest.ExceptionInfo[ValidationError]) -> tuple[str, ...]:
    """Give the field that is wrong, without the branch of a union."""
    return tuple(str(part) for part in refused.value.errors()[0]["loc"])


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("partnership.formed", {"parties": [{"organization": "weride"}]}, "parties"),
        ("partnership.formed", {"parties": [{"mention": "A"}, {"mention": "a"}]}, "parties"),
        ("partnership.formed", {"parties": [{"role": "developer"}]}, "parties"),
        ("partnership.formed", {"parties": []}, "parties"),
        ("partnership.formed", {"mode": "friendship"}, "mode"),
        ("partnership.formed", {"autonomy_level": "L6"}, "autonomy_level"),
        ("partnership.formed", {"probability": 101}, "probability"),
        ("partnership.formed", {"probability": "20"}, "probability"),
        ("partnership.formed", {"value": {"amount": 5, "currency": "USD"}}, "value"),
        ("partnership.formed", {"value": {"amount": "-5", "currency": "USD"}}, "value"),
        ("partnership.formed", {"value": {"amount": "5", "currency": "EUX"}}, "value"),
        ("partnership.formed", {"next_step_on": "soon"}, "next_step_on"),
        ("partnership.formed", {"details": " \n"}, "details"),
        ("partnership.formed", {"colour": "red"}, "colour"),
        ("service.launched", {"places": [{"country": "UK"}]}, "places"),
        ("service.launched", {"places": [{"country": "AE", "region": "Asia"}]}, "places"),
        ("service.launched", {"places": [{"city": "Dubai"}]}, "places"),
        ("service.launched", {"places": [{"country": "AE", "subdivision": "DE-BY"}]}, "places"),
        ("service.launched", {"places": [{"region": "Middle Earth"}]}, "places"),
        ("service.launched", {"places": [{"country": "AE", "lat": 91}]}, "places"),
        ("service.launched", {"fleet": {"unit": "vehicles"}}, "fleet"),
        ("service.launched", {"fleet": {"min": 9, "max": 3, "unit": "vehicles"}}, "fleet"),
        ("service.launched", {"route_km": -1}, "route_km"),
        ("service.launched", {"fleet": {"value": 10**400, "unit": "vehicles"}}, "fleet"),
        ("service.launched", {"fleet": {"value": -(2**53), "unit": "vehicles"}}, "fleet"),
        ("service.launched", {"vehicle_kinds": []}, "vehicle_kinds"),
        ("service.resumed", {"stage": "suspended"}, "stage"),
        ("permit.granted", {"jurisdictions": [{"level": "galactic"}]}, "jurisdictions"),
        ("permit.granted", {"valid_until": "2025-02-30"}, "valid_until"),
        ("site.relocated", {"stays": "R&D", "what_stays": "R&D", "to": {"country": "DE"}}, ""),
        ("site.relocated", {"from": {"country": "DE"}}, "to"),
        ("organization.registered", {"website": "ftp://x"}, "website"),
        ("organization.alias_added", {}, ""),
        ("indicator.reported", {"measure": "m"}, ""),
    ],
)
def test_what_breaks_a_limit_is_refused_where_it_breaks_it(
    name: str, data: Data, field: str
) -> None:
    """The location is what a client can point to."""
    with pytest.raises(ValidationError) as refused:
        payload(name, name.partition(".")[0], data)
    assert field in located(refused) or field == ""


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("partnership.formed", PARTNERSHIP),
        ("service.launched", SERVICE),
        ("permit.granted", PERMIT),
        ("site.relocated", {**SITE, "to": {"country": "DE"}, "what_stays": "R&D"}),
        ("site.relocated", {**SITE, "to": {"country": "DE"}, "stays": "R&D"}),
        ("service.launched", {"operators": [{"mention": "A firm"}, "weride"]}),
        ("service.launched", {"fleet": {"min": 3, "unit": "vehicles", "qualifier": "in 2026"}}),
    ],
)
def test_what_is_given_is_what_is_stored(name: str, data: Data) -> None:
    """Neither defaults nor other spellings creep in."""
    assert json.loads(payload(name, name.partition(".")[0], data).to_json()) == data


@pytest.mark.parametrize(("wrong", "hint"), [("United Arab", "United"), ("Europa", "Europe")])
def test_a_near_miss_is_helped(wrong: str, hint: str) -> None:
    """Somebody who writes nearly the right word is told it."""
    with pytest.raises(ValidationError, match=hint if hint == "Europe" else "no UN M49 region"):
        payload("service.launched", "service", {"places": [{"region": wrong}]})


# ── references ───────────────────────────────────────────────────────────────────────────────────


def test_references_are_gathered_resolved_and_stored_as_keys() -> None:
    """A mention is never resolved: it is stored as it was written."""
    data = json.dumps({"operators": ["文远知行", {"mention": "Somebody"}]}).encode()
    launched = event_class("service.launched", "service")
    first = References()
    launched.admit(data, first)
    assert first.seen == {("organization", "文远知行")}
    known = References(resolved={("organization", "文远知行"): "weride"})
    stored = json.loads(launched.admit(data, known).to_json())
    assert stored == {"operators": ["weride", {"mention": "Somebody"}]}


def test_a_reference_that_means_nothing_is_refused_in_its_place() -> None:
    """In the words of whoever looked it up."""
    unknown = References(resolved={("organization", "apple"): Unresolved("two are called so")})
    with pytest.raises(ValidationError, match="two are called so") as refused:
        event_class("incident.occurred", "incident").admit(b'{"organization":"apple"}', unknown)
    assert located(refused)[0] == "organization"


def test_two_parties_that_turn_out_to_be_one_are_refused() -> None:
    """An alias and a key of the same organization make no partnership."""
    data = {"parties": [{"organization": "weride"}, {"organization": "WeRide"}]}
    formed = event_class("partnership.formed", "partnership")
    formed.admit(json.dumps(data).encode(), References())
    known = References(resolved={("organization", "WeRide"): "weride"})
    with pytest.raises(ValidationError, match="two different parties"):
        formed.admit(json.dumps(data).encode(), known)


# ── places, parties, sources ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "contradicts"),
    [
        ({"country": "DE"}, {"country": "DE", "city": "Munich"}, False),
        ({"country": "DE", "city": "MUNICH"}, {"country": "DE", "city": "munich"}, False),
        ({"country": "DE", "city": "Munich"}, {"country": "DE", "city": "Berlin"}, True),
        ({"country": "DE", "city": "Munich"}, {"country": "DE", "city": "MÜNCHEN"}, False),
        ({"country": "DE", "city": "Köln"}, {"country": "DE", "city": "Munich"}, True),
        ({"country": "DE", "city": "Schönefeld"}, {"country": "DE", "city": "Schonefeld"}, False),
        ({"country": "AE", "city": "أبوظبي"}, {"country": "AE", "city": "Abu Dhabi"}, False),
        ({"country": "CN", "city": "深圳"}, {"country": "CN", "city": "Shenzhen"}, False),
        ({"country": "DE"}, {"country": "AT"}, True),
        ({"region": "Europe"}, {"country": "DE"}, False),
        ({"country": "DE", "lat": 48.1}, {"country": "DE", "lat": 48.2}, False),
    ],
)
def test_places_contradict_only_in_a_field_that_both_give(
    one: Data, other: Data, *, contradicts: bool
) -> None:
    """After case folding; coordinates are never equal to the last digit."""
    assert Place(**one).contradicts(Place(**other)) is contradicts


def test_a_party_is_its_key_or_its_folded_mention() -> None:
    """The same name written otherwise is the same party."""
    assert Party(mention="Uber AG").identity == Party(mention="UBER ag").identity
    by_key = Party.model_validate_json('{"organization": "uber"}', context=References())
    assert by_key.identity != Party(mention="uber").identity


@pytest.mark.parametrize(
    ("confidence", "weak"),
    [
        ("confirmed", False),
        ("probable", False),
        ("possible", True),
        ("doubtful", True),
        (None, False),
    ],
)
def test_a_weak_source_is_one_that_says_so(confidence: Any, *, weak: bool) -> None:  # noqa: ANN401 - a literal
    """A source of which nobody said how sure it is counts as any other."""
    assert Source(title="A page", confidence=confidence).weak is weak
