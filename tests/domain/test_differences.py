"""What is different between two looks, and which events made the difference."""

from datetime import date

import pytest

from domain.differences import Sight, differences
from tests.domain.story import PARTNERSHIP, SERVICE, Story, given, source

FIRST, SECOND = {"target": {"position": 1}}, {"target": {"position": 2}}
MAY, JULY = "2025-05-15", "2025-07-15"


def sight(story: Story, day: str, known: int | None = None) -> Sight:
    """Look at a subject on a day, as known at a position."""
    history = story.history if known is None else story.history.at(known)
    return Sight(history, date.fromisoformat(day))


def found(before: Sight, after: Sight) -> dict[str, tuple[object, object, tuple[int, ...]]]:
    """Give by field what was, what is, and what made it so."""
    told = differences(before, after)
    return {one.field: (one.before, one.after, one.made_by) for one in told}


def believed(story: Story, known: int, day: str = JULY) -> dict[str, tuple[object, ...]]:
    """Give how what is known about a day differs from what was known at a position."""
    return {**found(sight(story, day, known), sight(story, day))}


def running() -> Story:
    """Give a service on test at L3 from March 2025, launched at L4 on the first of June."""
    tested = given("service").log(
        "service.testing_started", "2025-03-01", {**SERVICE, "level": "L3"}
    )
    return tested.log("service.launched", "2025-06-01", {"level": "L4"})


# ── the world ────────────────────────────────────────────────────────────────────────────────────


def test_two_days_differ_by_what_happened_in_between() -> None:
    """Field by field; what stayed is not told."""
    one, other = sight(running(), MAY), sight(running(), JULY)
    assert found(one, other) == {
        "stage": ("testing", "launched", (2,)),
        "level": ("L3", "L4", (2,)),
    }
    assert found(one, one) == {}
    assert differences(one, other)[0].behind == (1, 2)


def test_days_may_be_compared_backwards() -> None:
    """The same event makes the difference."""
    assert found(sight(running(), JULY), sight(running(), MAY)) == {
        "stage": ("launched", "testing", (2,)),
        "level": ("L4", "L3", (2,)),
    }


def test_what_begins_differs_in_every_field() -> None:
    """From nothing; and back to nothing."""
    appeared = found(sight(running(), "2025-02-28"), sight(running(), MAY))
    assert appeared["stage"] == (None, "testing", (1,))
    assert [*appeared] == ["stage", "operators", "places", "vehicle_kinds", "level"]
    gone = found(sight(running(), MAY), sight(running(), "2025-02-28"))
    assert gone["level"] == ("L3", None, (1,))


def test_of_several_events_only_those_that_matter_are_told() -> None:
    """What was overwritten in between made no difference; what was added up did."""
    again = running().log("service.expanded", "2025-06-02", {"level": "L5"})
    assert found(sight(again, MAY), sight(again, JULY))["level"] == ("L3", "L5", (3,))
    formed = given("partnership").log("partnership.formed", "2025-05-01", PARTNERSHIP)
    for day, name in (("2025-06-01", "rta"), ("2025-06-02", "tawasul")):
        formed = formed.log("partnership.party_joined", day, {"party": {"organization": name}})
    parties = found(sight(formed, MAY), sight(formed, JULY))["parties"]
    assert parties[2] == (2, 3)


def test_a_doubt_is_told_by_the_event_that_brought_or_settled_it() -> None:
    """One that passes with its last day is made by no event, and no difference."""
    planned = given("service").log("service.announced", "2025-06-01", SERVICE)
    story = planned.log("service.launched", "2025-07", SERVICE)
    assert found(sight(story, "2025-06-02"), sight(story, JULY)) == {
        "stage": ("announced", "launched", (2,)),
        "uncertain": (False, True, (2,)),
    }
    assert found(sight(story, JULY), sight(story, "2025-08-01")) == {}
    closed = story.log("service.suspended", "2025-07-20")
    assert found(sight(closed, JULY), sight(closed, "2025-07-25"))["uncertain"] == (
        *(True, False),
        (3,),
    )
    noted = story.log("note.added", "2025-07-31", {"details": "So it is"})
    assert found(sight(noted, JULY), sight(noted, "2025-08-01")) == {}


# ── belief ───────────────────────────────────────────────────────────────────────────────────────


def test_a_late_fact_changes_what_is_believed_of_its_days_only() -> None:
    """It is news on a day in May, not in July."""
    late = running().log("service.expanded", "2025-04-01", {"level": "L2"})
    assert believed(late, 2, MAY) == {"level": ("L3", "L2", (3,))}
    assert believed(late, 2) == {}


def test_a_subject_first_heard_of_later_appears() -> None:
    """Before its first event there was nothing to believe."""
    appeared = found(sight(running(), JULY, 0), sight(running(), JULY, 1))
    assert appeared["level"] == (None, "L3", (1,))


def test_a_correction_is_told_instead_of_what_it_corrects() -> None:
    """Of the value, or of the day; one that changed nothing seen is not told."""
    valued = running().log("event.corrected", None, {**SECOND, "data": {"level": "L5"}})
    assert believed(valued, 2) == {"level": ("L4", "L5", (3,))}
    dated = running().log("event.corrected", None, {**SECOND, "occurred_on": "2025-08-01"})
    assert believed(dated, 2) == {
        "stage": ("launched", "testing", (3,)),
        "level": ("L4", "L3", (3,)),
    }
    assert believed(dated, 2, "2025-08-02") == {}
    early = running().log("event.corrected", None, {**SECOND, "occurred_on": "2025-05-01"})
    assert believed(early, 2, MAY)["stage"] == ("testing", "launched", (3,))


def test_a_correction_of_what_a_sum_rests_on_is_told() -> None:
    """Parties rest on the first event too; a correction of something else beside it is not told."""
    formed = given("partnership").log("partnership.formed", "2025-05-01", PARTNERSHIP)
    joined = formed.log(
        "partnership.party_joined", "2025-06-01", {"party": {"organization": "rta"}}
    )
    other = {**PARTNERSHIP, "parties": [{"organization": "weride"}, {"organization": "bolt"}]}
    put_right = joined.log("event.corrected", None, {**FIRST, "data": other})
    assert believed(put_right, 2)["parties"][2] == (3,)
    details = formed.log(
        "event.corrected", None, {**FIRST, "data": {**PARTNERSHIP, "details": "x"}}
    )
    details = details.log(
        "partnership.party_joined", "2025-06-01", {"party": {"organization": "rta"}}
    )
    assert believed(details, 1)["parties"][2] == (3,)


def test_a_resumption_rests_on_what_was_suspended() -> None:
    """Withdraw the launch, and it resumed to a test."""
    story = running().log("service.suspended", "2025-06-10").log("service.resumed", "2025-06-20")
    gone = story.log("event.retracted", None, SECOND)
    assert believed(gone, 4)["stage"] == ("launched", "testing", (5,))


def test_a_retraction_is_told_and_so_is_its_undoing() -> None:
    """Of an event, of a correction, of a retraction."""
    gone = running().log("event.retracted", None, SECOND)
    assert believed(gone, 2)["stage"] == ("launched", "testing", (3,))
    back = gone.log("event.retracted", None, {"target": {"position": 3}})
    assert believed(back, 3)["stage"] == ("testing", "launched", (4,))
    assert believed(back, 2) == {}
    corrected = running().log("event.corrected", None, {**SECOND, "data": {"level": "L5"}})
    undone = corrected.log("event.retracted", None, {"target": {"position": 3}})
    assert believed(undone, 3) == {"level": ("L5", "L4", (4,))}


def test_a_correction_of_a_correction_is_told() -> None:
    """Where the first was known already, alone; else both made it."""
    story = running().log("event.corrected", None, {**SECOND, "data": {"level": "L5"}})
    other = {**SECOND, "data": {"level": "L2"}}
    again = story.log("event.corrected", None, {"target": {"position": 3}, "data": other})
    assert believed(again, 3) == {"level": ("L5", "L2", (4,))}
    assert believed(again, 2) == {"level": ("L4", "L2", (3, 4))}


def test_corrections_that_change_the_order_are_told() -> None:
    """The launch was in fact before the expansion that now has the last word."""
    story = running().log("service.expanded", "2025-05-01", {"level": "L2"})
    moved = story.log(
        "event.corrected", None, {"target": {"position": 3}, "occurred_on": "2025-06-15"}
    )
    assert believed(moved, 3) == {"level": ("L4", "L2", (4,))}


@pytest.mark.parametrize(
    ("name", "data", "sources"),
    [
        ("event.disputed", SECOND, [source("contradicts")]),
        ("evidence.added", SECOND, [source("denies")]),
        ("event.corrected", {**SECOND, "sources": [source("denies")]}, []),
    ],
)
def test_a_fact_that_became_contested_says_by_what(
    name: str, data: dict[str, object], sources: list[dict[str, object]]
) -> None:
    """And by what it is so no longer."""
    story = running().log(name, None, data, sources=sources)
    assert believed(story, 2) == {"contested": (False, True, (3,))}
    gone = story.log("event.retracted", None, {"target": {"position": 3}})
    assert believed(gone, 3) == {"contested": (True, False, (4,))}


def test_a_denied_rumour_is_contested_by_the_denial() -> None:
    """Though it names no claim; and a resolved dispute by its resolution."""
    rumour = given("service").log("claim.reported", "2025-05-01", SERVICE)
    denied = rumour.log("claim.denied", "2025-05-02", {})
    assert believed(denied, 1) == {"contested": (False, True, (2,))}
    settled = running().log("event.disputed", None, SECOND)
    settled = settled.log("event.dispute_resolved", None, SECOND)
    assert believed(settled, 3) == {"contested": (True, False, (4,))}


def test_a_record_that_turned_out_to_be_a_duplicate_says_by_what() -> None:
    """And that it is none after all."""
    merged = running().log("subject.merged", None, {"into": "other"})
    assert believed(merged, 2) == {"merged_into": (None, "other", (3,))}
    parted = merged.log("subject.unmerged", None)
    assert believed(parted, 3) == {"merged_into": ("other", None, (4,))}
    undone = merged.log("event.retracted", None, {"target": {"position": 3}})
    assert believed(undone, 3) == {"merged_into": ("other", None, (4,))}


# ── both ─────────────────────────────────────────────────────────────────────────────────────────


def test_another_day_in_another_state_of_knowledge() -> None:
    """The launch came by time, its level by a correction."""
    story = running().log("event.corrected", None, {**SECOND, "data": {"level": "L5"}})
    assert found(sight(story, MAY, 2), sight(story, JULY)) == {
        "stage": ("testing", "launched", (2,)),
        "level": ("L3", "L5", (2, 3)),
    }


def test_knowledge_may_be_compared_backwards() -> None:
    """From what is known now to what was believed."""
    story = running().log("event.corrected", None, {**SECOND, "data": {"level": "L5"}})
    assert found(sight(story, JULY), sight(story, JULY, 2)) == {"level": ("L5", "L4", (3,))}
