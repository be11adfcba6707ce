"""On which day an event counts, in which order, and where its day leaves a doubt."""

import pytest

from domain.refusals import NotOpened, PointsForward
from tests.domain.story import CENTER, PERMIT, SERVICE, given

# ── the effective day ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("on", "day"),
    [
        ("2025-11-14", "2025-11-14"),
        ("2025-11", "2025-11-01"),
        ("2025-35", "2025-07-01"),
        ("2025-07/2025-09", "2025-07-01"),
        ("2025-11/..", "2025-11-01"),
        ("../2025-07-17", "2025-07-17"),
        ("2025-11~", "2025-11-01"),
        (None, "2026-06-30"),
    ],
)
def test_an_event_counts_from_its_earliest_possible_day(on: str | None, day: str) -> None:
    """The latest where the start is open, the day of recording where nobody knows."""
    launched = given("service").log("service.launched", on, SERVICE)
    assert str(launched.history.effective_from) == day


@pytest.mark.parametrize(
    ("on", "day"),
    [
        ("2022-05", "2022-05-31"),
        ("2022-05-03", "2022-05-03"),
        ("../2022-05-03", "2022-05-03"),
        ("2022/..", "2026-06-30"),
        ("2027-01-01/..", "2027-01-01"),
    ],
)
def test_an_end_counts_from_its_latest_possible_day(on: str, day: str) -> None:
    """An open end counts as the day of recording, or as its start where that is later."""
    revoked = given("permit").log("permit.granted", "2021-11", PERMIT).log("permit.revoked", on)
    assert str(revoked.history.steps[-1].fact.day) == day


def test_a_registration_holds_on_every_day_and_comes_first() -> None:
    """Whatever its date and whenever it was recorded."""
    founded = given("organization").log("organization.founded", "2016", {"name": "Old"})
    both = founded.log("organization.registered", "../2024-01-01", {"name": "WeRide"})
    assert both.types() == ["organization.registered", "organization.founded"]
    assert both.state("1066-10-14").name == "WeRide"
    assert not both.view("1066-10-14").uncertain
    assert both.state("2020-01-01").name == "Old"


# ── the effective order ──────────────────────────────────────────────────────────────────────────


def test_the_day_goes_before_the_order_of_recording() -> None:
    """What happened earlier and was logged later comes earlier."""
    launched = given("service").log("service.launched", "2025-05-01", SERVICE)
    assert launched.log("service.testing_started", "2024-05-01", SERVICE).types() == [
        "service.testing_started",
        "service.launched",
    ]


def test_within_a_day_life_goes_its_way() -> None:
    """Claims come first, then the order of life, other universal events last."""
    story = (
        given("service")
        .log("service.launched", "2025-05-01", SERVICE)
        .log("note.added", "2025-05-01", {"details": "x"})
        .log("claim.reported", "2025-05-01", SERVICE)
        .log("service.testing_started", "2025-05-01")
    )
    assert story.types() == [
        "claim.reported",
        "service.testing_started",
        "service.launched",
        "note.added",
    ]


def test_after_settles_a_tie_within_the_day() -> None:
    """A resumption before the suspension of the same day needs to be told so."""
    launched = given("service").log("service.launched", "2025-05-01", SERVICE)
    closed = launched.log("service.suspended", "2025-06-01")
    reopened = closed.log("service.resumed", "2025-06-02")
    again = reopened.log("service.suspended", "2025-06-02", after={"position": 3})
    assert again.stage() == "suspended"
    assert again.types()[-2:] == ["service.resumed", "service.suspended"]


def test_after_may_name_a_row_of_the_file() -> None:
    """The pointer means what was known when it was recorded, not what came later."""
    launched = given("service").log("service.launched", "2025-05-01", SERVICE)
    closed = launched.log("service.suspended", "2025-06-01").log(
        "service.resumed", "2025-06-02", ref="E1"
    )
    again = closed.log(
        "service.suspended", "2025-06-02", after={"ref": "E1", "type": "service.resumed"}
    )
    assert again.log("service.resumed", "2025-07-01", ref="E1").stage() == "launched"
    assert again.fact(4).follows == 3


def test_after_cannot_point_forward() -> None:
    """Neither to what is unknown nor to what is dated later, now or by a correction."""
    launched = given("service").log("service.launched", "2025-05-01", SERVICE)
    with pytest.raises(PointsForward):
        launched.log("service.expanded", "2025-06-01", after={"position": 7})
    with pytest.raises(PointsForward) as refused:
        launched.log("service.announced", "2025-04-01", SERVICE, after={"position": 1})
    assert refused.value.conflicting_positions == (1,)
    followed = launched.log("service.expanded", "2025-05-01", SERVICE, after={"position": 1})
    with pytest.raises(PointsForward) as refused:
        followed.log(
            "event.corrected", None, {"target": {"position": 1}, "occurred_on": "2025-05-02"}
        )
    assert 2 in refused.value.conflicting_positions


def test_what_no_longer_counts_is_not_followed() -> None:
    """The event that named it may move before it, and it may not come back behind that."""
    launched = given("service").log("service.launched", "2025-05-01", SERVICE)
    noted = launched.log("service.expanded", "2025-06-01")
    followed = noted.log("service.expanded", "2025-06-01", {"level": "L4"}, after={"position": 2})
    gone = followed.log("event.retracted", None, {"target": {"position": 2}})
    moved = gone.log("event.corrected", None, {"target": {"position": 3}, "occurred_on": "2025-05"})
    with pytest.raises(PointsForward):
        moved.log("event.retracted", None, {"target": {"position": 4}})


# ── doubt ────────────────────────────────────────────────────────────────────────────────────────


def test_an_imprecise_day_leaves_the_state_uncertain_until_its_last_day() -> None:
    """From the earliest possible day up to, but not including, the latest."""
    launched = given("service").log("service.launched", "2025-05", SERVICE)
    assert launched.view("2025-05-01").uncertain
    assert launched.view("2025-05-30").uncertain
    assert not launched.view("2025-05-31").uncertain


def test_an_imprecise_end_is_uncertain_before_it_counts() -> None:
    """A permit revoked some day in May may be gone on the first of May."""
    revoked = given("permit").log("permit.granted", "2021", PERMIT).log("permit.revoked", "2022-05")
    assert revoked.stage("2022-05-15") == "granted"
    assert not revoked.view("2022-04-30").uncertain
    assert revoked.view("2022-05-01").uncertain
    assert revoked.view("2022-05-30").uncertain
    assert not revoked.view("2022-05-31").uncertain


def test_a_later_stage_with_an_exact_day_settles_the_doubt() -> None:
    """What came before it no longer matters, from that day on."""
    launched = given("service").log("service.launched", "2025-05", SERVICE)
    closed = launched.log("service.suspended", "2025-05-10")
    assert closed.view("2025-05-09").uncertain
    assert not closed.view("2025-05-10").uncertain


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("note.added", {"details": "x"}),
        ("target.set", {"milestone": "m"}),
        ("service.expanded", {"details": "More cars"}),
    ],
)
def test_what_sets_no_stage_settles_no_doubt(name: str, data: dict[str, str]) -> None:
    """Neither a universal event nor an expansion tells since when it runs."""
    launched = given("service").log("service.launched", "2025-05", SERVICE)
    assert launched.log(name, "2025-05-10", data).view("2025-05-15").uncertain


def test_notes_targets_and_rumours_of_what_is_known_make_no_doubt() -> None:
    """They leave stage and fields as they are, so their own day does not matter."""
    launched = given("service").log("service.launched", "2024-05-01", SERVICE)
    told = launched.log("note.added", "2025", {"details": "x"})
    told = told.log("target.set", "2025", {"milestone": "m"}).log("claim.reported", "2025", {})
    assert not told.view("2025-03-01").uncertain


def test_doubt_and_approximation_do_not_widen_a_date() -> None:
    """`~` and `?` are shown, and count as what they qualify."""
    opened = given("rd_center").log("rd_center.opened", "2025-05-03~", CENTER)
    assert not opened.view("2025-05-03").uncertain


def test_the_days_on_which_a_view_changes_are_all_told() -> None:
    """Between two of them every day looks the same: tables are cut there."""
    story = (
        given("service")
        .log("service.testing_started", "2025-02/2025-03", SERVICE)
        .log("service.launched", "2025-05-10")
        .log("service.ended", "2025-08")
    )
    assert [str(day) for day in story.history.days()] == [
        *("2025-02-01", "2025-03-31", "2025-05-10", "2025-08-01", "2025-08-31"),
    ]


# ── the first event ──────────────────────────────────────────────────────────────────────────────


def test_a_record_opens_with_any_event_of_its_kind() -> None:
    """Real life often first hears of a service when it is suspended."""
    assert given("service").log("service.suspended", "2025-05-01", SERVICE).stage() == "suspended"
    assert given("service").log("service.expanded", "2025-05-01", SERVICE).stage() == "unknown"
    assert given("service").log("claim.reported", "2025-05-01", SERVICE).stage() == "rumoured"


@pytest.mark.parametrize("missing", sorted(SERVICE))
def test_a_record_does_not_open_without_what_identifies_its_subject(missing: str) -> None:
    """The answer names the fields that are lacking."""
    data = {name: value for name, value in SERVICE.items() if name != missing}
    with pytest.raises(NotOpened, match=missing) as refused:
        given("service").log("service.launched", "2025-05-01", data)
    assert refused.value.fields == (missing,)


def test_an_earlier_event_must_be_able_to_come_first() -> None:
    """Dated before all that is known, it opens the record: it needs what opening needs."""
    launched = given("service").log("service.launched", "2025-05-01", SERVICE)
    with pytest.raises(NotOpened, match="position 2"):
        launched.log("service.testing_started", "2024-05-01")


def test_a_correction_may_not_leave_a_record_without_a_beginning() -> None:
    """A refusal names the event that would come first without the needed fields."""
    story = given("service").log("service.launched", "2025-05-01", SERVICE)
    story = story.log("service.expanded", "2025-06-01")
    with pytest.raises(NotOpened) as refused:
        story.log("event.retracted", None, {"target": {"position": 1}})
    assert refused.value.conflicting_positions == (2,)


def test_a_type_approval_has_no_holder() -> None:
    """It is the vehicle's."""
    approval = {**PERMIT, "activity": "type_approval"}
    del approval["holders"]
    assert given("permit").log("permit.granted", "2025", approval).stage() == "granted"
    with pytest.raises(NotOpened, match="holders"):
        given("permit").log("permit.granted", "2025", {**approval, "activity": "testing"})


def test_one_of_several_fields_may_be_enough() -> None:
    """A localization is somewhere: under a jurisdiction or at a place."""
    data = {"organization": "mogo", "requirement": "heavy rain"}
    with pytest.raises(NotOpened, match="jurisdiction or place"):
        given("localization").log("localization.started", "2025", data)
    somewhere = {**data, "place": {"country": "SG"}}
    assert given("localization").log("localization.started", "2025", somewhere).stage() == "started"
