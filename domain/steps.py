"""One fact after another: the state that follows, what each field rests on, what to look at."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from domain import rules
from domain.event import LIFE, Event
from domain.places import differ
from domain.subject import Code, Kind, State, Warned
from domain.universal import ClaimReported

if TYPE_CHECKING:
    from domain.effective import Fact


class Notice(NamedTuple):
    """A warning, with the positions of the events that it is about."""

    code: Code
    message: str
    positions: tuple[int, ...] = ()


class Step(NamedTuple):
    """One fact folded.

    Attributes:
        before, after: the state before and after it.
        behind, origins: what each field, "stage" and "target:…" rests on before and after it: the
            position of the event.
        notices: the warnings about this event, some with earlier ones; `views.standing` gives all.
        claims: the claims that nothing later has overtaken.
        contested: whether anything up to it is.
        heard: the last possible day of anything up to it.
        names: every name by which the subject was known up to it.
    """

    fact: "Fact"
    before: State
    after: State
    behind: Mapping[str, int]
    origins: Mapping[str, int]
    notices: tuple[Notice, ...] = ()
    claims: tuple["Fact", ...] = ()
    contested: bool = False
    heard: date = date.min
    names: frozenset[str] = frozenset()


def step(kind: Kind, last: Step | None, fact: "Fact") -> Step:
    """Fold a fact.

    Args:
        kind: of the subject.
        last: the step before it; None where it is the first.
        fact: what counts next in effective order.
    """
    last = last or Step(fact, kind.unknown, kind.unknown, {}, {})
    before, behind = last.after, last.origins
    after: State = fact.event.evolve(before)
    told = dict.fromkeys(_changed(fact.event, before, after), fact.position)
    claims = () if fact.event.phase == LIFE else last.claims
    return Step(
        fact,
        before,
        after,
        behind,
        origins={**behind, **told} if told else behind,
        notices=tuple(_notices(fact, before, behind, claims)),
        claims=(*claims, fact) if _is_live_claim(fact) else claims,
        contested=last.contested or fact.contested,
        heard=max(last.heard, fact.latest),
        names=last.names.union(after.names_in_use()),
    )


def _changed(event: Event, before: State, after: State) -> Iterator[str]:
    """Name what an event gave or changed: fields, "stage", and "target:…" for each promise."""
    if after is before:
        return
    was, now, given = before.__dict__, after.__dict__, event.model_fields_set
    for name in (*before.kind.fields, "stage"):
        old, new = was[name], now[name]
        if (name in given and new == getattr(event, name)) or (old is not new and old != new):
            yield name
    if event.next_stage(before):
        yield "stage"
    yield from (one.field for one in after.targets if one not in before.targets)


# ── what to look at ──────────────────────────────────────────────────────────────────────────────

CLAIMS: Code = "contradicting_claims"


def _notices(
    fact: "Fact", before: State, behind: Mapping[str, int], claims: tuple["Fact", ...]
) -> Iterator[Notice]:
    for warned in rules.warn(fact.event, before):
        yield Notice(warned.code, warned.message, positions(warned, behind, fact.position))
    if fact.weak and fact.event.phase == LIFE:
        yield Notice("weak_source", "rests on one weak source", (fact.position,))
    if _is_live_claim(fact):
        yield from (notice for other in claims for notice in _contradiction(fact, other, before))


def positions(warned: Warned, origins: Mapping[str, int], *own: int) -> tuple[int, ...]:
    """Give the positions of the events that a warning is about."""
    return tuple(sorted({*own, *(origins[name] for name in warned.fields if name in origins)}))


def _is_live_claim(fact: "Fact") -> bool:
    return isinstance(fact.event, ClaimReported) and not fact.denials


def _contradiction(one: "Fact", other: "Fact", state: State) -> Iterator[Notice]:
    mine, theirs = one.event, other.event
    both = mine.model_fields_set & theirs.model_fields_set & state.kind.fields
    apart = sorted(name for name in both if differ(getattr(mine, name), getattr(theirs, name)))
    if apart:
        words = f"claims differ on {', '.join(apart)}"
        yield Notice(CLAIMS, words, (other.position, one.position))
