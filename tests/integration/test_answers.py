"""Answers that need several subjects, or the way of a promise: on records made for the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.asking import see
from tests.integration.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

DUBAI = {"country": "AE", "subdivision": "AE-DU", "city": "Dubai"}
TAXI = {"operators": ["weride"], "places": [DUBAI], "vehicle_kinds": ["robotaxi"]}
LICENCE = {
    "holders": ["weride"],
    "jurisdictions": [{"level": "city", "place": DUBAI}],
    "activity": "commercial",
}
DAY = {"effective_at": "2026-06-30"}


@pytest.fixture
def client(database: str) -> Iterator[TestClient]:
    """Serve four organizations."""
    with served(database) as client:
        for key, role in (("weride", "developer"), ("uber", "platform"), ("grab", "platform")):
            record(client, "organizations/register", key=key, data={"name": key, "roles": [role]})
        yield client


def record(client: TestClient, path: str, **body: Any) -> int:
    """Record an event, and give its position once it is seen."""
    answer = client.post(f"/v1/{path}", json={"data": {}, **body})
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    see(client, position)
    return position


def items(client: TestClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Give the items of an answer."""
    found: list[dict[str, Any]] = client.get(f"/v1/{path}", params=query).json()["items"]
    return found


def warned(client: TestClient, **query: Any) -> dict[str, list[int]]:
    """Give by key the positions of the warnings of a code."""
    found = items(client, "warnings", **DAY, **query)
    return {one["subject"]["key"]: one["positions"] for one in found}


# ── promises ─────────────────────────────────────────────────────────────────────────────────────


def test_a_target_that_moved_twice(client: TestClient) -> None:
    """From the first half of 2025 to 2026 to September 2026, as known at each step."""
    record(client, "services/announce", key="taxi", occurred_on="2025-01-10", data=TAXI)
    start = {"milestone": "service_start"}
    for verb, on, until in (
        ("set-target", "2025-01-10", "2025-40"),
        ("move-target", "2025-06-15", "2026"),
        ("move-target", "2026-05-01", "2026-09"),
    ):
        data = {**start, "target_date": until}
        last = record(client, f"services/taxi/{verb}", occurred_on=on, data=data)
    (found,) = items(client, "targets", **DAY)
    assert (found["moved"], found["target_date"], found["overdue"]) == (2, "2026-09", False)
    moves = [(one["from"]["target_date"], one["to"]["target_date"]) for one in found["moves"]]
    assert moves == [("2025-40", "2026"), ("2026", "2026-09")]
    # From 2025-06-30 to 2026-01-01 are 185 days, from 2025-01-01 to 2026-12-31 729.
    assert found["moves"][0]["days"] == {"least": 185, "most": 729}
    # On 2026-06-30 the first promise is 365 days late at least and 545 at most.
    assert found["late"]["first"] == {"least": 365, "most": 545}
    (before,) = items(client, "targets", **DAY, known_position=last - 1)
    assert (before["moved"], before["target_date"]) == (1, "2026")
    (early,) = items(client, "targets", effective_at="2025-06-14")
    assert (early["moved"], early["target_date"]) == (0, "2025-40")


# ── permits ──────────────────────────────────────────────────────────────────────────────────────


def test_a_permit_logged_late_takes_a_warning_away_and_brings_another(client: TestClient) -> None:
    """What was not on record then is told as it was known; a later grant is test before permit."""
    taxi = record(client, "services/launch", key="taxi", occurred_on="2026-03-01", data=TAXI)
    assert warned(client, code="no_permit_on_record") == {"taxi": [taxi]}
    held = record(client, "permits/grant", key="licence", occurred_on="2026-04-01", data=LICENCE)
    assert warned(client, code="no_permit_on_record") == {}
    assert warned(client, code="test_before_permit") == {"taxi": [taxi, held]}
    assert warned(client, code="no_permit_on_record", known_position=taxi) == {"taxi": [taxi]}
    assert warned(client, code="test_before_permit", known_position=taxi) == {}
    assert warned(client, kind="permit") == {}


def test_a_permit_of_another_day_is_none_for_this_one(client: TestClient) -> None:
    """Before its grant and after its end a service runs outside it, not without any."""
    record(client, "services/launch", key="taxi", occurred_on="2026-01-01", data=TAXI)
    until = {**LICENCE, "valid_until": "2026-05-31"}
    record(client, "permits/grant", key="licence", occurred_on="2026-02-01", data=until)
    verdicts = []
    for day in ("2026-01-15", "2026-05-31", "2026-06-01"):
        answer = client.get("/v1/coverage", params={"service": "taxi", "effective_at": day}).json()
        verdicts.append((answer["service"]["verdict"], len(answer["items"])))
    assert verdicts == [("outside_every_permit", 0), ("covered", 1), ("outside_every_permit", 0)]
    assert items(client, "coverage", effective_at="2026-03-02", expiring_within="90d")
    assert not items(client, "coverage", effective_at="2026-03-01", expiring_within="90d")


def test_a_permit_for_a_country_holds_in_its_cities(client: TestClient) -> None:
    """It is listed for a city of that country, not for one of nowhere."""
    wide = {**LICENCE, "jurisdictions": [{"level": "national", "place": {"country": "AE"}}]}
    record(client, "permits/grant", key="wide", occurred_on="2026-02-01", data=wide)
    record(client, "permits/grant", key="narrow", occurred_on="2026-02-01", data=LICENCE)
    for query, expected in (
        ({"country": "AE", "city": "Dubai"}, ["narrow", "wide"]),
        ({"country": "AE", "city": "Ajman"}, ["wide"]),
        ({"city": "dubai"}, ["narrow"]),
        ({"country": "SG"}, []),
    ):
        found = items(client, "coverage", **DAY, **query)
        assert [one["subject"]["key"] for one in found] == expected


def test_what_covers_a_service_is_told_page_by_page_and_as_a_file(client: TestClient) -> None:
    """A permit of the city covers a service of a quarter of it; other cities of it are not told."""
    record(
        client,
        "services/launch",
        key="taxi",
        occurred_on="2026-01-01",
        data={**TAXI, "places": [{**DUBAI, "town": "Deira"}]},
    )
    for key in ("first", "second"):
        wide = {**LICENCE, "places": [DUBAI, {"country": "AE", "city": "Ajman"}]}
        record(client, "permits/grant", key=key, occurred_on="2025-01-01", data=wide)
    asked = {"service": "taxi", "city": "Deira", **DAY}
    told = client.get("/v1/coverage", params={**asked, "limit": 1}).json()
    rest = client.get(
        "/v1/coverage", params={**asked, "limit": 1, "cursor": told["next_cursor"]}
    ).json()
    assert told["service"]["verdict"] == rest["service"]["verdict"] == "covered"
    both = [
        (one["subject"]["key"], one["place"]["city"]) for one in (*told["items"], *rest["items"])
    ]
    assert both == [("first", "Dubai"), ("second", "Dubai")]
    assert rest["next_cursor"] is None
    lines = client.get("/v1/coverage", params={**asked, "format": "csv"}).text.splitlines()
    assert len(lines) == 3
    assert items(client, "coverage", **asked, organization="uber") == []
    assert len(items(client, "coverage", **asked, organization="weride")) == 2


def test_a_service_of_which_nothing_holds_yet_is_not_there_yet(client: TestClient) -> None:
    """404 before its first day, which is told, or when nothing counts; 422 if nobody knows it."""
    at = record(client, "services/launch", key="taxi", occurred_on="2026-01-01", data=TAXI)
    asked = {"service": "taxi", "effective_at": "2025-12-31"}
    for begins in ("2026-01-01", None):
        answer = client.get("/v1/coverage", params=asked)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-yet")
        assert answer.json()["effective_from"] == begins
        reason = {"reason": "There is no such service"}
        if begins:
            see(client, client.post(f"/v1/events/{at}/retract", json=reason).json()["position"])
    assert client.get("/v1/coverage", params={"service": "bus"}).status_code == 422
    assert client.get("/v1/coverage", params={"expiring_within": "soon"}).status_code == 422


def test_permits_of_which_nobody_recorded_until_when_they_hold(client: TestClient) -> None:
    """They are asked for by themselves; no answer about expiry has them."""
    record(client, "permits/grant", key="endless", occurred_on="2026-01-01", data=LICENCE)
    ending = {**LICENCE, "valid_until": "2026-08"}
    record(client, "permits/grant", key="ending", occurred_on="2026-01-01", data=ending)
    for asked, expected in (
        ({}, ["ending", "endless"]),
        ({"open_ended": "true"}, ["endless"]),
        ({"open_ended": "false"}, ["ending"]),
        ({"expiring_within": "90d"}, ["ending"]),
        ({"expiring_within": "90d", "open_ended": "true"}, []),
    ):
        found = items(client, "coverage", **DAY, **asked)
        assert [one["subject"]["key"] for one in found] == expected, asked


# ── deals and duplicates ─────────────────────────────────────────────────────────────────────────


def deal(client: TestClient, key: str, other: str, **data: Any) -> int:
    """Record a partnership of WeRide."""
    parties = [{"organization": "weride"}, {"organization": other}]
    data = {"parties": parties, "mode": "platform_operator", **data}
    return record(client, "partnerships/form", key=key, occurred_on="2026-01-01", data=data)


def test_a_deal_beside_an_exclusive_one(client: TestClient) -> None:
    """Both are told, until the second ends."""
    first = deal(client, "with-uber", "uber", exclusivity={"bound": "weride"})
    second = deal(client, "with-grab", "grab")
    both = [first, second]
    assert warned(client, code="exclusive_elsewhere") == {"with-uber": both, "with-grab": both}
    record(client, "partnerships/with-grab/end", occurred_on="2026-06-01")
    assert warned(client, code="exclusive_elsewhere") == {}
    earlier = items(client, "warnings", code="exclusive_elsewhere", effective_at="2026-05-31")
    assert len(earlier) == 2


def test_two_records_of_one_deal(client: TestClient) -> None:
    """They point to one another, as long as they are told alike."""
    both = [deal(client, "a-deal", "uber"), deal(client, "the-deal", "uber")]
    assert warned(client, code="likely_duplicate") == {"a-deal": both, "the-deal": both}
    record(
        client,
        "partnerships/the-deal/amend",
        occurred_on="2026-02-01",
        data={"mode": "carmaker"},
    )
    assert warned(client, code="likely_duplicate") == {}


def test_a_dry_run_tells_of_what_is_on_record_already(client: TestClient) -> None:
    """Before a second record of a deal is made, it points to the first; another deal is new."""
    first = deal(client, "a-deal", "uber")
    for other, expected in (("uber", {first, first + 1}), ("grab", None)):
        parties = [{"organization": other}, {"organization": "weride"}]
        body = {
            "occurred_on": "2026-01-20",
            "data": {"parties": parties, "mode": "platform_operator"},
        }
        answer = client.post("/v1/partnerships/form", params={"dry_run": "true"}, json=body).json()
        told = {one["code"]: set(one["positions"]) for one in answer["warnings"]}
        assert told == ({"likely_duplicate": expected} if expected else {})


def foretold(client: TestClient, path: str, data: dict[str, Any], on: str) -> dict[str, list[int]]:
    """Give the warnings of a dry run, with the events they point to."""
    body = {"occurred_on": on, "data": data}
    answer = client.post(f"/v1/{path}", params={"dry_run": "true"}, json=body)
    assert answer.status_code == 200, answer.text
    return {one["code"]: one["positions"] for one in answer.json()["warnings"]}


def test_a_dry_run_tells_under_which_permit_a_service_would_run(client: TestClient) -> None:
    """Under none on record, outside the only one, or under one that came too late."""
    launch = ("services/launch", TAXI, "2026-01-01")
    assert foretold(client, *launch) == {"no_permit_on_record": [4]}
    testing = {**LICENCE, "activity": "testing"}
    record(client, "permits/grant", key="licence", occurred_on="2026-02-01", data=testing)
    tested = {"outside_every_permit": [4, 5], "test_before_permit": [4, 5]}
    assert foretold(client, *launch) == tested
    assert foretold(client, "services/start-testing", TAXI, "2026-02-01") == {}
    record(client, "services/start-testing", key="taxi", occurred_on="2026-02-01", data=TAXI)
    outside = {"outside_every_permit": [4, 6]}
    assert foretold(client, "services/taxi/launch", {}, "2026-03-01") == outside


def test_a_dry_run_tells_only_what_it_would_bring(client: TestClient) -> None:
    """What is to be looked at already is told by the warnings of the record."""
    record(client, "services/launch", key="taxi", occurred_on="2026-01-01", data=TAXI)
    assert warned(client, code="no_permit_on_record").keys() == {"taxi"}
    assert foretold(client, "services/taxi/expand", {}, "2026-02-01") == {}


def test_a_dry_run_tells_of_a_deal_beside_an_exclusive_one(client: TestClient) -> None:
    """Whichever of the two is exclusive."""
    first = deal(client, "with-uber", "uber", exclusivity={"bound": "weride"})
    both = {"exclusive_elsewhere": [first, first + 1]}
    parties = [{"organization": "weride"}, {"organization": "grab"}]
    data: dict[str, Any] = {"parties": parties, "mode": "platform_operator"}
    assert foretold(client, "partnerships/form", data, "2026-02-01") == both
    record(client, "partnerships/with-uber/end", occurred_on="2026-01-15")
    assert foretold(client, "partnerships/form", data, "2026-02-01") == {}


def test_the_graph_counts_partners_that_have_a_role(client: TestClient) -> None:
    """WeRide has two platforms, one of which it no longer works with in July."""
    deal(client, "with-uber", "uber")
    deal(client, "with-grab", "grab")
    record(client, "partnerships/with-grab/end", occurred_on="2026-07-01")
    for day, expected in (("2026-06-30", ["grab", "uber"]), ("2026-07-01", ["uber"])):
        (weride,) = items(client, "graph", organization="weride", effective_at=day)
        assert [one["subject"]["key"] for one in weride["partners"]] == expected
    two = items(client, "graph", with_role="platform", at_least=2, **DAY)
    assert [one["subject"]["key"] for one in two] == ["weride"]
    assert items(client, "graph", role="platform", with_role="platform", **DAY) == []


# ── differences ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_gone(client: TestClient) -> None:
    """What was opened and retracted appeared, and is gone; seen from now, it appears then."""
    opened = deal(client, "with-uber", "uber")
    reason = {"reason": "Recorded by mistake"}
    retracted = client.post(f"/v1/events/{opened}/retract", json=reason).json()["position"]
    see(client, retracted)
    for known, change, by in (
        ((opened - 1, opened), "appeared", opened),
        ((opened, retracted), "gone", retracted),
        ((retracted, opened), "appeared", retracted),
    ):
        looks = {"from_known_position": known[0], "to_known_position": known[1]}
        (found,) = items(client, "diff", kind="partnership", **looks)
        assert (found["title"], found["change"]) == ("weride and uber", change)
        assert found["positions"] == [by]


def test_what_is_different_about_one_subject(client: TestClient) -> None:
    """By knowledge and by day; one that is known only later is not known."""
    opened = deal(client, "with-uber", "uber")
    last = deal(client, "with-grab", "grab")
    record(client, "partnerships/with-grab/end", occurred_on="2026-06-01")
    grab: dict[str, Any] = {"subject": "with-grab"}
    (found,) = items(client, "diff", **grab, from_known_position=opened)
    assert (found["subject"]["key"], found["change"]) == ("with-grab", "appeared")
    days = {"from_effective_at": "2026-05-31", "to_effective_at": "2026-06-01"}
    (found,) = items(client, "diff", **grab, **days)
    assert found["fields"][0]["to"] == "ended"
    assert items(client, "diff", subject="with-uber", **days) == []
    early = {**grab, "from_known_position": 0, "to_known_position": last - 1}
    assert client.get("/v1/diff", params=early).status_code == 422


def test_a_code_that_no_warning_has_is_refused(client: TestClient) -> None:
    """What is misspelt would find nothing, which would look like good news."""
    answer = client.get("/v1/warnings", params={"code": "no_permit"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["parameter"]) == (422, "code")
    assert "'no_permit_on_record'" in error["detail"]


def test_two_names_of_one_clock_are_refused(client: TestClient) -> None:
    """A look knows up to an instant or up to a position."""
    both = "from_known_at=2026-01-01T00:00:00Z&from_known_position=1"
    assert client.get(f"/v1/diff?{both}").status_code == 422


# ── duplicates of organizations ──────────────────────────────────────────────────────────────────


def test_what_was_said_of_a_duplicate_counts_for_what_stands_for_it(client: TestClient) -> None:
    """From the merge on, not as known before: for permits, partners and filters, and once."""
    record(client, "organizations/register", key="we-ride", data={"name": "We Ride"})
    taxi = {**TAXI, "operators": ["we-ride"]}
    record(client, "services/launch", key="taxi", occurred_on="2026-01-01", data=taxi)
    record(client, "permits/grant", key="licence", occurred_on="2025-12-01", data=LICENCE)
    deal(client, "with-uber", "uber")
    last = deal(client, "with-we-ride", "we-ride")
    reason = "The same company, registered twice"
    merged = record(
        client, "organizations/we-ride/merge-into", data={"into": "weride"}, reason=reason
    )
    assert warned(client, code="no_permit_on_record", known_position=last).keys() == {"taxi"}
    assert warned(client, code="no_permit_on_record", known_position=merged) == {}
    covered = client.get("/v1/coverage", params={"service": "taxi", **DAY}).json()
    assert [one["subject"]["key"] for one in covered["items"]] == ["licence"]
    for name in ("weride", "we-ride"):
        (node,) = items(client, "graph", organization=name, **DAY)
        assert node["subject"]["key"] == "weride"
        assert [one["subject"]["key"] for one in node["partners"]] == ["uber"]
        asked = {"organization": name, "kind": "service", **DAY}
        found = items(client, "diff", from_known_position=0, **asked)
        assert [one["subject"]["key"] for one in found] == ["taxi"]
        there = items(client, "places", organization=name, kind="service", **DAY)
        assert [one["subject"]["key"] for one in there] == ["taxi"]
        meant = [one["subject"]["key"] for one in items(client, "search", q=name, **DAY)]
        assert (meant[0], "we-ride" in meant) == ("weride", False)
    before = items(client, "graph", organization="we-ride", known_position=last, **DAY)
    assert [one["subject"]["key"] for one in before[0]["partners"]] == ["weride"]


def test_a_duplicate_is_left_out_of_answers(client: TestClient) -> None:
    """Its permit, its suspension and its promise are those of another record now."""
    record(client, "permits/grant", key="licence", occurred_on="2026-01-01", data=LICENCE)
    record(client, "permits/grant", key="copy", occurred_on="2026-01-01", data=LICENCE)
    start = {"milestone": "renewal", "target_date": "2027"}
    record(client, "permits/copy/set-target", occurred_on="2026-01-01", data=start)
    last = record(client, "permits/copy/suspend", occurred_on="2026-02-01")
    merge = {"data": {"into": "licence"}, "reason": "One permit, logged by two people"}
    record(client, "permits/copy/merge-into", **merge)
    for path in ("targets", "suspensions", "coverage", "places"):
        asked = {"effective_at": "2026-01-15"} if path == "coverage" else DAY
        now = [one["subject"]["key"] for one in items(client, path, **asked)]
        then = items(client, path, **asked, known_position=last)
        assert "copy" not in now
        assert "copy" in [one["subject"]["key"] for one in then]
