"""What the machine draws from: values, days, sources, and events about events."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.vocabulary import DATES

ORGANIZATIONS = ("a", "b", "c")  # by which others are referred to; each run has its own
_DUBAI, _SINGAPORE = {"country": "AE", "city": "Dubai"}, {"country": "SG"}
VALUES: dict[str, dict[str, list[Any]]] = {
    "organization": {
        "name": ["WeRide", "JingChi"],
        "names": [[{"name": "文远知行", "script": "Hans", "kind": "official"}]],
        "roles": [["developer"], ["developer", "investor"]],
        "home_country": ["CN", "US"],
        "parents": [["a"], ["b", "c"]],
    },
    "partnership": {
        "parties": [
            [{"organization": "a", "role": "developer"}, {"organization": "b"}],
            [{"organization": "b"}, {"organization": "c", "stake_percent": 20}],
        ],
        "mode": ["platform_operator", "equity"],
        "offering": ["software", "vehicle"],
        "autonomy_level": ["L3", "L4"],
        "next_step": ["Sign", "Talk"],
    },
    "service": {
        "operators": [["a"], ["b", "c"]],
        "places": [[_DUBAI], [_DUBAI, _SINGAPORE]],
        "vehicle_kinds": [["robotaxi"], ["robobus"]],
        "level": ["L3", "L4"],
        "access": ["invited", "public"],
        "fleet": [{"value": 50, "unit": "vehicles"}],
    },
    "permit": {
        "holders": [["a"], ["c"]],
        "jurisdictions": [[{"level": "city", "place": _DUBAI}]],
        "activity": ["testing", "commercial"],
        "valid_from": ["2025-01", "2025-02-14", "2027-01-01"],
        "valid_until": ["2025-02", "2025-06-30", "2027-01-01/.."],
        "conditions": ["By day"],
    },
}
NEEDED = {
    "organization": ("name",),
    "partnership": ("parties", "mode"),
    "service": ("operators", "places", "vehicle_kinds"),
    "permit": ("holders", "jurisdictions", "activity"),
}
ON = st.sampled_from([*DATES, None])
DAYS = st.sampled_from(
    [
        *("2025-01-01", "2025-01-15", "2025-01-31", "2025-02-14", "2025-02-20", "2025-02-28"),
        *("2025-03-15", "2025-06-30", "2025-12-31", "2026-06-30", "2027-01-01", "2099-01-01"),
    ]
)
SOURCES = st.sampled_from(
    [
        *([], [], [{"title": "Page"}], [{"title": "Page", "confidence": "possible"}]),
        [{"title": "Page", "stance": "contradicts"}],
        [{"title": "Page"}, {"title": "Other", "stance": "denies", "about": "date"}],
    ]
)
AMENDING = (
    *("event.dispute_resolved", "event.retracted", "event.disputed", "event.corrected"),
    *("evidence.added", "event.corrected", "claim.denied", "event.retracted"),
)
