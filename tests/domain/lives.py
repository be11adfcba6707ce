"""Lives at random: real events of every kind, imprecise dates, and whatever is said about them.

Taken into a history as the archive is, without asking any rule: what holds must hold of all that
could ever be on record.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from pydantic import TypeAdapter

from domain.effective import Recorded
from domain.event import UNIVERSAL, event_class, events, kinds
from domain.history import History
from domain.universal import Amendment, ClaimDenied, EvidenceAdded
from domain.vocabulary import ByRef, Pointer, Sources

Data = dict[str, Any]
EXAMPLES = Path(__file__).parents[2] / "examples"
BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
_sources = TypeAdapter[Any](Sources)

_EXACT = [f"2025-{month:02}-{day:02}" for month in (1, 2, 3) for day in (1, 14, 28)]
_VAGUE = [
    *("2025", "2025-01", "2025-02", "2025-03~", "2025-02-14?", "2025-33", "2025-40", "2025-21"),
    *("2025-01/2025-02", "2025-02-10/2025-03-01", "../2025-02-14", "2025-03/.."),
    *("2026-06/..", "2027-01-01/.."),
]
DATES = st.one_of(st.sampled_from(_EXACT), st.sampled_from(_VAGUE), st.none())
SOURCES = st.lists(
    st.builds(
        lambda stance, confidence: {"title": "Page", "stance": stance, "confidence": confidence},
        st.sampled_from(["supports", "supports", "contradicts", "denies"]),
        st.sampled_from(["confirmed", "possible", None]),
    ),
    max_size=2,
)


@dataclass(frozen=True)
class Line:
    """What somebody logs.

    Attributes:
        ref: tells it from all others, in whatever order they are recorded.
        target, after: the `ref` of an earlier line.
        behind: the lines that must be on record before it, for it to mean the same.
    """

    ref: str
    type: str
    on: str | None
    data: Data = field(hash=False)
    sources: Sequence[Data] = field(default=(), hash=False)
    target: str | None = None
    after: str | None = None
    behind: frozenset[str] = frozenset()

    @property
    def needs(self) -> frozenset[str]:
        """Give all that must be on record before it."""
        return self.behind | {self.target} if self.target else self.behind


@cache
def _examples() -> Mapping[tuple[str, str], Sequence[Data]]:
    """Give payloads by kind and type: those of the classes, and those of the example data."""
    found: dict[tuple[str, str], list[Data]] = defaultdict(list)
    for kind in kinds():
        for name, event in events().items():
            if event.kind is None or event.kind.name == kind:
                found[kind, name].append(dict(event.example))
    for file in ("organizations.ndjson", "events.ndjson"):
        for line in map(json.loads, (EXAMPLES / file).read_text().splitlines()):
            kind = line.get("kind") or line["type"].partition(".")[0]
            found[kind, line["type"]].append(line["data"])
    return found


@cache
def _told_types(kind: str) -> list[str]:
    """Name the types of events that happen to a subject, and are about no other event."""
    about = (Amendment, EvidenceAdded, ClaimDenied)
    return [
        name
        for of, name in _examples()
        if of == kind and not events()[name].by_knowledge and not issubclass(events()[name], about)
    ]


@cache
def _payloads(kind: str, name: str) -> st.SearchStrategy[Data]:
    """Give a payload, in part with what events of another type say of the same fields."""
    facts = [
        {key: value for key, value in data.items() if key in kinds()[kind].fields}
        for (of, _), several in _examples().items()
        if of == kind
        for data in several
    ]
    carries = events()[name].phase != UNIVERSAL
    own = st.sampled_from(_examples()[kind, name])
    more = st.sampled_from([{}, *filter(None, facts)]) if carries else st.just({})
    return st.builds(lambda given, added: {**added, **given}, own, more)


# ── lines ────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def lives(
    draw: st.DrawFn, kind: str | None = None, most: int = 10, *, amended: bool = True
) -> tuple[str, list[Line]]:
    """Give a kind, and some lines about a subject of it in an order in which they can be logged."""
    kind = kind or draw(st.sampled_from([*kinds()]))
    lines: list[Line] = []
    for number in range(draw(st.integers(1, most))):
        ref = f"E{number}"
        if lines and amended and draw(st.integers(0, 2)) == 0:
            lines.append(draw(_amendments(kind, ref, lines)))
        else:
            lines.append(draw(_facts(kind, ref, lines)))
    return kind, lines


@st.composite
def _facts(draw: st.DrawFn, kind: str, ref: str, lines: Sequence[Line]) -> Line:
    name = draw(st.sampled_from(_told_types(kind)))
    after = draw(st.sampled_from(lines)).ref if lines and draw(st.integers(0, 5)) == 0 else None
    behind = {after} if after else set()
    if name == "claim.reported":
        behind |= {one.ref for one in lines if one.type == "claim.denied"}
    data, sources = draw(_payloads(kind, name)), draw(SOURCES)
    return Line(ref, name, draw(DATES), data, sources, None, after, frozenset(behind))


_ABOUT = (
    *("event.corrected", "event.corrected", "event.retracted", "event.disputed"),
    *("event.dispute_resolved", "evidence.added", "claim.denied", "subject.merged"),
    "subject.unmerged",
)


@st.composite
def _amendments(draw: st.DrawFn, kind: str, ref: str, lines: Sequence[Line]) -> Line:
    name = draw(st.sampled_from(_ABOUT))
    if name.startswith("subject."):
        data = {"into": draw(st.sampled_from(["b", "c"]))} if name == "subject.merged" else {}
        behind = {one.ref for one in lines if one.type.startswith("subject.")}
        return Line(ref, name, None, data, behind=frozenset(behind))
    about = draw(st.sampled_from(lines))
    if name == "claim.denied" and draw(st.booleans()):
        return Line(ref, name, draw(DATES), {}, behind=frozenset(one.ref for one in lines))
    data = draw(_corrections(kind, about, lines)) if name == "event.corrected" else {}
    behind = {one.ref for one in lines if _root(one, lines) == _root(about, lines)}
    on = draw(DATES) if name in {"evidence.added", "claim.denied"} else None
    return Line(ref, name, on, data, draw(SOURCES), about.ref, None, frozenset(behind))


def _root(line: Line, lines: Iterable[Line]) -> str:
    """Give the line that a line is about in the end; itself where it is about none."""
    by_ref = {one.ref: one for one in lines}
    while line.target:
        line = by_ref[line.target]
    return line.ref


@st.composite
def _corrections(draw: st.DrawFn, kind: str, about: Line, lines: Sequence[Line]) -> Data:
    """Replace the date, the sources or the payload; that of a correction, by another correction."""
    what = draw(st.sampled_from(["occurred_on", "data", "data", "sources"]))
    if what == "occurred_on":
        return {"occurred_on": draw(DATES)}
    if what == "sources":
        return {"sources": draw(SOURCES)}
    if about.type == "event.corrected":
        corrected = next(one for one in lines if one.ref == about.target)
        return {"data": draw(_corrections(kind, corrected, lines))}
    if events()[about.type].by_knowledge or about.target:
        return {"data": {**about.data, "details": "Put right"}}
    return {"data": draw(_payloads(kind, about.type))}


# ── on record ────────────────────────────────────────────────────────────────────────────────────


def recorded(kind: str, lines: Sequence[Line]) -> list[Recorded]:
    """Put lines on record, in this order, one a day."""
    by_ref = {line.ref: line for line in lines}
    return [_recorded(kind, number, line, by_ref) for number, line in enumerate(lines, 1)]


def _recorded(kind: str, number: int, line: Line, by_ref: Mapping[str, Line]) -> Recorded:
    return Recorded(
        position=10 * number,
        id=UUID(int=number),
        kind=kind,
        subject=UUID(int=1),
        key="a",
        version=number,
        event=event_class(line.type, kind).revive(1, _payload(line, by_ref)),
        occurred_on=line.on,
        after=_pointer(line.after, by_ref),
        recorded_at=BEGAN,
        recorded_by="tester",
        sources=_sources.validate_json(json.dumps([*line.sources])),
        ref=line.ref,
    )


def _pointer(ref: str | None, by_ref: Mapping[str, Line]) -> Pointer | None:
    return ByRef(ref=ref, type=by_ref[ref].type) if ref else None


def _payload(line: Line, by_ref: Mapping[str, Line]) -> Data:
    """Point to the target; a correction of what points leaves it where it is."""
    if not (pointer := _pointer(line.target, by_ref)):
        return line.data
    return _pointing(line.data, pointer, by_ref[line.target or ""], by_ref)


def _pointing(data: Data, pointer: Pointer, about: Line, by_ref: Mapping[str, Line]) -> Data:
    if "data" in data and (inner := _pointer(about.target, by_ref)):
        further = by_ref[about.target or ""]
        data = {**data, "data": _pointing(data["data"], inner, further, by_ref)}
    return {**data, "target": pointer.model_dump()}


def told(kind: str, lines: Sequence[Line]) -> History:
    """Add lines one by one."""
    history = History(kinds()[kind])
    for one in recorded(kind, lines):
        history = history.add(one)
    return history


def shuffled(lines: Sequence[Line], chance: random.Random) -> list[Line]:
    """Give another order in which every line still means the same."""
    waiting, order = list(lines), list[Line]()
    while waiting:
        on_record = {one.ref for one in order}
        chosen = chance.choice([one for one in waiting if one.needs <= on_record])
        waiting.remove(chosen)
        order.append(chosen)
    return order


def next_on(history: History, name: str, data: Data, on: str | None = None) -> Recorded:
    """Give a further event of a history, one day later."""
    last = history.recorded[-1]
    return Recorded(
        last.position + 10,
        UUID(int=last.version + 1),
        last.kind,
        last.subject,
        last.key,
        last.version + 1,
        event_class(name, last.kind).revive(1, data),
        on,
        None,
        last.recorded_at + timedelta(days=1),
        "tester",
    )


# ── what can be seen, whatever the positions ─────────────────────────────────────────────────────


def seen(history: History) -> object:
    """Tell all that a history says, with refs in the place of positions."""
    refs = {one.position: one.ref for one in history.recorded}
    return (
        [_fact(history, one.ref, refs.get) for one in sorted(history.recorded, key=_ref)],
        [(refs[step.fact.position], step.before, step.after) for step in history.steps],
        [(day, _view(history, day, refs.get)) for day in history.days()],
        history.merged_into,
        history.aliases(),
    )


def _ref(one: Recorded) -> str:
    return one.ref or ""


Refs = Callable[[int], str | None]


def _fact(history: History, ref: str | None, refs: Refs) -> object:
    one = next(fact for fact in history.facts if fact.recorded.ref == ref)
    amended = (one.corrections, one.disputes, one.resolutions, one.denials)
    return (
        *(ref, one.event, one.occurred_on, one.sources, one.earliest, one.day, one.latest),
        *(refs(one.follows or 0), refs(one.target or 0), refs(one.retracted_by or 0)),
        [sorted(map(str, map(refs, each))) for each in amended],
        sorted(source.model_dump_json() for source in one.evidence),
    )


def _view(history: History, day: Any, refs: Refs) -> object:  # noqa: ANN401 - a day
    view = history.view(day)
    assert view
    notices = [(one.code, one.message, {*map(refs, one.positions)}) for one in view.notices]
    origins = {name: refs(position) for name, position in view.origins.items()}
    told_by = [*map(refs, view.positions)]
    return view.state, view.uncertain, view.contested, notices, origins, told_by, view.heard_on
