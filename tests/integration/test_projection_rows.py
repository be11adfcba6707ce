"""Rows that are kept up event by event are the rows that a look at the whole gives."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.effective import Recorded
from domain.event import event_class
from domain.history import History
from domain.vocabulary import ByPosition
from projections.catalogue import PROJECTIONS
from projections.histories import folded
from projections.projection import BEGINNING, Changes, Projection, Row, compare
from projections.state import STATE, State

if TYPE_CHECKING:
    from collections.abc import Sequence

SUBJECT = UUID(int=1)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

_DAYS = st.dates(date(2024, 1, 1), date(2026, 6, 1)).map(str)
_DATES = st.one_of(
    st.none(),
    _DAYS,
    _DAYS.map(lambda day: day[:7]),
    _DAYS.map(lambda day: day[:4]),
    _DAYS.map(lambda day: f"../{day}"),
    _DAYS.map(lambda day: f"{day}/.."),
    _DAYS.map(lambda day: f"{day[:7]}~"),
)
_PLACES = st.sampled_from([{"country": "AE", "city": "Dubai"}, {"country": "SG"}])
_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "operators": st.sampled_from([["weride"], ["apollo", "uber"], [{"mention": "RTA"}]]),
        "places": st.lists(_PLACES, min_size=1, max_size=2),
        "vehicle_kinds": st.just(["robotaxi"]),
    },
)
_LIFE = ("launched", "suspended", "resumed", "expanded", "ended", "announced", "testing_started")
_EVENTS = st.one_of(
    st.tuples(st.sampled_from([f"service.{name}" for name in _LIFE]), _FACTS),
    st.tuples(st.sampled_from(["note.added", "evidence.added"]), st.just({"details": "So it is"})),
    st.tuples(st.just("claim.reported"), _FACTS),
    st.tuples(
        st.sampled_from(["target.set", "target.met"]),
        st.fixed_dictionaries({"milestone": st.just("start"), "target_date": _DAYS}),
    ),
)
_ABOUT = st.sampled_from(
    ["event.corrected", "event.retracted", "event.disputed", "event.dispute_resolved"]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Recorded]:
    """Give events of one service, as the archive may hold them: no rule was asked."""
    recorded: list[Recorded] = []
    for position in range(1, draw(st.integers(1, 12)) + 1):
        if recorded and draw(st.integers(0, 3)) == 0:
            type_, data = draw(_ABOUT), _amendment(draw, recorded)
            if type_ != "event.corrected":
                data = {"target": data["target"]}
        else:
            type_, data = draw(_EVENTS)
        recorded.append(_recorded(position, type_, data, draw(_DATES)))
    return recorded


def _amendment(draw: st.DrawFn, recorded: Sequence[Recorded]) -> dict[str, Any]:
    target = draw(st.sampled_from(recorded))
    data: dict[str, Any] = {"target": {"position": target.position}}
    if target.event.type.startswith("service.") and draw(st.booleans()):
        data["data"] = draw(_FACTS)
    else:
        data["occurred_on"] = draw(_DAYS)
    return data


def _recorded(position: int, type_: str, data: dict[str, Any], on: str | None) -> Recorded:
    event = event_class(type_, "service").revive(1, data)
    moment = BEGAN + timedelta(days=position)
    about = (UUID(int=position), "service", SUBJECT, "a-service", position)
    return Recorded(position, *about, event, on, None, moment, "somebody")


_KNOWN = re.compile(r"\[(\d+),(\d*)\)")
Stored = list[tuple[Any, ...]]  # rows of a table, each with its range of knowledge


def _stored(projection: Projection, parts: Sequence[Sequence[Recorded]]) -> list[Stored]:
    """Keep the rows of each table as a runner does, batch by batch."""
    stored: list[Stored] = [[] for _ in projection.tables]
    old: History | None = None
    for part in parts:
        changes = [Changes(table) for table in projection.tables]
        for one in part:
            new = old.add(one) if old else History.of([one])
            compare(projection, old, new, changes)
            old = new
        for rows, change in zip(stored, changes, strict=True):
            for *key, until in change.closed:
                _close(rows, tuple(key), until)
            if change.table.least:
                rows[:] = _merged(len(change.table.key), [*rows, *change.rows()])
            else:
                rows.extend(change.rows())
    return stored


def _merged(width: int, told: Stored) -> Stored:
    """Keep of each key the least that was told."""
    least: dict[Any, tuple[Any, ...]] = {}
    for row in told:
        known = least.get(row[:width], row)
        least[row[:width]] = tuple(map(min, known, row))
    return [*least.values()]


def _close(rows: Stored, key: tuple[Any, ...], until: int) -> None:
    [at] = [i for i, row in enumerate(rows) if row[: len(key)] == key and row[-1].endswith(",)")]
    rows[at] = (*rows[at][:-1], rows[at][-1][:-1] + f"{until})")


def _known(rows: Stored, position: int) -> Stored:
    """Give the rows that tell what was known at a position, without their ranges."""
    known = []
    for row in rows:
        found = _KNOWN.fullmatch(row[-1])
        assert found
        if int(found[1]) <= position < int(found[2] or position + 1):
            known.append(row[:-1])
    return known


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_every_position_shows_what_was_known_there(
    projection: Projection, data: st.DataObject
) -> None:
    """However events are cut into batches, the rows known at a position follow from it alone."""
    recorded = data.draw(histories())
    cuts = sorted({0, len(recorded), *data.draw(st.sets(st.integers(1, len(recorded))))})
    stored = _stored(projection, [recorded[a:b] for a, b in pairwise(cuts)])
    for position in range(1, len(recorded) + 1):
        whole = projection.rows(History.of(recorded[:position]), BEGINNING)
        for table, rows, expected in zip(projection.tables, stored, whole, strict=True):
            if table.least:
                _check_led_to(rows, expected, position)
            else:
                known = _known(rows, position)
                assert sorted(known, key=str) == sorted(expected, key=str)


def _check_led_to(rows: Stored, expected: Sequence[Row], position: int) -> None:
    """Whatever is to be found has a row that leads to it, by its day and its position."""
    leads = {row[:-2]: row[-2:] for row in rows}
    for *key, day in expected:
        first, since = leads[tuple(key)]
        assert first <= day
        assert since <= position


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_batches_make_no_difference(projection: Projection, data: st.DataObject) -> None:
    """Taken one by one, or all at once as a rebuild does, events leave the same rows."""
    recorded = data.draw(histories())
    singly = _stored(projection, [[one] for one in recorded])
    at_once = _stored(projection, [recorded])
    assert [sorted(rows, key=str) for rows in singly] == [sorted(r, key=str) for r in at_once]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_a_long_history_costs_no_more_to_write(projection: Projection) -> None:
    """One more event writes as many rows on a subject with 3,000 events as on one with three."""
    facts = {"operators": ["weride"], "places": [{"country": "SG"}]}
    launched = _recorded(1, "service.launched", facts, "2024-01-01")
    written = []
    for count in (3, 3_000):
        notes = [_note(position) for position in range(2, count + 1)]
        before = History.of([launched, *notes])
        changes = [Changes(table) for table in projection.tables]
        compare(projection, before, before.add(_note(count + 1)), changes)
        written.append([(len(one.closed), len(list(one.rows()))) for one in changes])
    assert written[0] == written[1]


def test_a_late_fact_rewrites_what_it_touches_and_nothing_else() -> None:
    """What is known of the days before it stays as it was, and so does what was known before."""
    facts = {"operators": ["weride"], "places": [{"country": "SG"}]}
    months = [f"2024-{month:02}-01" for month in range(1, 13)]
    before = History.of(
        _recorded(position, "service.launched" if position == 1 else "service.expanded", facts, on)
        for position, on in enumerate(months, 1)
    )
    late = _recorded(13, "service.expanded", {}, "2024-11-15")
    changes = [Changes(table) for table in State.tables]
    compare(State(), before, before.add(late), changes)
    ranges = changes[State.tables.index(STATE)]
    closed = sorted((str(on), until) for _, on, until in ranges.closed)
    assert closed == [("2024-11-01", 13), ("2024-12-01", 13)]
    written = sorted((str(row[1]), str(row[2]), row[-1]) for row in ranges.rows())
    assert written == [
        ("2024-11-01", "2024-11-15", "[13,)"),
        ("2024-11-15", "2024-12-01", "[13,)"),
        ("2024-12-01", "infinity", "[13,)"),
    ]


def _note(position: int) -> Recorded:
    day = date(2024, 1, 1) + timedelta(days=position)
    return _recorded(position, "note.added", {"details": "So it is"}, str(day))


def test_a_correction_that_points_nowhere_is_no_obstacle() -> None:
    """The archive is trusted: what an event is about may be missing."""
    lost = event_class("event.disputed", "service").revive(1, {"target": {"position": 99}})
    one = _recorded(1, "service.launched", {}, "2025-01-01")
    two = Recorded(
        2, UUID(int=2), "service", SUBJECT, "a-service", 2, lost, None, None, BEGAN, "somebody"
    )
    assert isinstance(lost.target, ByPosition)  # type: ignore[attr-defined]  # of this type
    for projection in PROJECTIONS:
        assert projection.rows(History.of([one, two]), BEGINNING)
    assert list(folded([])) == []
