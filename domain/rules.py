"""The rules and warnings of every kind: what a life allows, and what it lacks."""

from collections.abc import Iterable, Iterator

from domain.event import Event
from domain.refusals import AlreadySuspended, Refused, StageTooLow, SubjectEnded
from domain.subject import State, Warned, is_still

_SETTLED = ("", "unknown", "rumoured")  # stages from which nothing is unusual


def refusal(event: Event, before: State, after: State) -> Refused | None:
    """Give the rule that the event breaks in the state before it, or None."""
    try:
        _check(event, before)
        after.check(before)
    except Refused as refused:
        return refused
    return None


def _check(event: Event, state: State) -> None:
    if state.ended and not event.after_end:
        raise SubjectEnded("stage", stage=_words(state.stage))
    stage = event.next_stage(state)
    if stage and stage == state.stage and is_still(stage):
        raise AlreadySuspended("stage")
    if stage and not event.undoes and _lower(stage, state):
        raise StageTooLow("stage", present=_words(state.reached), wanted=_words(stage))
    event.check(state)


def _lower(stage: str, state: State) -> bool:
    ladder = state.kind.ladder
    if stage not in ladder or state.reached not in ladder:
        return False
    return ladder.index(stage) < ladder.index(state.reached)


def warn(event: Event, state: State) -> Iterator[Warned]:
    """Say what about the event, in this state, a person should look at."""
    if event.undoes and state.stage != event.undoes:
        yield Warned("no_predecessor", f"nothing on record says that it was {_words(event.undoes)}")
    elif event.usual_from and state.stage not in (*event.usual_from, *_SETTLED):
        usual = " or ".join(_words(stage) for stage in event.usual_from if stage)
        yield Warned("unusual", f"usually logged when {usual}, not when {_words(state.stage)}")
    yield from event.warn(state)


def allowed(state: State, events: Iterable[type[Event]]) -> tuple[str, ...]:
    """Name the verbs that a subject in this state offers."""
    return tuple(event.verb for event in events if _offers(event, state))


def _offers(event: type[Event], state: State) -> bool:
    if event.kind not in (None, state.kind) or (state.ended and not event.after_end):
        return False
    return not event.usual_from or state.stage in (*event.usual_from, "unknown")


def _words(stage: str) -> str:
    return stage.replace("_", " ") or "not on record"
