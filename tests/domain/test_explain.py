"""Why a state is as it is: the events behind every field, and what they replaced."""

from datetime import date

from domain.explain import Correction, Explanation, explain
from tests.domain.story import PARTNERSHIP, SERVICE, Story, given, source

FIRST = {"target": {"position": 1}}


def explained(story: Story, day: str = "2026-06-30") -> dict[str, Explanation]:
    """Give the explanations by field."""
    return {one.field: one for one in explain(story.history, date.fromisoformat(day))}


def told(one: Explanation) -> list[tuple[object, int]]:
    """Give the values and positions of the tellings, the latest first."""
    return [(each.value, each.fact.position) for each in one.tellings]


def grown() -> Story:
    """Give a service on test at L3 since 2024, launched at L4 in May 2025."""
    tested = given("service").log("service.testing_started", "2024", {**SERVICE, "level": "L3"})
    return tested.log("service.launched", "2025-05-01", {"level": "L4"}, sources=[source()])


def test_a_field_is_explained_by_the_event_behind_it_and_what_it_replaced() -> None:
    """Each field by its own events; what no later event told rests on the first."""
    found = explained(grown())
    assert (found["level"].value, found["level"].position) == ("L4", 2)
    assert found["level"].replaced == found["level"].tellings[1]
    assert told(found["level"]) == [("L4", 2), ("L3", 1)]
    assert told(found["stage"]) == [("launched", 2), ("testing", 1)]
    assert (found["operators"].position, found["operators"].replaced) == (1, None)
    assert found["level"].tellings[0].fact.sources[0].title == "A page"


def test_the_stage_comes_first_then_the_fields_as_declared() -> None:
    """As a person reads them; fields that nobody told are left out."""
    promised = grown().log(
        "target.set", "2025-05-01", {"milestone": "fleet", "target_date": "2027"}
    )
    assert [*explained(promised)] == [
        *("stage", "operators", "places", "vehicle_kinds", "level", "target:fleet")
    ]


def test_only_what_counts_by_the_day_and_is_known_explains() -> None:
    """Neither a later event nor one recorded later."""
    assert told(explained(grown(), "2024-12-31")["level"]) == [("L3", 1)]
    assert explain(grown().history, date(2023, 12, 31)) == ()
    assert told(explained(Story(grown().history.at(1)))["level"]) == [("L3", 1)]
    late = grown().log("service.expanded", "2024-06-01", {"level": "L2"})
    assert told(explained(late)["level"]) == [("L4", 2), ("L2", 3), ("L3", 1)]


def test_the_same_value_told_again_replaces_nothing() -> None:
    """The later event stands behind it; what was replaced is the last other value."""
    again = grown().log("service.expanded", "2025-06-01", {"level": "L4"})
    assert told(explained(again)["level"]) == [("L4", 3), ("L4", 2), ("L3", 1)]
    replaced = explained(again)["level"].replaced
    assert replaced
    assert (replaced.value, replaced.fact.position) == ("L3", 1)


def test_a_correction_is_told_where_it_changed_the_value_or_the_date() -> None:
    """With what was before; one of another field, or of sources only, is not."""
    story = grown().log("event.corrected", None, {"target": {"position": 2}, "occurred_on": "2025"})
    story = story.log("event.corrected", None, {"target": {"position": 2}, "data": {"level": "L5"}})
    story = story.log(
        "event.corrected", None, {"target": {"position": 2}, "sources": [source("denies")]}
    )
    found = explained(story)
    assert found["level"].tellings[0].corrections == (
        Correction(3, "L4", "2025-05-01"),
        Correction(4, "L4", "2025"),
    )
    assert found["stage"].tellings[0].corrections == (Correction(3, "launched", "2025-05-01"),)
    assert found["level"].tellings[0].fact.corrections == (3, 4, 5)
    assert found["level"].value == "L5"


def test_a_retracted_correction_explains_nothing() -> None:
    """And a corrected one by what it says now."""
    story = grown().log(
        "event.corrected", None, {"target": {"position": 2}, "data": {"level": "L5"}}
    )
    gone = story.log("event.retracted", None, {"target": {"position": 3}})
    assert told(explained(gone)["level"]) == [("L4", 2), ("L3", 1)]
    assert explained(gone)["level"].tellings[0].corrections == ()
    other = {"target": {"position": 2}, "data": {"level": "L4", "details": "x"}}
    again = story.log("event.corrected", None, {"target": {"position": 3}, "data": other})
    assert explained(again)["level"].tellings[0].corrections == ()


def test_a_list_is_explained_by_all_that_added_to_it_or_took_from_it() -> None:
    """The parties of a partnership rest on who formed, joined and left it."""
    formed = given("partnership").log("partnership.formed", "2025", PARTNERSHIP)
    joined = formed.log("partnership.party_joined", "2025-06", {"party": {"organization": "rta"}})
    left = joined.log("partnership.party_left", "2025-07", {"party": {"organization": "uber"}})
    parties = explained(left)["parties"]
    names = [[party.organization for party in one.value] for one in parties.tellings]  # type: ignore[attr-defined] # parties
    assert names == [["weride", "rta"], ["weride", "uber", "rta"], ["weride", "uber"]]
    assert [one.fact.position for one in parties.tellings] == [3, 2, 1]


def test_a_promise_is_explained_by_every_turn_it_took() -> None:
    """Moved after it was set: from what date to what date."""
    set_ = grown().log("target.set", "2025-06-01", {"milestone": "fleet", "target_date": "2026"})
    moved = set_.log("target.moved", "2025-07-01", {"milestone": "fleet", "target_date": "2027"})
    promise = explained(moved)["target:fleet"]
    assert [one.value.target_date for one in promise.tellings] == ["2027", "2026"]  # type: ignore[attr-defined] # targets
    assert [one.fact.position for one in promise.tellings] == [4, 3]


def test_a_duplicate_says_by_which_event_it_is_one() -> None:
    """The merge that stands."""
    merged = grown().log("subject.merged", None, {"into": "other"})
    assert told(explained(merged)["merged_into"]) == [("other", 3)]
    assert "merged_into" not in explained(merged.log("subject.unmerged", None))
