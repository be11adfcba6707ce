"""Knowledge comes in any order; what was true does not depend on it."""

import random
from typing import Any

from hypothesis import assume, reject, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.event import events
from domain.history import History
from domain.refusals import Refused
from tests.domain.story import SERVICE, Story, given

Line = tuple[str, str, dict[str, Any]]

_DAYS = ["2024", "2024-03", "2024-03-15", "2024-06", "2024-35", "2024-08/2024-10", "../2024-09-09"]
_NAMES = [name for name, event in events().items() if event.kind and event.kind.name == "service"]


@st.composite
def lives(draw: st.DrawFn) -> list[Line]:
    """Give some events of a service, no two of one type on one day: those are told by position."""
    chosen = draw(
        st.lists(
            st.tuples(st.sampled_from(_NAMES), st.sampled_from(_DAYS)),
            min_size=2, max_size=6, unique=True,
        )
    )  # fmt: skip
    levels = [{**SERVICE, "level": f"L{number}"} for number in range(6)]
    return [(name, on, data) for (name, on), data in zip(chosen, levels, strict=False)]


def logged(lines: list[Line]) -> Story | None:
    """Log lines in their order; None where a rule refuses one."""
    story = given("service")
    try:
        for name, on, data in lines:
            story = story.log(name, on, data)
    except Refused:
        return None
    return story


def told(story: Story) -> list[tuple[object, ...]]:
    """Tell what happened, apart from positions."""
    return [
        (one.fact.event, one.fact.day, one.after, [notice.message for notice in one.notices])
        for one in story.history.steps
    ]


@for_all(lives(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_recording_does_not_matter(lines: list[Line], chance: random.Random) -> None:
    """Two orders in which all is accepted tell the same story, doubt and days included."""
    shuffled = chance.sample(lines, len(lines))
    one, other = logged(lines), logged(shuffled)
    assume(one and other)
    assert one
    assert other
    assert told(one) == told(other)
    assert one.history.days() == other.history.days()
    for day in one.history.days():
        mine, theirs = one.history.view(day), other.history.view(day)
        assert mine
        assert theirs
        assert (mine.state, mine.uncertain) == (theirs.state, theirs.uncertain)


@for_all(lives(), st.integers(0, 5), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_adding_one_by_one_is_folding_at_once(lines: list[Line], amended: int, chance: int) -> None:
    """With amendments in between, the history is that of the archive."""
    story = given("service")
    for name, on, data in lines:
        try:
            story = story.log(name, on, data)
        except Refused:
            continue
    assume(story.history.version)
    target = {"target": {"position": 1 + amended % story.history.version}}
    name = ("event.disputed", "evidence.added", "event.retracted", "note.added")[chance % 4]
    try:
        story = story.log(name, "2024-07-01", {} if name == "note.added" else target)
    except Refused:
        reject()
    assert History.of(story.history.recorded) == story.history


def test_late_facts_are_accepted_in_any_order() -> None:
    """Launched, suspended, resumed and ended: all 24 orders of recording give one life."""
    life: list[Line] = [
        ("service.launched", "2024-01-01", SERVICE),
        ("service.suspended", "2024-02-01", SERVICE),
        ("service.resumed", "2024-03-01", SERVICE),
        ("service.ended", "2024-04-01", SERVICE),
    ]
    stories = [logged(random.Random(seed).sample(life, 4)) for seed in range(40)]  # noqa: S311 - no secret
    assert all(stories)
    assert {tuple(story.types()) for story in stories if story} == {
        tuple(name for name, *_ in life)
    }
    assert {story.stage("2024-03-15") for story in stories if story} == {"launched"}


def test_what_comes_last_is_added_without_folding_the_rest_again() -> None:
    """Steps before it are the very same; a late fact folds anew what it makes a difference to."""
    story = given("service").log("service.launched", "2024-01-01", SERVICE)
    for day in range(1, 28):
        story = story.log("service.expanded", f"2024-02-{day:02}")
    later = story.log("service.expanded", "2024-03-01")
    assert all(
        one is other
        for one, other in zip(story.history.steps, later.history.steps[:-1], strict=True)
    )
    restated = story.log("service.expanded", "2024-02-14")
    assert restated.history.steps[17:] == story.history.steps[16:]
    assert restated.history.steps[17] is story.history.steps[16]
    lasting = story.log("service.expanded", "2024-02-14", {"fare": "paid"})
    assert lasting.history.steps[-1].after.model_dump()["fare"] == "paid"
