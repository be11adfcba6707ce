"""What was logged wrongly is put right over HTTP, on the example data; nothing is overwritten."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

NDJSON = {"Content-Type": "application/x-ndjson"}
DUBAI = {"country": "AE", "city": "Dubai"}
DEAL = "/v1/partnerships/weride-uber-abu-dhabi"


def post(client: httpx2.Client, path: str, body: dict[str, Any], **params: str) -> dict[str, Any]:
    """Write, see it through, and give the answer."""
    answer = client.post(path, json=body, params=params)
    assert answer.is_success, answer.text
    told: dict[str, Any] = answer.json()
    return told


def get(client: httpx2.Client, path: str, after: dict[str, Any], **params: Any) -> dict[str, Any]:
    """Read what was so after an answer."""
    answer = client.get(path, params={"min_position": after["position"], **params})
    assert answer.is_success, answer.text
    told: dict[str, Any] = answer.json()
    return told


def entries(client: httpx2.Client, key: str, after: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Give the lines of the timeline of a subject by position."""
    page = get(client, "/v1/timeline", after, subject=key, limit=500)
    return {one["position"]: one for one in page["items"]}


def test_a_typing_mistake_is_corrected_and_the_correction_taken_back(
    expendable: httpx2.Client,
) -> None:
    """Each step is shown before it is taken, and leaves every other event as it is."""
    body = {
        "key": "amended-deal",
        "occurred_on": "2026-05-30",
        "data": {
            "parties": [{"organization": "weride"}, {"organization": "grab"}],
            "mode": "platform_operator",
            "autonomy_level": "L2",
        },
    }
    formed = post(expendable, "/v1/partnerships/form", body)
    right = {**body["data"], "autonomy_level": "L4"}  # type: ignore[dict-item]  # plain JSON
    correction = {"reason": "Typing mistake: the press release says L4", "data": right}
    path = f"/v1/events/{formed['position']}/correct"
    would = post(expendable, path, correction, dry_run="true")
    assert would["changes"] == {"autonomy_level": {"from": "L2", "to": "L4"}}
    status = {"status": {"from": "current", "to": "corrected"}}
    [line] = would["timeline"]
    assert (line["position"], line["changes"]) == (formed["position"], status)

    corrected = post(expendable, path, correction)
    deal = "/v1/partnerships/amended-deal"
    assert get(expendable, deal, corrected)["state"]["autonomy_level"] == "L4"
    as_recorded = expendable.get(f"/v1/events/{formed['position']}").json()
    assert as_recorded["data"]["autonomy_level"] == "L2"
    before = {"known_position": formed["position"]}
    assert get(expendable, deal, corrected, **before)["state"]["autonomy_level"] == "L2"

    told = entries(expendable, "amended-deal", corrected)[corrected["position"]]["headline"]
    reason = "Typing mistake: the press release says L4"
    assert told == f"Corrected: position {formed['position']}, WeRide and Grab: {reason}"

    why = {"reason": "It was L2 after all"}
    back = post(expendable, f"/v1/events/{corrected['position']}/retract", why)
    assert get(expendable, deal, back)["state"]["autonomy_level"] == "L2"
    statuses = {
        place: one["status"] for place, one in entries(expendable, "amended-deal", back).items()
    }
    assert statuses[formed["position"]] == "current"
    assert statuses[corrected["position"]] == "retracted"


def test_a_rename_is_previewed_in_titles(expendable: httpx2.Client) -> None:
    """The title that people read is a field of the preview like any other."""
    body = {"key": "amended-firm", "data": {"name": "Wride"}}
    firm = post(expendable, "/v1/organizations/register", body)
    path = f"/v1/events/{firm['position']}/correct"
    right = {"reason": "Typing mistake", "data": {"name": "WeRider"}}
    would = post(expendable, path, right, dry_run="true")
    names = {"from": "Wride", "to": "WeRider"}
    assert would["changes"] == {"title": names, "name": names}


def test_a_dispute_makes_the_state_contested_until_it_is_settled(expendable: httpx2.Client) -> None:
    """Whoever doubts gives a reason and a source; an admin settles it."""
    page = expendable.get("/v1/partnerships", params={"contested": "false", "limit": 1}).json()
    key, position = page["items"][0]["subject"]["key"], page["items"][0]["positions"][0]
    deal, about = f"/v1/partnerships/{key}", f"/v1/events/{position}"
    source = {"title": "Another page", "stance": "contradicts", "about": "date"}
    doubt = {"reason": "Another page has another day", "sources": [source]}
    would = post(expendable, f"{about}/dispute", doubt, dry_run="true")
    assert would["changes"] == {"contested": {"from": False, "to": True}}
    disputed = post(expendable, f"{about}/dispute", doubt)
    assert get(expendable, deal, disputed)["contested"] is True
    assert entries(expendable, key, disputed)[position]["status"] == "disputed"
    verdict = {"reason": "The company confirmed the day", "outcome": "rejected"}
    settled = post(expendable, f"{about}/resolve-dispute", verdict)
    assert get(expendable, deal, settled)["contested"] is False
    again = expendable.post(f"{about}/resolve-dispute", json=verdict)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-disputed")


def test_a_duplicate_is_merged_and_parted_again(expendable: httpx2.Client) -> None:
    """Both stay readable; a merge needs a reason, another record, and an admin."""
    data = {"name": "WeRide Incorporated"}
    double = post(expendable, "/v1/organizations/register", {"key": "weride-two", "data": data})
    path = "/v1/organizations/weride-two/merge-into"
    merge = {"reason": "Registered twice", "data": {"into": "WeRide"}}
    faults = {"/reason": {"data": merge["data"]}, "/data/into": {**merge, "data": {"into": "x-y"}}}
    for pointer, wrong in faults.items():
        answer = expendable.post(path, json=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    would = post(expendable, path, merge, dry_run="true")
    assert would["changes"] == {"merged_into": {"from": None, "to": "weride"}}
    merged = post(expendable, path, merge)
    state = get(expendable, "/v1/organizations/weride-two", merged)
    assert state["merged_into"] == "weride"
    again = expendable.post(path, json=merge)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-merged")
    circle = {**merge, "data": {"into": "weride-two"}}
    answer = expendable.post("/v1/organizations/weride/merge-into", json=circle)
    assert answer.status_code == 409
    assert answer.json()["conflicting_positions"] == [merged["position"]]
    why = {"reason": "Two firms after all"}
    parted = post(expendable, "/v1/organizations/weride-two/unmerge", why)
    assert "merged_into" not in get(expendable, "/v1/organizations/weride-two", parted)
    then = {"known_position": merged["position"]}
    known = get(expendable, "/v1/organizations/weride-two", parted, **then)
    assert known["merged_into"] == "weride"
    assert double["position"] < merged["position"] < parted["position"]


def test_an_import_is_undone_after_a_look_at_what_would_change(expendable: httpx2.Client) -> None:
    """Somebody imports the wrong file: new records go, old ones are as they were before."""
    lines = [
        {
            "type": "service.launched",
            "subject": "wrong-service",
            "occurred_on": "2026-06-01",
            "data": {"operators": ["weride"], "places": [DUBAI], "vehicle_kinds": ["robotaxi"]},
        },
        {
            "type": "partnership.ended",
            "subject": "weride-uber-abu-dhabi",
            "occurred_on": "2026-09-01",
        },
    ]
    before = expendable.get(DEAL).json()
    content = b"\n".join(json.dumps(line).encode() for line in lines)
    told = expendable.post("/v1/events", content=content, headers=NDJSON).json()
    assert (told["accepted"], told["errors"]) == (2, [])
    assert get(expendable, DEAL, told)["stage"] == "ended"
    undo, why = f"/v1/batches/{told['batch']}/undo", {"reason": "The wrong file"}
    would = post(expendable, undo, why, dry_run="true")
    assert [one["subject"]["key"] for one in would["events"]] == [
        "wrong-service",
        "weride-uber-abu-dhabi",
    ]
    changes = {one["subject"]["key"]: one["changes"] for one in would["subjects"]}
    assert changes["weride-uber-abu-dhabi"]["stage"] == {"from": "ended", "to": before["stage"]}
    assert changes["wrong-service"]["title"]["to"] is None
    assert changes["wrong-service"]["stage"] == {"from": "launched", "to": None}

    undone = post(expendable, undo, why)
    assert undone["retracted"] == 2
    after = get(expendable, DEAL, undone)
    same = ("title", "stage", "state", "uncertain", "contested", "positions")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert expendable.get("/v1/services/wrong-service").json()["type"] == "/problems/not-yet"
    assert post(expendable, undo, why)["retracted"] == 0


def test_an_import_on_which_others_built_is_not_undone(expendable: httpx2.Client) -> None:
    """All that stands against it is named by position, and nothing is written."""
    data = {"operators": ["weride"], "places": [DUBAI], "vehicle_kinds": ["robotaxi"]}
    lines = [
        {
            "type": "service.launched",
            "subject": f"built-{n}",
            "occurred_on": "2026-06",
            "data": data,
        }
        for n in range(3)
    ]
    content = b"\n".join(json.dumps(line).encode() for line in lines)
    told = expendable.post("/v1/events", content=content, headers=NDJSON).json()
    later = {"occurred_on": "2026-08-01"}
    built = [post(expendable, f"/v1/services/built-{n}/expand", later)["position"] for n in (0, 2)]
    undo, why = f"/v1/batches/{told['batch']}/undo", {"reason": "The wrong file"}
    refused = expendable.post(undo, json=why)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/built-upon")
    assert refused.json()["conflicting_positions"] == built
    for position in built:
        post(expendable, f"/v1/events/{position}/retract", {"reason": "Built on a wrong file"})
    assert post(expendable, undo, why)["retracted"] == 3


def test_the_whole_example_is_one_import_that_can_be_undone(expendable: httpx2.Client) -> None:
    """With its corrections and disputes; undone and brought back, every state is what it was.

    The last story: the others are undone before.
    """
    log = expendable.get("/v1/events", params={"after": 131, "limit": 1}).json()
    batch = log["items"][0]["batch"]
    undo, why = f"/v1/batches/{batch}/undo", {"reason": "To see whether it can be"}
    before = _states(expendable, log["position"])
    assert post(expendable, undo, why, dry_run="true")["retracted"] == 225
    undone = post(expendable, undo, why)
    assert undone["retracted"] == 225
    gone = _states(expendable, undone["position"])
    assert gone.keys() < before.keys()
    back = post(expendable, f"/v1/batches/{undone['undone_by']}/undo", why)
    assert back["retracted"] == 225
    assert _states(expendable, back["position"]) == before


def _states(client: httpx2.Client, position: int) -> dict[str, dict[str, Any]]:
    """Give every state, without what tells how often it was written about."""
    found = {}
    for path in ("partnerships", "services", "rd-centers", "permits", "statements", "sites"):
        page = client.get(f"/v1/{path}", params={"limit": 500, "min_position": position}).json()
        for item in page["items"]:
            changing = ("version", "last_position", "known_at", "known_position", "effective_at")
            told = {name: value for name, value in item.items() if name not in changing}
            found[item["subject"]["key"]] = told
    return found
