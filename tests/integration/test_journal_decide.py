"""From what somebody asks to what is recorded: subjects, references, rights, bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from domain.refusals import Refused
from journal.commands import Line, Principal
from journal.names import fold, is_key, slug
from journal.refusals import (
    AtLine,
    KeyTaken,
    Malformed,
    NotAllowed,
    NotYours,
    Unknown,
    Unresolvable,
)
from tests.integration.journaling import (
    ADMIN,
    ANN,
    BOB,
    app,
    command,
    committer,
    note,
    organization,
    partnership,
    positions,
    record,
    run,
)

if TYPE_CHECKING:
    from journal.commands import Command
    from journal.round import Recording

AUDITOR = Principal("eve", "auditor")
READER = Principal("joe", "reader")


def submit(url: str, *commands: Command) -> list[Recording]:
    """Record commands, one after the other."""

    async def work() -> list[Recording]:
        async with committer(url) as journal:
            return [await journal.submit(one) for one in commands]

    return run(work())


def body(recording: Recording) -> dict[str, Any]:
    """Give the stored content of the first row."""
    return recording.rows[0].content()


def about(kind: str, subject: str, type_: str, **rest: Any) -> dict[str, Any]:
    """Give a line about a subject or one of its events."""
    return {"type": type_, "kind": kind, "subject": subject, **rest}


# ── subjects ─────────────────────────────────────────────────────────────────────────────────────


def test_key_opens_once_and_is_written_to_after_that(database: str) -> None:
    """A new key opens a subject; the key and the id then both mean it."""
    [first] = record(database, organization("weride"))
    subject = str(first.rows[0].subject)
    rows = [one.rows[0] for one in record(database, note("weride", "a"), note(subject, "b"))]
    assert [row.version for row in rows] == [2, 3]
    assert {(row.subject, row.key) for row in rows} == {(first.rows[0].subject, "weride")}


def test_opening_route_refuses_a_taken_key(database: str) -> None:
    """Who wants to open a subject does not write to somebody else's."""
    record(database, organization("weride"))
    line = Line.read(organization("weride"), opens=True)
    with pytest.raises(KeyTaken, match="'weride' is that of another organization already"):
        submit(database, command_of(line))


def command_of(line: Line, by: Principal = ADMIN) -> Command:
    """Make a command of a line that is read already."""
    empty = command(by=by)
    return type(empty)(by, (line,))


def test_appending_route_opens_nothing(database: str) -> None:
    """A route for an existing subject does not know a new key; no line knows a new id."""
    with pytest.raises(Unknown, match="weride"):
        submit(database, command_of(Line.read(organization("weride"), opens=False)))
    with pytest.raises(Unknown):
        record(database, note("01a205ed-a39c-77e6-955a-88e93100ff51", "x"))
    assert positions(database) == []


def test_event_of_another_kind_is_refused(database: str) -> None:
    """A permit's event is no event of an organization."""
    record(database, organization("weride"))
    record(database, organization("uber"))
    with pytest.raises(Malformed, match=r"/subject: weride is an? organization"):
        record(database, partnership("weride", "weride", "uber"))


def test_universal_event_on_a_new_key_needs_its_kind(database: str) -> None:
    """On a known subject the kind may be left out; on a new one nothing tells it."""
    line = {"type": "note.added", "subject": "weride", "data": {"details": "x"}}
    with pytest.raises(Malformed, match="/kind"):
        record(database, line)
    record(database, organization("weride"), line)
    assert positions(database) == [1, 2]


def test_key_is_made_of_the_content(database: str) -> None:
    """Where none is given, the key is what people would call it, in plain letters, and free."""
    names = ["文远知行", "Pony.ai", "Pony.ai", "Pony.ai"]
    lines = [{"type": "organization.registered", "data": {"name": name}} for name in names]
    keys = [recording.rows[0].key for recording in record(database, *lines)]
    assert keys == ["wenyuanzhixing", "pony-ai", "pony-ai-2", "pony-ai-3"]


def test_many_of_one_name_in_a_batch_get_keys_of_their_own(database: str) -> None:
    """Also beyond those that are looked up at once, and in one atomic command."""
    line = {"type": "organization.registered", "data": {"name": "Uber"}}
    [recording] = submit(database, command(*[line] * 8))
    assert [row.key for row in recording.rows] == ["uber", *[f"uber-{nr}" for nr in range(2, 9)]]


# ── references ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["weride", "文远知行", "WERIDE  inc.", "WeRide Inc."])
def test_any_name_is_stored_as_the_key(database: str, text: str) -> None:
    """A key, or any name in any script and case, is read back as the key."""
    names = [{"name": "文远知行", "script": "Hans"}]
    record(database, organization("weride", "WeRide Inc.", names=names), organization("uber"))
    [recording] = record(database, partnership("weride-uber", text, "uber"))
    assert body(recording)["data"]["parties"][0]["organization"] == "weride"


def test_id_is_stored_as_the_key(database: str) -> None:
    """An id works as well."""
    [first, _] = record(database, organization("weride"), organization("uber"))
    [recording] = record(database, partnership("weride-uber", str(first.rows[0].subject), "uber"))
    assert body(recording)["data"]["parties"][0]["organization"] == "weride"


def test_unknown_reference_is_refused_where_it_stands(database: str) -> None:
    """The refusal points at the field, repeats what was written and names what is alike."""
    record(database, organization("uber"), organization("weride"), organization("weird"))
    with pytest.raises(Unresolvable) as refused:
        record(database, partnership("weride-uber", "werid", "uber"))
    [fault] = refused.value.faults
    assert fault.pointer == "/data/parties/0/organization"
    assert "'werid'" in fault.detail
    assert "did you mean weride or weird?" in fault.detail


def test_name_of_two_organizations_is_refused_with_both(database: str) -> None:
    """An alias that fits two is never guessed."""
    record(database, organization("apollo-us", "Apollo"), organization("apollo-cn", "Apollo"))
    with pytest.raises(Unresolvable, match="apollo-cn or apollo-us"):
        record(database, partnership("apollo-uber", "APOLLO", "apollo-us"))


def test_corrected_name_no_longer_resolves(database: str) -> None:
    """Aliases follow corrections and retractions of names."""
    first, alias = record(
        database,
        organization("weride", "WeRide"),
        {
            "type": "organization.alias_added",
            "subject": "weride",
            "data": {"names": [{"name": "Werider"}]},
        },
    )
    record(
        database,
        partnership(
            "a",
            "Werider",
            "WeRide",
            data={"parties": [{"organization": "Werider"}, {"mention": "x"}], "mode": "other"},
        ),
    )
    target = {"target": {"position": alias.rows[0].position}}
    record(database, about("organization", "weride", "event.retracted", data=target, reason="no"))
    with pytest.raises(Unresolvable, match="Werider"):
        record(database, partnership("b", "Werider", "weride"))
    assert first.rows[0].key == "weride"


def test_references_inside_a_correction_become_keys(database: str) -> None:
    """What replaces a payload is validated, and resolved, like the payload."""
    parties = [{"organization": "WeRide Inc."}, {"organization": "uber"}]
    [*_, formed] = record(
        database,
        organization("weride", "WeRide Inc."),
        organization("uber"),
        partnership("weride-uber", "weride", "uber"),
    )
    target = {"position": formed.rows[0].position}
    data = {"target": target, "data": {"parties": parties, "mode": "carmaker"}}
    line = about("partnership", "weride-uber", "event.corrected", data=data, reason="typo")
    [corrected] = record(database, line)
    assert body(corrected)["data"]["data"]["parties"][0] == {"organization": "weride"}
    assert body(corrected)["data"]["target"] == target
    parties[0] = {"organization": "nobody"}
    bad = {"target": target, "data": {"parties": parties, "mode": "carmaker"}}
    with pytest.raises(Malformed, match="/data/data/parties/0/organization"):
        record(database, {**line, "data": bad})


# ── what is stored ───────────────────────────────────────────────────────────────────────────────


def test_what_is_sent_is_what_is_read_back(database: str) -> None:
    """Sources, reason, ref, target and numbers are stored as they were written."""
    sources = [{"title": "LTA", "url": "http://a.example/x?y=1#z", "stance": "supports"}]
    [first, second] = record(
        database,
        organization("weride"),
        note("weride", "x", sources=sources, reason="because", ref="E1", occurred_on="2025-33"),
    )
    assert body(first) == {"data": {"name": "Weride"}}
    stored = body(second)
    assert stored == {
        "data": {"details": "x"},
        "sources": sources,
        "reason": "because",
        "ref": "E1",
    }
    assert second.rows[0].occurred_on == "2025-33"
    assert orjson.loads(second.rows[0].body) == stored


def test_target_by_ref_stays_a_ref(database: str) -> None:
    """A target is stored as it was given, and means the event of that row."""
    record(database, organization("weride"), note("weride", "x", ref="E7"))
    target = {"ref": "E7", "type": "note.added"}
    line = about("organization", "weride", "event.disputed", data={"target": target})
    [disputed] = record(database, line)
    assert body(disputed)["data"]["target"] == target
    missing = {"target": {"ref": "E8", "type": "note.added"}}
    with pytest.raises(Refused):
        record(database, {**line, "data": missing})


def test_days_are_those_of_the_date(database: str) -> None:
    """The columns hold the possible days: none where a side is open or nothing is known."""
    dates = ["2025-11-14", "2025-33", "../2025-07-17", "2025-11/..", None]
    record(database, organization("weride"))
    lines = [note("weride", str(date), occurred_on=date) for date in dates]
    rows = [one.rows[0] for one in record(database, *lines)]
    days = [tuple(day and str(day) for day in (row.earliest, row.latest)) for row in rows]
    assert days == [
        ("2025-11-14", "2025-11-14"),
        ("2025-01-01", "2025-03-31"),
        (None, "2025-07-17"),
        ("2025-11-01", None),
        (None, None),
    ]


# ── several lines ────────────────────────────────────────────────────────────────────────────────


def test_array_is_all_or_nothing(database: str) -> None:
    """Later lines see what earlier ones open; one refused line refuses all, by its number."""
    lines = organization("weride"), organization("uber"), partnership(None, "Weride", "uber")
    [recording] = submit(database, command(*lines))
    assert [row.position for row in recording.rows] == [1, 2, 3]
    with pytest.raises(AtLine) as refused:
        submit(database, command(organization("pony"), partnership("x", "pony", "nobody")))
    assert refused.value.index == 1
    assert isinstance(refused.value.cause, Unresolvable)
    assert positions(database) == [1, 2, 3]


def test_dry_run_tells_and_writes_nothing(database: str) -> None:
    """It gives the event as it would be, and the history before and after."""
    record(database, organization("weride"))
    [dry] = submit(database, command(note("weride", "x"), organization("uber"), dry_run=True))
    assert [row.position for row in dry.rows] == [2, 3]
    assert dry.rows[0].leaf == b""
    assert [(before.version, after.version) for before, after in dry.changes] == [(1, 2), (0, 1)]
    assert positions(database) == [1]
    with pytest.raises(Unknown):
        submit(database, command_of(Line.read(organization("uber"), opens=False)))


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


def test_contributor_changes_only_what_is_their_own(database: str) -> None:
    """Ann corrects and retracts what Ann recorded; Bob does not; an admin does."""
    recordings = record(database, organization("weride"), note("weride", "x"), by=ANN)
    data = {"target": {"position": recordings[1].rows[0].position}}
    retraction = about("organization", "weride", "event.retracted", data=data, reason="wrong")
    correction = about(
        "organization",
        "weride",
        "event.corrected",
        data={**data, "data": {"details": "y"}},
        reason="wrong",
    )
    for line in (correction, retraction):
        with pytest.raises(NotYours):
            record(database, line, by=BOB)
    record(database, correction, by=ANN)
    record(database, retraction, by=ADMIN)
    assert positions(database) == [1, 2, 3, 4]


@pytest.mark.parametrize("by", [AUDITOR, READER])
def test_roles_write_only_what_the_event_says(database: str, by: Principal) -> None:
    """A reader writes nothing; an auditor notes, evidence and disputes."""
    record(database, organization("weride"))
    with pytest.raises(NotAllowed):
        record(database, organization("uber"), by=by)
    line = note("weride", "x")
    if by is AUDITOR:
        record(database, line, by=by)
    else:
        with pytest.raises(NotAllowed):
            record(database, line, by=by)


# ── what is refused before anything is looked up ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], ""),
        ("x", ""),
        ({}, "/type"),
        ({"type": 3}, "/type"),
        ({"type": "partnership.fromed"}, "/type"),
        ({"type": "partnership.formed", "data": []}, "/data"),
        ({"type": "partnership.formed", "kind": "permit"}, "/kind"),
        ({"type": "note.added", "kind": "planet"}, "/kind"),
        ({"type": "note.added", "recorded_by": "me"}, "/recorded_by"),
        ({"type": "note.added", "subject": "We Ride"}, "/subject"),
        ({"type": "note.added", "subject": "a" * 101}, "/subject"),
        ({"type": "note.added", "occurred_on": "14.11.2025"}, "/occurred_on"),
        ({"type": "note.added", "after": {"position": 0}}, "/after/position"),
        ({"type": "note.added", "sources": [{"title": "x", "url": "ftp://x"}]}, "/sources/0/url"),
        ({"type": "event.retracted", "kind": "permit", "data": {}}, "/reason"),
        (organization("x", home_country="XX"), "/data/home_country"),
        (organization("x", names=[{"name": "y", "script": "hans"}]), "/data/names/0/script"),
        (partnership("x", "a", "b", data={"parties": "a"}), "/data/parties"),
        (partnership("x", "a", "b", data={"mod/e": 1}), "/data/mod~1e"),
    ],
)
def test_faults_point_at_what_was_sent(document: object, pointer: str) -> None:
    """Every fault of a line is told by a pointer into the line itself."""
    with pytest.raises(Malformed) as refused:
        Line.read(document)
    assert pointer in [fault.pointer for fault in refused.value.faults]


def test_unknown_type_is_told_the_nearest() -> None:
    """A typing mistake can be corrected from the message alone."""
    with pytest.raises(Malformed, match=r"partnership\.formed"):
        Line.read({"type": "partnership.fromed"})


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def test_slug_is_always_a_key() -> None:
    """Whatever the title, its slug is a key."""
    titles = ["", "---", "文远知行", "Ärzte & Co.", "a" * 300, "🚕", "İstanbul", "x" * 59 + " y"]
    assert all(is_key(slug(title)) for title in titles)


def test_fold_sees_one_name_in_many_spellings() -> None:
    """Case, width and space make no difference; letters do."""
    assert fold("  \uff37\uff45\uff32ide\tInc ") == fold("weride inc")
    assert fold("WeRide") != fold("We Ride")


def test_names_are_written_in_the_same_transaction(database: str) -> None:
    """Every subject has exactly one row of its own, at the position that opened it."""
    record(database, organization("weride"), organization("uber"), note("weride", "x"))
    with app(database) as connection:
        query = "SELECT key, position FROM journal.names WHERE alias IS NULL ORDER BY position"
        assert connection.execute(query).fetchall() == [("weride", 1), ("uber", 2)]
