"""What was believed, what has changed, and by which events: asked of the example data.

The expected answers were worked out by reading the example files, not by running the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.known import DAY, known

if TYPE_CHECKING:
    import httpx2


@pytest.fixture(scope="module")
def client(examples: httpx2.Client) -> httpx2.Client:
    """Give Farshore with the example data."""
    return examples


# ── 4: what did we believe, what do we believe now, and which events made the difference? ────────


def fields(difference: dict[str, Any]) -> dict[str, tuple[Any, Any, list[int]]]:
    """Give by field what was, what is, and the events between."""
    return {
        one["field"]: (one["from"], one["to"], one["positions"]) for one in difference["fields"]
    }


def test_what_was_believed_and_which_events_changed_it(client: httpx2.Client) -> None:
    """Until position 305 Zhang Yongwei spoke for another body; the event at 306 corrects that."""
    answer = known(
        client, "/v1/diff", from_known_position=305, to_known_position=306, effective_at=DAY
    )
    (difference,) = answer["items"]
    assert difference["subject"]["key"] == "zhang-yongwei-2025-12-01-hurdles"
    assert fields(difference) == {
        "organization": (
            {"mention": "China Automotive Technology and Research Center"},
            "china-ev100",
            [306],
        ),
        "offices": (["Chairman"], ["President"], [306]),
    }
    assert (answer["from"]["known_position"], answer["to"]["known_position"]) == (305, 306)


def test_what_became_doubtful(client: httpx2.Client) -> None:
    """Of MOGO's bus only the trust changed: by a dispute (304) and by evidence (352)."""
    answer = known(client, "/v1/diff", from_known_position=303, effective_at=DAY, country="SG")
    (bus,) = (one for one in answer["items"] if one["subject"]["key"] == "mogo-singapore-bus")
    assert fields(bus) == {"contested": (False, True, [304, 352])}


def test_what_happened_between_two_days(client: httpx2.Client) -> None:
    """In the first half of March 2026: Dubai stopped, Doha went on, Abu Dhabi became free."""
    answer = known(client, "/v1/diff", from_effective_at="2026-02-28", to_effective_at="2026-03-15")
    stages = {one["subject"]["key"]: fields(one).get("stage") for one in answer["items"]}
    assert stages == {
        "weride-uber-dubai": ("pilot", "suspended", [343]),
        "pony-ai-mowasalat-doha": ("suspended", "testing", [346]),
        "baidu-autogo-abu-dhabi-robotaxi": None,
    }


# ── 12: what changed since my last visit? ────────────────────────────────────────────────────────


def test_what_changed_since_the_last_visit(client: httpx2.Client) -> None:
    """After position 340 come 16 events: eight new records, and three that are different now.

    The share of assisted driving in January 2026 lies before a forecast that is told already, and
    one more page against MOGO's bus makes it no more contested than it was.
    """
    found = known(client, "/v1/diff", from_known_position=340, effective_at=DAY)["items"]
    told = {one["subject"]["key"]: one["change"] for one in found}
    appeared = {
        "inceptio-ceo-2026-02-25-panel",
        "baidu-autogo-abu-dhabi-robotaxi",
        "pony-ai-uber-verne-zagreb",
        "un-r171-supplement-2026",
        "china-av-permit-issuance",
        "mogo-buses-singapore-2026",
        "zelos-dhl-singapore",
        "weride-slovakia",
    }
    changed = {"weride-uber-dubai", "pony-ai-mowasalat-doha", "zeekr-gothenburg"}
    assert told == dict.fromkeys(appeared, "appeared") | dict.fromkeys(changed, "changed")


def test_what_changed_since_an_instant(client: httpx2.Client) -> None:
    """The instant of an event's recording includes the event; without news there is nothing."""
    last = client.get("/v1/events/356").json()["recorded_at"]
    answer = client.get("/v1/diff", params={"from_known_at": last, "to_known_position": 356})
    assert answer.json()["items"] == []
