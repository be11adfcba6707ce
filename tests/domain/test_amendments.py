"""Events about events: they act from the moment they are recorded, on every effective day."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.refusals import (
    AlreadyMerged,
    AlreadyRetracted,
    AmbiguousTarget,
    CorrectsRetracted,
    KeepsTarget,
    MergedIntoItself,
    NoSuchTarget,
    NotDisputed,
    NotMerged,
    Refused,
    StageTooLow,
)
from tests.domain.story import SERVICE, TODAY, Story, given, source

Data = dict[str, Any]
FIRST = {"target": {"position": 1}}


def launched() -> Story:
    """Give a service that runs since May 2025, on record from one source."""
    return given("service").log(
        "service.launched", "2025-05-01", {**SERVICE, "level": "L3"}, sources=[source()], ref="E1"
    )


# ── corrections ──────────────────────────────────────────────────────────────────────────────────


def test_a_correction_replaces_what_it_gives_and_nothing_else() -> None:
    """Date, data and sources, each whole."""
    dated = launched().log("event.corrected", None, {**FIRST, "occurred_on": "2025-06"})
    assert str(dated.history.effective_from) == "2025-06-01"
    assert dated.state().level == "L3"
    data = dated.log("event.corrected", None, {**FIRST, "data": SERVICE})
    assert data.state().level is None
    assert data.fact(1).occurred_on == "2025-06"
    contradicted = data.log("event.corrected", None, {**FIRST, "sources": [source("denies")]})
    assert contradicted.view().contested
    assert contradicted.fact(1).corrections == (2, 3, 4)
    assert contradicted.fact(1).status == "corrected"


def test_what_was_corrected_stays_readable() -> None:
    """The record as recorded, and the history as it was known before."""
    corrected = launched().log("event.corrected", None, {**FIRST, "data": SERVICE})
    assert corrected.history.recorded[0].event.model_dump()["level"] == "L3"
    assert launched().state().level == "L3"


def test_a_date_may_be_corrected_to_unknown() -> None:
    """Then it counts from the day on which it was recorded: by then it had happened."""
    story = launched().on("2027-01-05").log("event.corrected", None, {**FIRST, "occurred_on": None})
    assert str(story.history.effective_from) == TODAY
    story = story.on("2027-02-05").log("event.corrected", None, {**FIRST, "data": SERVICE})
    assert str(story.history.effective_from) == TODAY


def test_an_end_corrected_to_an_open_date_counts_from_its_recording() -> None:
    """Not from that of the correction, and never before the first possible day."""
    ended = launched().log("service.ended", "2026-02-01").on("2027-01-05")
    for on, day in (("2026-01/..", TODAY), ("2026-11/..", "2026-11-01")):
        dated = ended.log("event.corrected", None, {"target": {"position": 2}, "occurred_on": on})
        assert str(dated.history.steps[-1].fact.day) == day


@pytest.mark.parametrize(
    "data", [{}, {"data": None}, {"sources": None}, {"data": {**SERVICE}, "schema": 3}]
)
def test_a_correction_must_replace_something_and_only_what_is_its_own(data: Data) -> None:
    """An empty correction says nothing; the schema of its data is ours to tell."""
    with pytest.raises(ValidationError):
        launched().log("event.corrected", None, {**FIRST, **data})


def test_the_replacement_is_held_to_the_limits_of_what_it_replaces() -> None:
    """And the pointer says where it breaks one."""
    with pytest.raises(ValidationError) as refused:
        launched().log("event.corrected", None, {**FIRST, "data": {**SERVICE, "level": "9"}})
    assert refused.value.errors()[0]["loc"] == ("level",)


def test_a_correction_of_a_correction_replaces_its_payload() -> None:
    """Whatever event it is of: its data are the target and the replacement."""
    story = launched().log("event.corrected", None, {**FIRST, "data": {**SERVICE, "level": "L4"}})
    again = story.log(
        "event.corrected",
        None,
        {"target": {"position": 2}, "data": {**FIRST, "data": {**SERVICE, "level": "L5"}}},
    )
    assert again.state().level == "L5"
    assert again.fact(2).status == "corrected"
    with pytest.raises(ValidationError):
        story.log(
            "event.corrected",
            None,
            {"target": {"position": 2}, "data": {**FIRST, "data": {**SERVICE, "level": "9"}}},
        )
    with pytest.raises(KeepsTarget):
        again.log(
            "event.corrected",
            None,
            {"target": {"position": 2}, "data": {"target": {"position": 2}, "data": SERVICE}},
        )


def test_the_sources_of_a_dispute_may_be_corrected() -> None:
    """An event about an event is an event."""
    disputed = launched().log("event.disputed", None, FIRST)
    story = disputed.log(
        "event.corrected", None, {"target": {"position": 2}, "sources": [source("denies")]}
    )
    assert story.fact(2).sources[0].stance == "denies"
    assert story.fact(1).status == "disputed"


def test_a_correction_that_breaks_a_rule_names_what_it_contradicts() -> None:
    """In the original's own position, never in that of a correction."""
    story = launched().log("service.expanded", "2025-06-01", SERVICE)
    story = story.log("event.corrected", None, {"target": {"position": 2}, "data": SERVICE})
    story = story.log("service.testing_started", "2025-04-01", SERVICE)
    with pytest.raises(StageTooLow) as refused:
        story.log("event.corrected", None, {"target": {"position": 4}, "occurred_on": "2025-07"})
    assert refused.value.conflicting_positions == (1, 4)


# ── retractions ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_retracted_no_longer_counts() -> None:
    """On any effective day, from then on; it stays on record."""
    story = launched().log("service.suspended", "2025-06-01")
    story = story.log("event.retracted", "2026-01-01", {"target": {"position": 2}})
    assert story.stage("2025-07-01") == "launched"
    assert (story.fact(2).status, story.fact(2).retracted_by) == ("retracted", 3)


def test_a_record_of_which_all_is_retracted_shows_nothing() -> None:
    """And may be opened anew."""
    empty = launched().log("event.retracted", None, FIRST)
    assert empty.history.view(empty.history.recorded[0].recorded_at.date()) is None
    assert empty.history.effective_from is None
    assert empty.log("service.announced", "2024-01-01", SERVICE).stage() == "announced"


def test_a_retracted_correction_leaves_the_original() -> None:
    """And so does a retracted retraction."""
    corrected = launched().log("event.corrected", None, {**FIRST, "data": SERVICE})
    assert corrected.log("event.retracted", None, {"target": {"position": 2}}).state().level == "L3"
    gone = launched().log("event.retracted", None, FIRST)
    back = gone.log("event.retracted", None, {"target": {"position": 2}})
    assert back.state().level == "L3"
    gone_again = back.log("event.retracted", None, {"target": {"position": 3}})
    assert gone_again.fact(1).status == "retracted"


def test_what_is_retracted_is_neither_corrected_nor_retracted_again() -> None:
    """The refusal names it, and the retraction, which can be retracted in turn."""
    gone = launched().log("event.retracted", None, FIRST)
    for name, why in (
        ("event.corrected", CorrectsRetracted),
        ("event.retracted", AlreadyRetracted),
    ):
        data = {**FIRST, "data": SERVICE} if name == "event.corrected" else FIRST
        with pytest.raises(why) as refused:
            gone.log(name, None, data)
        assert refused.value.conflicting_positions == (1, 2)
        assert "position 2" in refused.value.detail


def test_a_refusal_about_a_correction_names_the_original_event() -> None:
    """Whatever is wrong with the correction, what stands against it is the event itself."""
    story = launched().log("event.corrected", None, {**FIRST, "data": SERVICE})
    story = story.log("event.corrected", None, {"target": {"position": 2}, "sources": [source()]})
    story = story.log("event.retracted", None, {"target": {"position": 3}})
    for name in ("event.retracted", "event.dispute_resolved"):
        with pytest.raises(Refused, match="position 3") as refused:
            story.log(name, None, {"target": {"position": 3}})
        assert refused.value.conflicting_positions == (1, 4)


# ── which event is meant ─────────────────────────────────────────────────────────────────────────


def test_a_target_is_named_by_the_row_of_the_clients_file() -> None:
    """Within the subject; what is of another subject is unknown here."""
    row = {"target": {"ref": "E1", "type": "service.launched"}}
    assert launched().log("event.disputed", None, row).fact(1).status == "disputed"
    for target in ({"ref": "E2", "type": "service.launched"}, {"position": 9}):
        with pytest.raises(NoSuchTarget):
            launched().log("event.disputed", None, {"target": target})


def test_a_row_logged_again_does_not_inherit_what_was_said_of_the_first() -> None:
    """Retracted by its row and logged anew, it counts."""
    row = {"target": {"ref": "E1", "type": "service.launched"}}
    gone = launched().log("event.retracted", None, row)
    again = gone.log("service.launched", "2025-05-02", SERVICE, ref="E1")
    assert [again.fact(position).status for position in (1, 3)] == ["retracted", "current"]
    assert again.log("event.disputed", None, row).fact(3).status == "disputed"


def test_a_row_that_gave_several_events_of_a_type_is_ambiguous() -> None:
    """The refusal lists them; one of two is never guessed."""
    two = launched().log("service.launched", "2025-05-02", ref="E1", batch=UUID(int=7))
    with pytest.raises(AmbiguousTarget) as refused:
        two.log("event.disputed", None, {"target": {"ref": "E1", "type": "service.launched"}})
    assert refused.value.conflicting_positions == (1, 2)


# ── disputes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_dispute_contests_until_it_is_resolved() -> None:
    """By naming the dispute or what it is about; a later dispute counts anew."""
    disputed = launched().log("event.disputed", None, FIRST)
    assert (disputed.view().contested, disputed.fact(1).status) == (True, "disputed")
    for target in (1, 2):
        settled = disputed.log("event.dispute_resolved", None, {"target": {"position": target}})
        assert (settled.view().contested, settled.fact(1).status) == (False, "current")
        again = settled.log("event.disputed", None, FIRST)
        assert again.fact(1).disputes == (4,)
        unsettled = settled.log("event.retracted", None, {"target": {"position": 3}})
        assert unsettled.view().contested


def test_of_two_disputes_one_may_be_resolved() -> None:
    """The other goes on."""
    two = launched().log("event.disputed", None, FIRST).log("event.disputed", None, FIRST)
    one = two.log("event.dispute_resolved", None, {"target": {"position": 2}})
    assert one.fact(1).disputes == (3,)


def test_what_is_disputed_of_a_correction_is_disputed_of_what_it_corrects() -> None:
    """The state uses the correction; resolving either dispute or event settles it."""
    story = launched().log("event.corrected", None, {**FIRST, "data": SERVICE})
    disputed = story.log("event.disputed", None, {"target": {"position": 2}})
    assert disputed.view().contested
    assert [disputed.fact(at).disputes for at in (1, 2)] == [(3,), (3,)]
    for target in (1, 2, 3):
        settled = disputed.log("event.dispute_resolved", None, {"target": {"position": target}})
        assert not settled.view().contested
    withdrawn = disputed.log("event.retracted", None, {"target": {"position": 2}})
    assert not withdrawn.view().contested


def test_a_retracted_dispute_is_none() -> None:
    """It was a mistake."""
    disputed = launched().log("event.disputed", None, FIRST)
    assert not disputed.log("event.retracted", None, {"target": {"position": 2}}).view().contested


def test_only_what_is_disputed_is_settled() -> None:
    """Neither what nobody disputes nor what was settled before."""
    with pytest.raises(NotDisputed):
        launched().log("event.dispute_resolved", None, FIRST)
    disputed = launched().log("event.disputed", None, FIRST)
    for named in (1, 2):
        settled = disputed.log("event.dispute_resolved", None, {"target": {"position": named}})
        for target in (1, 2):
            with pytest.raises(NotDisputed):
                settled.log("event.dispute_resolved", None, {"target": {"position": target}})


@pytest.mark.parametrize("stance", ["contradicts", "denies"])
def test_a_source_that_speaks_against_an_event_contests_it(stance: str) -> None:
    """Its own, or one given as evidence later."""
    own = given("service").log("service.launched", "2025", SERVICE, sources=[source(stance)])
    assert own.view().contested
    later = launched().log("evidence.added", "2025-12-01", FIRST, sources=[source(stance)])
    assert later.view("2025-06-01").contested
    assert later.fact(1).contested


# ── duplicates ───────────────────────────────────────────────────────────────────────────────────


def test_a_merge_and_its_undoing_compensate_each_other() -> None:
    """From the moment they are recorded, on every day."""
    merged = launched().log("subject.merged", "2026-01-01", {"into": "other"})
    assert merged.state("2025-05-02").merged_into == "other"
    apart = merged.log("subject.unmerged", "2026-02-01")
    assert apart.state("2026-01-15").merged_into is None
    for story, name, data, why in (
        (merged, "subject.merged", {"into": "third"}, AlreadyMerged),
        (apart, "subject.unmerged", {}, NotMerged),
        (apart, "subject.merged", {"into": "subject"}, MergedIntoItself),
    ):
        with pytest.raises(why):
            story.log(name, None, data)


def test_every_refusal_is_a_sentence() -> None:
    """Its docstring, with every slot filled, is what a person reads."""
    assert all(why.__doc__ and why.__doc__.strip()[-1] in ".:" for why in Refused.__subclasses__())
