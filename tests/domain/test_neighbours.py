"""What two records say of one another: exclusive deals, and duplicates."""

from datetime import date
from typing import Any

import pytest

from domain import duplicates, exclusivity
from domain.duplicates import Told
from domain.exclusivity import Deal
from domain.places import Place
from tests.domain.story import PARTNERSHIP, given

DAY = date(2026, 6, 30)
DUBAI: dict[str, Any] = {"country": "AE", "city": "Dubai"}


def deal(key: str, *others: str, stage: str = "formed", **data: Any) -> Deal:
    """Give a partnership of WeRide with others."""
    parties = [{"organization": one} for one in ("weride", *others)]
    story = given("partnership").log(
        f"partnership.{stage}", "2025-01-01", {**PARTNERSHIP, "parties": parties, **data}
    )
    return Deal(key, story.state(), (3,))


def exclusive(**terms: Any) -> Deal:
    """Give a deal that binds WeRide to Uber."""
    return deal("with-uber", "uber", exclusivity={"bound": "weride", **terms})


@pytest.mark.parametrize(
    ("terms", "other", "warned"),
    [
        ({}, deal("with-grab", "grab"), True),
        ({}, deal("with-grab", "grab", stage="mou_signed"), True),
        ({}, deal("with-grab", "grab", stage="proposed"), False),
        ({}, deal("with-grab", "grab", stage="ended"), False),
        ({}, deal("again", "uber"), False),
        ({"bound": "uber"}, deal("with-grab", "grab"), False),
        ({"place": DUBAI}, deal("with-grab", "grab", markets=[DUBAI]), True),
        ({"place": DUBAI}, deal("with-grab", "grab", markets=[{"country": "AE"}]), True),
        ({"place": DUBAI}, deal("with-grab", "grab", markets=[{"country": "SG"}]), False),
        (
            {"place": DUBAI},
            deal("with-grab", "grab", markets=[{"country": "AE"}], markets_excluded=[DUBAI]),
            False,
        ),
        ({"until": "2026-06"}, deal("with-grab", "grab"), True),
        ({"until": "2026-06-29"}, deal("with-grab", "grab"), False),
    ],
)
def test_who_is_bound_works_with_somebody_else(
    terms: dict[str, Any], other: Deal, *, warned: bool
) -> None:
    """Both deals are good, their places may meet, and the exclusive one has not run out."""
    notice = exclusivity.warn(exclusive(**terms), other, DAY)
    assert (notice is not None) is warned


def test_an_exclusive_deal_that_names_nobody_binds_all_its_parties() -> None:
    """The warning says who is bound, in what, and what else there is."""
    terms = {"scope": "robotaxis"}
    notice = exclusivity.warn(
        deal("with-uber", "uber", exclusivity=terms), deal("with-grab", "grab"), DAY
    )
    assert notice
    assert notice.message == "with-uber binds weride for robotaxis; with-grab is with others"


# ── duplicates ───────────────────────────────────────────────────────────────────────────────────


def told(key: str, on: str = "2025-01-01", *places: Place, **more: Any) -> Told:
    """Give a service of WeRide."""
    organizations = frozenset(more.pop("organizations", ["weride"]))
    kind, facts = more.pop("kind", "service"), {"vehicle_kinds": ["robotaxi"], **more}
    return Told(kind, key, organizations, places, facts, date.fromisoformat(on), 1)


CITY, QUARTER = Place(**DUBAI), Place(**DUBAI, label="Jumeirah")


@pytest.mark.parametrize(
    ("other", "likely"),
    [
        (told("b", "2025-01-31", CITY), True),
        (told("b", "2025-02-01", CITY), False),
        (told("b", "2025-01-01", QUARTER), True),
        (told("b", "2025-01-01"), False),
        (told("b", "2025-01-01", Place(country="SG")), False),
        (told("b", "2025-01-01", CITY, organizations=["weride", "uber"]), False),
        (told("b", "2025-01-01", CITY, kind="permit"), False),
        (told("a", "2025-01-01", CITY), False),
        (told("b", "2025-01-01", CITY, vehicle_kinds=["robobus"]), False),
        (told("b", "2025-01-01", CITY, vehicle_kinds=["robobus", "robotaxi"]), True),
        (told("b", "2025-01-01", CITY, level="L2", fleet={"value": 9, "unit": "cars"}), False),
        (told("b", "2025-01-01", CITY, fleet={"value": 9, "unit": "vehicles"}), True),
        (told("b", "2025-01-01", CITY, access="public"), True),
    ],
)
def test_two_records_that_may_be_one(other: Told, *, likely: bool) -> None:
    """The same kind, organizations and place within 30 days; words tell apart, amounts do not."""
    one = told("a", "2025-01-01", CITY, level="L4", fleet={"value": 5, "unit": "vehicles"})
    assert duplicates.alike(one, other) is likely
    assert duplicates.alike(other, one) is likely


def test_records_without_any_place_can_be_one() -> None:
    """As two investments of the same investor; those without organizations are never compared."""
    assert duplicates.alike(told("a"), told("b"))
    assert not duplicates.alike(told("a", organizations=[]), told("b", organizations=[]))
    (notice,) = duplicates.warn(told("a"), [told("a"), told("b")])
    assert (notice.code, notice.message) == ("likely_duplicate", "may be the same as b")
