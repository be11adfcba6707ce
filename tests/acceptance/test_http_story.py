"""A stranger logs a deal with nothing but the answers of the server to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2


def test_a_deal_is_logged_seen_mistyped_explained_and_put_right(examples: httpx2.Client) -> None:
    """Every mistake is told by where it is and what to write instead; then it works."""
    body = {
        "occured_on": "2026-06-12",
        "key": "story-weride-uber-riyadh",
        "data": {
            "parties": [{"organization": "WeRide"}, {"organisation": "Uber"}],
            "mode": "platform_operator",
            "markets": [{"country": "SAU", "city": "Riyadh"}],
        },
    }
    told = examples.post("/v1/partnerships/form", json=body).json()
    assert told["errors"][0]["pointer"] == "/occured_on"
    assert "occurred_on" in told["errors"][0]["detail"]

    body["occurred_on"] = body.pop("occured_on")
    told = examples.post("/v1/partnerships/form", json=body).json()
    pointers = {error["pointer"]: error["detail"] for error in told["errors"]}
    assert "/data/parties/1/organisation" in pointers
    assert "ISO 3166-1" in pointers["/data/markets/0/country"]

    body["data"]["parties"][1] = {"organization": "Ubr"}  # type: ignore[index]  # plain JSON
    body["data"]["markets"][0]["country"] = "SA"  # type: ignore[index]  # plain JSON
    told = examples.post("/v1/partnerships/form", json=body).json()
    assert told["errors"][0]["pointer"].startswith("/data/parties/1/organization")
    assert "Ubr" in told["errors"][0]["detail"]

    body["data"]["parties"][1] = {"organization": "Uber"}  # type: ignore[index]  # plain JSON
    made = examples.post("/v1/partnerships/form", json=body)
    assert made.status_code == 201

    seen = {"min_position": made.headers["Farshore-Position"]}
    shown = examples.get("/v1/partnerships/story-weride-uber-riyadh", params=seen).json()
    assert shown["stage"] == "formed"
    assert shown["title"] == "WeRide and Uber"
    query = {**seen, "subject": "story-weride-uber-riyadh"}
    line = examples.get("/v1/timeline", params=query).json()["items"][0]
    assert line["headline"] == "WeRide and Uber work together in Riyadh, Saudi Arabia"


def test_what_was_logged_wrongly_is_corrected_and_stays_readable(examples: httpx2.Client) -> None:
    """A correction replaces what is shown; the log keeps both."""
    body = {
        "occurred_on": "2026-05-03",
        "key": "story-pony-grab",
        "data": {
            "parties": [{"organization": "pony-ai"}, {"organization": "grab"}],
            "mode": "other",
        },
    }
    made = examples.post("/v1/partnerships/form", json=body).json()
    correction = {
        "type": "event.corrected",
        "kind": "partnership",
        "subject": "story-pony-grab",
        "reason": "The page says April",
        "data": {"target": {"position": made["position"]}, "occurred_on": "2026-04-03"},
    }
    corrected = examples.post("/v1/events", json=correction)
    seen = {"min_position": corrected.headers["Farshore-Position"]}
    history = examples.get("/v1/partnerships/story-pony-grab/history", params=seen).json()["items"]
    assert [(one["occurred_on"], one["status"]) for one in history[:1]] == [
        ("2026-04-03", "corrected")
    ]
    as_recorded = examples.get(f"/v1/events/{made['position']}").json()
    assert as_recorded["occurred_on"] == "2026-05-03"


def test_two_people_do_not_overwrite_each_other(examples: httpx2.Client) -> None:
    """Who looked before the other wrote is told to look again."""
    body = {"key": "story-two-people", "data": {"name": "Story of two people"}}
    made = examples.post("/v1/organizations/register", json=body)
    looked = {"If-Match": made.headers["ETag"]}
    note = {"data": {"details": "first"}}
    address = "/v1/organizations/story-two-people/add-note"
    assert examples.post(address, json=note, headers=looked).status_code == 201
    late = examples.post(address, json=note, headers=looked)
    assert late.status_code == 412
    assert "version 2" in late.json()["detail"]
