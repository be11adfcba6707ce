"""The history as it was known at a position."""

from tests.domain.story import SERVICE, given


def test_a_history_knows_what_was_recorded_by_a_position_and_nothing_after() -> None:
    """Before its first event it is empty; at and after its last it is itself."""
    story = given("service").log("service.launched", "2025-05-01", SERVICE)
    later = story.log("event.retracted", None, {"target": {"position": 1}})
    assert later.history.at(1) == story.history
    assert later.history.at(2) is later.history
    assert later.history.at(99) is later.history
    unknown = later.history.at(0)
    assert (unknown.version, unknown.effective_from, unknown.recorded) == (0, None, ())


def test_going_back_shares_what_was_the_same_then() -> None:
    """Only what comes behind the first difference is folded anew."""
    story = given("service").log("service.launched", "2024-01-01", SERVICE)
    for day in range(1, 28):
        story = story.log("service.expanded", f"2024-02-{day:02}")
    late = story.log("service.expanded", "2024-02-14", {"level": "L4"}).history
    assert late.at(28) == story.history
    shared = [one is other for one, other in zip(late.at(28).steps, late.steps, strict=False)]
    assert shared == [True] * 15 + [False] * 13


def test_a_late_fact_keeps_the_steps_before_it() -> None:
    """They are the very same, so that nothing which follows from them is worked out again."""
    story = given("service").log("service.launched", "2024-01-01", SERVICE)
    story = story.log("service.expanded", "2024-02-01").log("service.expanded", "2024-04-01")
    late = story.log("service.expanded", "2024-03-01")
    kept = [
        one is other for one, other in zip(story.history.steps, late.history.steps, strict=False)
    ]
    assert kept == [True, True, False]
