"""How often promises move, how late they are, and how long things stand still."""

from datetime import date

import pytest

from domain.dates import span
from domain.slippage import Days, Promise, between, promises
from domain.suspensions import suspensions
from tests.domain.story import PARTNERSHIP, PERMIT, SERVICE, Story, given

DAY = date(2026, 6, 30)
TO_START = {"milestone": "service_start"}


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2025-01-01", "2025-01-31", (30, 30)),
        ("2025-01-31", "2025-01-01", (-30, -30)),
        ("2025-01", "2025-02", (1, 58)),
        ("2024", "2024-12", (-30, 365)),
        ("2025-40", "2025-07-15", (15, 195)),
        ("../2025-01-31", "2025-02-01", (1, None)),
        ("2025-01-31/..", "2025-02-01", (None, 1)),
    ],
)
def test_days_between_imprecise_dates_are_a_range(
    start: str, end: str, days: tuple[int | None, int | None]
) -> None:
    """From the end of the one to the beginning of the other, and the other way round.

    From January to February it is 1 day (31 to 1) at least and 58 (1 to 28) at most.
    """
    assert between(span(start), span(end)) == days


def promised(on: str = "2024-01-10", until: str | None = "2024-40") -> Story:
    """Give a service that is promised for the first half of 2024."""
    story = given("service").log("service.announced", "2024-01-01", SERVICE)
    return story.log("target.set", on, {**TO_START, "target_date": until} if until else TO_START)


def only(story: Story, day: date = DAY) -> Promise:
    """Give the one promise of a subject."""
    (promise,) = promises(story.history, day)
    return promise


def test_a_promise_that_moved_tells_from_what_to_what_and_how_far() -> None:
    """It was repeated once and moved twice: to 2025, and to the day 2025-03-31."""
    story = promised().log("target.reaffirmed", "2024-02-01", TO_START)
    story = story.log("target.moved", "2024-06-01", {**TO_START, "target_date": "2025"})
    story = story.log("target.moved", "2024-12-01", {**TO_START, "target_date": "2025-03-31"})
    moves = [
        (move.before.target_date, move.after.target_date, move.days) for move in only(story).moves()
    ]
    # From 2024-06-30 to 2025-01-01 are 185 days, from 2024-01-01 to 2025-12-31 730;
    # from 2025-12-31 back to 2025-03-31 275, from 2025-01-01 on to it 89.
    assert moves == [("2024-40", "2025", (185, 730)), ("2025", "2025-03-31", (-275, 89))]
    assert only(story).first_date == "2024-40"
    assert only(story).target.target_date == "2025-03-31"
    assert only(story).positions == (2, 3, 4, 5)


def test_a_move_is_seen_from_its_day_on() -> None:
    """On the day before, the promise stands as it was."""
    story = promised().log("target.moved", "2024-06-01", {**TO_START, "target_date": "2025"})
    assert list(only(story, date(2024, 5, 31)).moves()) == []
    assert only(story, date(2024, 5, 31)).target.target_date == "2024-40"
    assert promises(story.history, date(2024, 1, 9)) == []


def test_another_size_is_a_move_too() -> None:
    """Its date did not move, however imprecise it is; where there is none, nobody knows."""
    more = {"quantity": {"value": 100, "unit": "vehicles"}}
    for until in ("2024-06-30", "2024-40", "2024"):
        story = promised(until=until).log("target.moved", "2024-06-01", {**TO_START, **more})
        (move,) = only(story).moves()
        assert (move.before.quantity, move.days) == (None, (0, 0))
    undated = promised(until=None).log("target.moved", "2024-06-01", {**TO_START, **more})
    (move,) = only(undated).moves()
    assert move.days is None


@pytest.mark.parametrize(
    ("met", "late"),
    [
        ("2024-06-30", (0, 181)),
        ("2024-07-15", (15, 196)),
        ("2024-07", (1, 212)),
        ("../2024-07-15", (None, 196)),
        (None, (None, 911)),
    ],
)
def test_how_late_a_promise_was_met(met: str | None, late: tuple[int | None, int]) -> None:
    """Promised for the first half of 2024 (1 January to 30 June): a range, and never a guess.

    What was met nobody knows when was met by its recording, 2026-06-30, at the latest.
    """
    story = promised().log("target.met", met, TO_START)
    assert only(story).late("2024-40", DAY) == late
    assert not only(story).is_overdue(DAY)


def test_an_open_promise_is_late_so_far() -> None:
    """On 2024-07-01, 1 day after the last possible day, and 182 after the first."""
    assert only(promised(), date(2024, 7, 1)).late("2024-40", date(2024, 7, 1)) == (1, 182)
    assert only(promised(), date(2024, 7, 1)).is_overdue(date(2024, 7, 1))
    assert not only(promised(), date(2024, 6, 30)).is_overdue(date(2024, 6, 30))


def test_what_was_given_up_or_lapsed_is_not_late() -> None:
    """Nor is what was promised for no day."""
    dropped = promised().log("target.dropped", "2025-01-01", TO_START)
    ended = promised().log("service.cancelled", "2025-01-01")
    assert [only(one).target.outcome for one in (dropped, ended)] == ["dropped", "lapsed"]
    assert [only(one).late("2024-40", DAY) for one in (dropped, ended)] == [None, None]
    assert only(promised(until=None)).late(None, DAY) is None


def test_each_milestone_has_its_own_promise() -> None:
    """They are given in the order of their making."""
    story = given("partnership").log("partnership.formed", "2024-01-01", PARTNERSHIP)
    for milestone in ("second", "first", "second"):
        story = story.log("target.set", "2024-02-01", {"milestone": milestone})
    assert [one.target.milestone for one in promises(story.history, DAY)] == ["second", "first"]


# ── suspensions ──────────────────────────────────────────────────────────────────────────────────


def test_a_suspension_that_is_over_has_a_length() -> None:
    """Some day in February or March until 2 March: 29 days at most, and less than none never."""
    story = given("service").log("service.testing_started", "2025-08", SERVICE)
    story = story.log("service.suspended", "2026-02/2026-03").log("service.resumed", "2026-03-02")
    (found,) = suspensions(story.history, DAY)
    assert (found.open, found.lasted(DAY), found.positions) == (False, (0, 29), (2, 3))


def test_a_suspension_that_is_open_lasts_until_the_day_of_looking() -> None:
    """It is open on every day before it was over."""
    story = given("service").log("service.testing_started", "2025-08", SERVICE)
    story = story.log("service.suspended", "2026-03-01").log("service.resumed", "2026-06-01")
    (found,) = suspensions(story.history, date(2026, 5, 31))
    assert (found.open, found.lasted(date(2026, 5, 31))) == (True, (91, 91))
    assert list(suspensions(story.history, date(2026, 2, 28))) == []


def test_each_suspension_counts_and_an_end_closes_it() -> None:
    """Suspended twice: reinstated after 28 days, revoked after 59; May ends on the 31st."""
    story = given("permit").log("permit.granted", "2024-01-01", PERMIT)
    story = story.log("permit.suspended", "2024-02-01").log("permit.reinstated", "2024-02-29")
    story = story.log("permit.suspended", "2024-04-02").log("permit.revoked", "2024-05")
    lasted = [one.lasted(DAY) for one in suspensions(story.history, DAY)]
    assert lasted == [Days(28, 28), Days(29, 59)]
