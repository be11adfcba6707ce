"""What a person should look at: open warnings over all subjects, those of passing time too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from projections import neighbours
from projections.about import About
from projections.computed import Telling
from projections.notices import grouped, warnings
from projections.snapshot import Among, Shown, Snapshot

# What the index holds: every subject that has a warning of its own, or may come to have one.
_WARNED = "(s.notices <> '[]' OR s.aging_from < 'infinity')"
# Subjects that a warning which needs several can be about.
_KINDS = {
    **dict.fromkeys(neighbours.OF_SERVICES, "service"),
    **dict.fromkeys(neighbours.OF_PARTNERSHIPS, "partnership"),
    **dict.fromkeys(neighbours.OF_ALL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(About):
    """Which warnings to give."""

    kind: str | None = None
    code: str | None = None

    @property
    def needs_one(self) -> bool:
        """Whether one subject is enough to tell."""
        return self.code is not None and self.code not in _KINDS

    def among(self) -> Among:
        """Give the subjects that may have such warnings."""
        kind = self.kind or _KINDS.get(self.code or "")
        where = _WARNED if self.needs_one else None
        return Among(kind=kind, facets=self.facets(), where=where)


def telling(question: Question) -> Telling:
    """Give the list of them, by their subjects."""
    return Telling("warnings", question, question.among(), partial(_tell, question=question))


async def _tell(now: Snapshot, shown: Sequence[Shown], *, question: Question) -> list[list[bytes]]:
    more = {} if question.needs_one else await neighbours.notices(now, shown, question.code)
    told = {
        one.id: [
            warning
            for warning in (*_own(one, now), *grouped(more.get(one.id, ())))
            if question.code in (None, warning["code"])
        ]
        for one in shown
    }
    warned = [one for one in shown if told[one.id]]
    titles = dict(zip((one.id for one in warned), await now.titles(warned), strict=True))
    return [list(_items(one, titles.get(one.id, b""), told[one.id])) for one in shown]


def _own(shown: Shown, now: Snapshot) -> Iterable[Mapping[str, Any]]:
    """Give the warnings that the subject alone gives rise to."""
    own: list[dict[str, Any]] = orjson.loads(
        warnings(shown.kind, shown.stage, shown.notices, shown.aged, now.day)
    )
    return own


def _items(shown: Shown, title: bytes, told: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    for warning in told:
        about = {"subject": shown.subject, "title": orjson.Fragment(title)}
        yield orjson.dumps({**about, **warning})
