"""The words of the model: dates and what they can mean, lives, stages and fields of four kinds."""

from __future__ import annotations

OPEN = None

# What each date that the tests use can mean: the first and the last possible day, worked out by
# hand. None where that side is open. Days are texts: they sort as days do.
DATES: dict[str, tuple[str | None, str | None]] = {
    **{day: (day, day) for day in ("2025-01-10", "2025-01-20", "2025-02-01", "2025-02-14")},
    **{day: (day, day) for day in ("2025-02-28", "2025-03-15", "2025-06-30", "2027-01-01")},
    "2025-02-14~": ("2025-02-14", "2025-02-14"),
    "2025-01": ("2025-01-01", "2025-01-31"),
    "2025-02": ("2025-02-01", "2025-02-28"),
    "2025-03?": ("2025-03-01", "2025-03-31"),
    "2025": ("2025-01-01", "2025-12-31"),
    "2025-33": ("2025-01-01", "2025-03-31"),
    "2025-41": ("2025-07-01", "2025-12-31"),
    "2025-01-15/2025-02-20": ("2025-01-15", "2025-02-20"),
    "../2025-02-14": (OPEN, "2025-02-14"),
    "2025-03-01/..": ("2025-03-01", OPEN),
    "2027-01-01/..": ("2027-01-01", OPEN),
}
ALWAYS = "0001-01-01"

# The order of life; what an event makes of the stage, None where it leaves it.
LIVES: dict[str, dict[str, str | None]] = {
    "organization": {
        "registered": "registered",
        "founded": "founded",
        "renamed": None,
        "alias_added": None,
        "listed": "listed",
        "sanctioned": "sanctioned",
        "operations_suspended": "operations_suspended",
        "operations_resumed": "operations_resumed",
        "closed": "closed",
    },
    "partnership": {
        "proposed": "proposed",
        "mou_signed": "mou",
        "formed": "formed",
        "expanded": None,
        "party_joined": None,
        "party_left": None,
        "suspended": "suspended",
        "resumed": "back",
        "ended": "ended",
    },
    "service": {
        "announced": "announced",
        "testing_started": "testing",
        "pilot_started": "pilot",
        "launched": "launched",
        "expanded": None,
        "driver_removed": None,
        "suspended": "suspended",
        "resumed": "back",
        "ended": "ended",
    },
    "permit": {
        "applied": "applied",
        "granted": "granted",
        "confirmed": "granted",
        "amended": None,
        "renewed": "granted",
        "suspended": "suspended",
        "reinstated": "granted",
        "revoked": "revoked",
        "expired": "expired",
    },
}
OF_ANY = (
    *("note.added", "evidence.added", "claim.denied", "target.set", "target.moved", "target.met"),
    "target.dropped",
)
ENDS = ("closed", "ended", "revoked", "expired")
AFTER_END = ("note.added", "evidence.added", "claim.denied", "target.met", "target.dropped")
GOES_BACK = ("resumed", "reinstated", "operations_resumed")
LADDERS = {
    "partnership": ("rumoured", "proposed", "negotiating", "mou", "formed", "established"),
    "service": ("rumoured", "announced", "testing", "pilot", "launched"),
}
FIELDS = {
    "organization": ("name", "names", "roles", "home_country", "website", "parents"),
    "partnership": ("parties", "mode", "offering", "autonomy_level", "next_step"),
    "service": ("operators", "places", "vehicle_kinds", "level", "access", "fleet"),
    "permit": ("holders", "jurisdictions", "activity", "valid_from", "valid_until", "conditions"),
}
NEEDED = {
    "organization": ("name",),
    "partnership": ("parties", "mode"),
    "service": ("operators", "places", "vehicle_kinds"),
    "permit": ("holders", "jurisdictions", "activity"),
}
REFERRING = ("operators", "holders", "parties", "parents")
