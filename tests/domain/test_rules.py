"""What a rule refuses, and what it merely finds unusual."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.event import event_class, events, kinds
from domain.refusals import (
    AlreadySuspended,
    EndsBeforeStart,
    NoSuchParty,
    NotThere,
    StageTooLow,
    SubjectEnded,
    TooFewParties,
)
from domain.subject import ENDS
from tests.domain.story import CENTER, PARTNERSHIP, PERMIT, SERVICE, SITE, Story, given

Data = dict[str, Any]
MUNICH, BERLIN = {"country": "DE", "city": "Munich"}, {"country": "DE", "city": "Berlin"}


def launched() -> Story:
    """Give a service that runs since May 2025."""
    return given("service").log("service.launched", "2025-05-01", SERVICE)


# ── stages ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("service.testing_started", "testing"),
        ("service.pilot_started", "pilot"),
        ("site.production_started", "producing"),
        ("partnership.negotiation_started", "negotiating"),
        ("partnership.mou_signed", "mou"),
        ("rd_center.opened", "open"),
        ("rd_center.confirmed", "open"),
        ("site.opened", "open"),
        ("site.confirmed", "open"),
        ("permit.confirmed", "granted"),
        ("permit.renewed", "granted"),
        ("permit.reinstated", "granted"),
    ],
)
def test_some_stages_have_a_name_of_their_own(name: str, stage: str) -> None:
    """The exceptions of the domain page, one by one."""
    assert events()[name].leads_to == stage


@pytest.mark.parametrize(
    "word",
    [
        *("expanded", "downsized", "relocated", "amended", "driver_removed", "closure_announced"),
        *("party_joined", "party_left", "cause_revised", "alias_added", "renamed"),
    ],
)
def test_some_events_change_no_stage(word: str) -> None:
    """Whatever kind they are of."""
    same = [event for name, event in events().items() if name.endswith(f".{word}")]
    assert same
    assert all(event.leads_to is None for event in same)


def test_the_stages_that_end_a_life_are_those_of_the_domain_page() -> None:
    """Each is reached by an event, or it would be a spelling mistake."""
    assert {event.leads_to for event in events().values() if event.ends()} == ENDS


def test_a_resumption_returns_to_the_stage_before_the_suspension() -> None:
    """Unless it says which, even a lower one."""
    closed = launched().log("service.suspended", "2025-06-01")
    assert closed.log("service.resumed", "2025-07-01").stage() == "launched"
    assert closed.log("service.resumed", "2025-07-01", {"stage": "testing"}).stage() == "testing"


def test_a_resumption_of_what_was_never_known_to_run_is_unknown() -> None:
    """Nothing is guessed."""
    closed = given("service").log("service.suspended", "2025-06-01", SERVICE)
    assert closed.log("service.resumed", "2025-07-01").stage() == "unknown"
    again = given("service").log("service.resumed", "2025-07-01", SERVICE)
    assert (again.stage(), again.codes()) == ("unknown", ["no_predecessor"])


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("on_board", {}, "none"),
        ("on_board", {"safety_operator": "remote"}, "remote"),
        ("remote", {}, "remote"),
        (None, {}, "none"),
        ("remote", {"safety_operator": "none"}, "none"),
    ],
)
def test_a_removed_driver_is_removed(before: str | None, said: Data, after: str) -> None:
    """Whether the event says who stands by or not; what was known of a remote one stands."""
    data = {**SERVICE, **({"safety_operator": before} if before else {})}
    story = given("service").log("service.launched", "2025-05-01", data)
    removed = story.log("service.driver_removed", "2025-06-01", said)
    assert removed.state("2025-05-31").safety_operator == before
    assert removed.state("2025-06-01").safety_operator == after


def test_a_removed_driver_cannot_be_on_board() -> None:
    """At the door it is said so; what is on record stays readable."""
    data = {"safety_operator": "on_board"}
    with pytest.raises(ValidationError, match="not on board"):
        launched().log("service.driver_removed", "2025-06-01", data)
    event_class("service.driver_removed", "service").revive(1, data)


def test_a_claim_leaves_what_is_known_as_it_is() -> None:
    """A rumour about a known service changes neither its stage nor its fields."""
    story = launched().log("claim.reported", "2025-06-01", {"level": "L3"})
    assert (story.stage(), story.state().level) == ("launched", None)


# ── the ladder ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "high", "low", "data"),
    [
        ("service", "service.launched", "service.pilot_started", SERVICE),
        ("partnership", "partnership.formed", "partnership.mou_signed", PARTNERSHIP),
        ("rd_center", "rd_center.opened", "rd_center.announced", CENTER),
        ("site", "site.production_started", "site.opened", SITE),
    ],
)
def test_a_stage_never_falls_but_by_a_resumption(
    kind: str, high: str, low: str, data: Data
) -> None:
    """A lower stage dated later contradicts the higher one, and names it."""
    story = given(kind).log(high, "2025-05-01", data)
    with pytest.raises(StageTooLow) as refused:
        story.log(low, "2025-06-01")
    assert refused.value.conflicting_positions == (1,)
    assert story.log(low, "2025-04-01", data).stage() == story.stage()


def test_a_suspension_does_not_hide_the_stage_that_was_reached() -> None:
    """Suspended at launch, it cannot begin to test."""
    with pytest.raises(StageTooLow):
        launched().log("service.suspended", "2025-06-01").log(
            "service.testing_started", "2025-07-01"
        )


def test_a_late_fact_may_break_what_came_after_it() -> None:
    """The refusal names the event that would no longer hold."""
    tested = given("service").log("service.testing_started", "2025-05-01", SERVICE)
    with pytest.raises(StageTooLow, match=r"position 1 .* would no longer hold") as refused:
        tested.log("service.launched", "2025-04-01", SERVICE)
    assert refused.value.conflicting_positions == (1,)


def test_kinds_without_a_ladder_go_where_life_takes_them() -> None:
    """A permit is granted anew after a suspension, a sanction comes back."""
    assert [name for name, kind in kinds().items() if kind.ladder] == [
        *("partnership", "rd_center", "service", "site"),
    ]


def test_a_plant_that_produces_may_be_seen_open() -> None:
    """To be open is no less: it goes on producing."""
    plant = given("site").log("site.production_started", "2025-05-01", SITE)
    assert plant.log("site.confirmed", "2025-06-01").stage() == "producing"


# ── ends ─────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_happens_to_what_has_ended() -> None:
    """The refusal names the end."""
    ended = launched().log("service.ended", "2025-06-01")
    for name in ("service.expanded", "service.launched", "service.resumed", "service.ended"):
        with pytest.raises(SubjectEnded) as refused:
            ended.log(name, "2025-07-01")
        assert refused.value.conflicting_positions == (2,)


@pytest.mark.parametrize("name", ["claim.reported", "milestone.reached", "target.set"])
def test_some_universal_events_need_a_life(name: str) -> None:
    """No rumour, milestone or promise about what is over."""
    with pytest.raises(SubjectEnded):
        launched().log("service.ended", "2025-06-01").log(
            name, "2025-07-01", {} if name.startswith("claim") else {"milestone": "m"}
        )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("note.added", {"details": "x"}),
        ("evidence.added", {}),
        ("claim.denied", {}),
        ("target.met", {"milestone": "m"}),
        ("target.dropped", {"milestone": "m"}),
        ("event.disputed", {"target": {"position": 1}}),
        ("event.corrected", {"target": {"position": 1}, "data": {**SERVICE, "level": "L4"}}),
        ("event.retracted", {"target": {"position": 2}}),
    ],
)
def test_some_things_may_be_said_about_what_has_ended(name: str, data: Data) -> None:
    """Notes, evidence, denials, results of targets, and events about its events."""
    story = launched().log("service.ended", "2025-06-01").log(name, "2025-07-01", data)
    assert story.history.version == 3


def test_what_happened_before_the_end_may_be_logged_after_it() -> None:
    """The end bounds the world, not the ledger."""
    ended = launched().log("service.ended", "2025-06-01")
    assert ended.log("service.suspended", "2025-05-20").stage() == "ended"


def test_an_end_dated_before_a_later_event_contradicts_it() -> None:
    """The refusal names the event that would come after the end."""
    with pytest.raises(SubjectEnded) as refused:
        launched().log("service.expanded", "2025-07-01").log("service.ended", "2025-06-01")
    assert refused.value.conflicting_positions == (2,)


def test_a_refusal_tells_what_is_possible_instead() -> None:
    """Verbs of this kind only, in the state in which the event would have come."""
    with pytest.raises(SubjectEnded) as refused:
        launched().log("service.ended", "2025-06-01").log("service.expanded", "2025-07-01")
    assert set(refused.value.allowed) == {
        *("add-note", "add-evidence", "deny-claim", "meet-target", "drop-target", "correct"),
        *("retract", "dispute", "resolve-dispute", "merge-into", "unmerge"),
    }
    with pytest.raises(StageTooLow) as too_low:
        launched().log("service.pilot_started", "2025-06-01")
    assert {"expand", "suspend", "end"} <= set(too_low.value.allowed)
    assert not {"launch", "grant", "form"} & set(too_low.value.allowed)


# ── one rule at a time ───────────────────────────────────────────────────────────────────────────


def test_a_second_suspension_needs_a_resumption_between() -> None:
    """It names the first one."""
    closed = launched().log("service.suspended", "2025-06-01")
    with pytest.raises(AlreadySuspended) as refused:
        closed.log("service.suspended", "2025-07-01")
    assert refused.value.conflicting_positions == (2,)
    reopened = closed.log("service.resumed", "2025-06-15")
    assert reopened.log("service.suspended", "2025-07-01").stage() == "suspended"


def test_an_organization_stops_work_once() -> None:
    """What stands still by another word is suspended as well."""
    idle = given("organization").log(
        "organization.operations_suspended", "2025-06-01", {"name": "WeRide"}
    )
    with pytest.raises(AlreadySuspended):
        idle.log("organization.operations_suspended", "2025-07-01")


def test_further_names_are_added_to_those_known() -> None:
    """An alias takes no other name away, and none is there twice."""
    known = {"name": "WeRide", "names": [{"name": "文远知行"}]}
    firm = given("organization").log("organization.registered", "2025-01-01", known)
    more = {"names": [{"name": "文远知行"}, {"name": "WeRide.ai"}]}
    named = firm.log("organization.alias_added", "2025-02-01", more)
    assert [other.name for other in named.state().names] == ["文远知行", "WeRide.ai"]


def test_a_center_moves_only_from_where_it_is() -> None:
    """A place contradicts if a field that both give differs; case does not matter."""
    center = given("rd_center").log("rd_center.opened", "2025-01-01", CENTER)
    with pytest.raises(NotThere, match="Berlin") as refused:
        center.log("rd_center.relocated", "2025-06-01", {"from": BERLIN, "to": MUNICH})
    assert refused.value.conflicting_positions == (1,)
    for start in ({"country": "DE"}, {"country": "DE", "city": "MUNICH", "town": "Schwabing"}):
        moved = center.log("rd_center.relocated", "2025-06-01", {"from": start, "to": BERLIN})
        assert moved.state().place.city == "Berlin"
    assert center.log("rd_center.relocated", "2025-06-01", {"to": BERLIN}).codes() == []


def test_only_a_party_leaves_and_two_stay() -> None:
    """A partnership keeps two parties."""
    two = given("partnership").log("partnership.formed", "2025-01-01", PARTNERSHIP)
    with pytest.raises(NoSuchParty, match="bolt"):
        two.log("partnership.party_left", "2025-06-01", {"party": {"organization": "bolt"}})
    with pytest.raises(TooFewParties):
        two.log("partnership.party_left", "2025-06-01", {"party": {"organization": "uber"}})
    three = two.log("partnership.party_joined", "2025-05-01", {"party": {"mention": "A taxi firm"}})
    left = three.log("partnership.party_left", "2025-06-01", {"party": {"mention": "a Taxi Firm"}})
    assert len(left.state("2025-05-31").parties) == 3
    assert len(left.state().parties) == 2
    with pytest.raises(NoSuchParty):
        left.log("event.retracted", None, {"target": {"position": 2}})


def test_a_permit_does_not_end_before_it_starts() -> None:
    """Whichever event gives the second of the two days."""
    permit = given("permit").log("permit.granted", "2025", {**PERMIT, "valid_from": "2025-06"})
    with pytest.raises(EndsBeforeStart) as refused:
        permit.log("permit.amended", "2025-07", {"valid_until": "2025-05-31"})
    assert refused.value.conflicting_positions == (1,)
    amended = permit.log("permit.amended", "2025-07", {"valid_until": "2025-06"})
    assert amended.state().valid_until == "2025-06"
    rumoured = given("permit").log("claim.reported", "2025", {**PERMIT, "valid_from": "2025-06"})
    with pytest.raises(EndsBeforeStart):
        rumoured.log("claim.reported", "2025-02", {"valid_until": "2025-05-31"})


def test_what_was_contradictory_before_is_not_held_against_a_newcomer() -> None:
    """A rule that came later leaves old records readable and open."""
    ended = launched().log("service.ended", "2025-06-01")
    went_on = launched().log("note.added", "2025-06-01").log("service.expanded", "2025-07-01")
    old = ended.history.add(went_on.history.recorded[-1])  # an archive in which it followed the end
    assert [type(why) for _, why in old.contradictions()] == [SubjectEnded]
    assert Story(old).log("service.expanded", "2025-05-15").stage() == "ended"


# ── targets ──────────────────────────────────────────────────────────────────────────────────────


def test_an_end_lapses_the_targets_still_open() -> None:
    """Those met or dropped stay what they are; a result logged for the same day counts."""
    story = launched()
    for milestone in ("a", "b", "c"):
        story = story.log("target.set", "2025-05-01", {"milestone": milestone})
    story = story.log("target.dropped", "2025-05-02", {"milestone": "a"})
    story = story.log("service.ended", "2025-06-01")
    assert story.outcomes() == {"a": "dropped", "b": "lapsed", "c": "lapsed"}
    assert story.log("target.met", "2025-06-01", {"milestone": "b"}).outcomes()["b"] == "met"
    assert story.outcomes("2025-05-15") == {"a": "dropped", "b": "open", "c": "open"}


def test_a_target_is_moved_reaffirmed_and_met_by_its_milestone() -> None:
    """What a later event does not say stays as it was."""
    promise = {"target_date": "2026", "quantity": {"value": 9, "unit": "cars"}}
    story = (
        launched()
        .log("target.set", "2025-05-02", {"milestone": "m", **promise})
        .log("target.moved", "2025-05-03", {"milestone": "m", "target_date": "2027"})
        .log("target.reaffirmed", "2025-05-04", {"milestone": "m"})
    )
    (target,) = story.state().targets
    assert (target.target_date, target.quantity.value, target.outcome) == ("2027", 9, "open")
    assert story.log("target.met", "2025-05-05", {"milestone": "m"}).outcomes() == {"m": "met"}


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_claim_takes_every_field_of_its_kind(kind: str) -> None:
    """Whatever events have of their own under the same name."""
    assert kinds()[kind].fields <= event_class("claim.reported", kind).model_fields.keys()
