"""Records of one and the same subject: which stands for all, and what may not be merged."""

from collections.abc import Mapping

import pytest

from domain.history import History
from domain.merges import check_merge, same_as, survivor
from domain.refusals import MergedAcrossKinds, MergedInCircle, MergedIntoItself
from tests.domain.story import SERVICE, Story, given

CHAIN = {"a": "b", "b": "c", "x": "c"}


def launched() -> Story:
    """Give a record of a service."""
    return given("service").log("service.launched", "2025-05-01", SERVICE)


def merged(into: str) -> Story:
    """Give a record that was merged, at position 2."""
    return launched().log("subject.merged", None, {"into": into})


def check(story: Story, others: Mapping[str, History]) -> None:
    """Check the merge of a record with the key `a`, beside others."""
    own = History.of(one._replace(key="a") for one in story.history.recorded)
    check_merge(own, others.__getitem__)


def test_a_duplicate_of_a_duplicate_is_one_of_the_last_survivor() -> None:
    """Whichever of them is asked for, all are one."""
    assert [survivor(key, CHAIN) for key in ("a", "b", "c", "x", "y")] == ["c", "c", "c", "c", "y"]
    assert same_as("a", CHAIN) == same_as("c", CHAIN) == {"a", "b", "c", "x"}
    assert same_as("y", CHAIN) == {"y"}


def test_what_follows_merges_ends_even_in_a_circle() -> None:
    """No reader hangs, whatever is on record."""
    assert survivor("a", {"a": "b", "b": "a"}) == "b"


def test_merge_and_unmerge_compensate_each_other() -> None:
    """In any number, and by retraction too."""
    apart = merged("b").log("subject.unmerged", None)
    again = apart.log("subject.merged", None, {"into": "c"})
    assert [one.history.merged_into for one in (apart, again)] == [None, "c"]
    undone = again.log("event.retracted", None, {"target": {"position": 4}})
    assert undone.history.merged_into is None
    back = undone.log("event.retracted", None, {"target": {"position": 3}})
    assert back.history.merged_into == "b"
    assert back.history.merge is back.history.facts[1]


def test_a_record_is_not_merged_into_its_own_duplicate() -> None:
    """Directly or by way of others; the refusal names the merge that stands against it."""
    with pytest.raises(MergedInCircle, match="by way of b") as refused:
        check(merged("b"), {"b": merged("a").history})
    assert refused.value.conflicting_positions == (2,)
    far = merged("b").log("note.added", None, {"details": "x"})
    with pytest.raises(MergedInCircle, match=r"b is itself a duplicate .* by way of c"):
        check(far, {"b": merged("c").history, "c": merged("a").history})
    check(merged("b"), {"b": merged("c").history, "c": launched().history})
    check(launched(), {})


def test_a_circle_on_record_holds_nobody_up_who_is_merged_into_it() -> None:
    """The check ends where it began; whoever is no part of the circle closes none."""
    circle = {"b": merged("c").history, "c": merged("b").history}
    check(merged("b"), circle)


def test_a_record_is_merged_only_into_one_of_its_kind() -> None:
    """A service is no organization."""
    weride = given("organization").log("organization.founded", "2017", {"name": "WeRide"})
    with pytest.raises(MergedAcrossKinds, match="weride is of another: organization"):
        check(merged("weride"), {"weride": weride.history})


def test_no_correction_makes_a_record_its_own_duplicate() -> None:
    """What a merge may not say, its correction may not say either."""
    with pytest.raises(MergedIntoItself):
        merged("b").log(
            "event.corrected", None, {"target": {"position": 2}, "data": {"into": "subject"}}
        )
