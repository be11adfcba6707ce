"""What holds of every history that could be on record, whatever rules were asked."""

import random
from datetime import date
from itertools import groupby, pairwise
from typing import Any

from hypothesis import assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.differences import Sight, differences
from domain.event import kinds
from domain.explain import explain, value
from domain.history import History
from projections.catalogue import PROJECTIONS
from projections.projection import Row, since
from tests.domain.lives import Line, lives, next_on, recorded, seen, shuffled, told

Life = tuple[str, list[Line]]
CHANCE = st.randoms(use_true_random=False)
_usual = settings(max_examples=60, deadline=None)


def order(history: History) -> list[str | None]:
    """Tell the effective order."""
    return [step.fact.recorded.ref for step in history.steps]


def has_ties(history: History) -> bool:
    """Whether only the order of recording tells which of two facts came first."""
    places = sorted((step.fact.day, step.fact.event.order) for step in history.steps)
    tied = any(len([*several]) > 1 for _, several in groupby(places))
    return tied or any(step.fact.follows for step in history.steps)


@for_all(lives(), CHANCE)
@_usual
def test_what_is_so_does_not_depend_on_the_order_of_recording(
    life: Life, chance: random.Random
) -> None:
    """Two orders that end in one effective history tell the same of every day, and mostly do."""
    kind, lines = life
    one, other = told(kind, lines), told(kind, shuffled(lines, chance))
    if has_ties(one):
        assume(order(one) == order(other))
    assert order(one) == order(other)
    assert seen(one) == seen(other)


@for_all(lives())
@_usual
def test_adding_is_folding_from_scratch(life: Life) -> None:
    """After every event, whatever came before it."""
    kind, lines = life
    history = History(kinds()[kind])
    on_record = recorded(kind, lines)
    for number, one in enumerate(on_record, 1):
        history = history.add(one)
        assert history == History.of(on_record[:number])
        assert history.add(*on_record[number:]) == History.of(on_record)


@for_all(lives())
@_usual
def test_what_was_known_is_what_it_then_was(life: Life) -> None:
    """At every position, between them, before the first and after the last."""
    kind, lines = life
    on_record = recorded(kind, lines)
    history = History.of(on_record)
    assert history.at(9).version == 0
    for number in range(1, len(on_record) + 1):
        then = History.of(on_record[:number])
        assert history.at(10 * number) == history.at(10 * number + 9) == then
        assert seen(history.at(10 * number)) == seen(then)


@for_all(lives(), st.data())
@_usual
def test_a_retracted_amendment_leaves_no_trace(life: Life, data: st.DataObject) -> None:
    """Correct, dispute, retract or merge, and take it back: every fact and step is as before."""
    kind, lines = life
    history = told(kind, lines)
    target = {"target": {"position": data.draw(st.sampled_from(history.recorded)).position}}
    amendments: list[tuple[str, dict[str, Any]]] = [
        ("event.corrected", {**target, "occurred_on": "2025-02-03"}),
        ("event.corrected", {**target, "sources": []}),
        ("event.disputed", target),
        ("event.retracted", target),
        ("subject.merged", {"into": "d"}),
        ("subject.unmerged", {}),
    ]
    name, payload = data.draw(st.sampled_from(amendments))
    changed = history.add(next_on(history, name, payload))
    undo = {"target": {"position": changed.last_position}}
    undone = changed.add(next_on(changed, "event.retracted", undo))
    assert undone.steps == history.steps
    assert undone.facts[:-2] == history.facts
    assert undone.merged_into == history.merged_into
    undo = {"target": {"position": undone.last_position}}
    redone = undone.add(next_on(undone, "event.retracted", undo))
    assert redone.steps == changed.steps
    assert redone.merged_into == changed.merged_into


@for_all(lives())
@_usual
def test_unmerging_compensates_merging(life: Life) -> None:
    """The last word counts, and neither touches anything but the mark."""
    history = told(*life)
    merged = history.add(next_on(history, "subject.merged", {"into": "d"}))
    parted = merged.add(next_on(merged, "subject.unmerged", {}))
    again = parted.add(next_on(parted, "subject.merged", {"into": "e"}))
    assert [one.merged_into for one in (merged, parted, again)] == ["d", None, "e"]
    assert merged.steps == parted.steps == again.steps == history.steps


@for_all(lives())
@_usual
def test_between_two_turns_nothing_changes(life: Life) -> None:
    """The days on which the view changes are all told: tables are cut there."""
    history = told(*life)
    days = history.days()
    for start, end in pairwise([*days, date(2030, 1, 1)]):
        last = date.fromordinal(max(start.toordinal(), end.toordinal() - 1))
        first, then = history.view(start), history.view(last)
        assert first
        assert then
        assert (first.state, first.uncertain, first.contested, first.notices) == (
            *(then.state, then.uncertain, then.contested, then.notices),
        )
    if days and days[0] != date.min:
        assert history.view(date.fromordinal(days[0].toordinal() - 1)) is None


@for_all(lives())
@_usual
def test_rows_kept_up_step_by_step_are_the_rows_of_the_whole(life: Life) -> None:
    """Of every projection: what lies before `since` is the same in both histories."""
    kind, lines = life
    old: History | None = None
    kept: list[list[set[Row]]] = [[set() for _ in one.tables] for one in PROJECTIONS]
    for one in recorded(kind, lines):
        new = old.add(one) if old else History.of([one])
        start = since(old, new)
        for projection, tables in zip(PROJECTIONS, kept, strict=True):
            gone = projection.rows(old, start) if old else [()] * len(tables)
            come, whole = projection.rows(new, start), projection.rows(new, since(None, new))
            for number, table in enumerate(projection.tables):
                if table.least:  # rows once told stay
                    tables[number] |= {row[:-1] for row in come[number]}
                    assert tables[number] >= {row[:-1] for row in whole[number]}
                else:
                    tables[number] = tables[number].difference(gone[number]).union(come[number])
                    assert tables[number] == {*whole[number]}
        old = new


# ── what is said about it ────────────────────────────────────────────────────────────────────────


@for_all(lives(), st.data())
@_usual
def test_every_field_of_every_view_is_explained(life: Life, data: st.DataObject) -> None:
    """By the value that is shown and the event that stands behind it, as known at any position."""
    history = told(*life).at(10 * data.draw(st.integers(0, len(life[1]))))
    for day in history.days():
        view = history.view(day)
        assert view
        found = {one.field: one for one in explain(history, day)}
        assert {name: one.position for name, one in found.items() if name != "merged_into"} == (
            view.origins
        )
        for name, one in found.items():
            assert one.value == value(view.state, name)
            assert name == "merged_into" or all(each.fact.day <= day for each in one.tellings)


@for_all(lives(), st.data())
@_usual
def test_every_difference_is_made_by_events_that_can_have_made_it(
    life: Life, data: st.DataObject
) -> None:
    """Of belief: recorded in between; in the world: possible in between; never by nothing."""
    kind, lines = life
    history = told(kind, lines)
    known = sorted(data.draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
    days = sorted(data.draw(st.tuples(*[st.sampled_from([*history.days(), date(2025, 2, 2)])] * 2)))
    early, late = (history.at(10 * number) for number in known)
    for one in differences(Sight(early, days[0]), Sight(late, days[0])):
        assert one.made_by
        assert all(early.last_position < at <= late.last_position for at in one.made_by)
    for one in differences(Sight(history, days[0]), Sight(history, days[1])):
        assert one.made_by
        made_by = [history.fact(at) for at in one.made_by]
        assert all(days[0] < fact.day <= days[1] for fact in made_by)
    for one in differences(Sight(early, days[0]), Sight(late, days[1])):
        assert one.made_by
