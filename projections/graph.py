"""Who works with whom: organizations, and those that they share partnerships and the like with."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import orjson

from domain.partnership import LADDER
from domain.subject import ENDS
from projections.computed import Telling
from projections.snapshot import Among, Shown, Snapshot

_KINDS = ("partnership", "service", "investment")
_TALK = LADDER[: LADDER.index("mou")]
# Who takes part in a matter, and as what; parties say themselves what they bring.
_PARTS = {
    "parties": "party",
    "operators": "operator",
    "technology_suppliers": "technology_supplier",
    "platforms": "platform",
    "partners": "partner",
    "investors": "investor",
    "investee": "investee",
}
# Of a long list, a node tells the newest events.
_MOST_POSITIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which part of the graph.

    Attributes:
        organization: one alone, by its key.
        role: that the organizations have.
        with_role: that a partner must have to count.
        at_least: so many partners.
    """

    organization: str | None = None
    role: str | None = None
    with_role: str | None = None
    at_least: int = 1


class Link(NamedTuple):
    """What two organizations take part in together, and as what each does."""

    matter: Shown
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    positions: Sequence[int]


def telling(question: Question) -> Telling:
    """Give the list of organizations with their partners."""
    among = Among(kind="organization", key=question.organization)
    return Telling("graph", question, among, partial(_tell, question=question))


async def _tell(now: Snapshot, shown: Sequence[Shown], *, question: Question) -> list[list[bytes]]:
    nodes = [one for one in shown if question.role is None or question.role in _roles(one)]
    links = _links(await now.mentioning(_KINDS, {one.key for one in nodes}), now)
    wanted = {one.key: links.get(one.key, {}) for one in nodes}
    others = await now.named("organization", {key for of in wanted.values() for key in of})
    names = [*shown, *others.values()]
    titles = dict(zip((one.key for one in names), await now.titles(names), strict=True))
    return [list(_node(one, wanted.get(one.key, {}), (others, titles), question)) for one in shown]


def _roles(shown: Shown) -> list[str]:
    roles: list[str] = shown.document()["state"].get("roles", [])
    return roles


def _links(matters: Iterable[Shown], now: Snapshot) -> Mapping[str, Mapping[str, list[Link]]]:
    """Give for each organization, by the others, what they do together."""
    links: dict[str, dict[str, list[Link]]] = defaultdict(lambda: defaultdict(list))
    for matter in matters:
        if matter.stage in (*ENDS, *_TALK) or matter.effective_from > now.day:
            continue
        told = matter.document()
        parts = _parts(now.as_one(told["state"]))
        for one, mine in parts.items():
            for other, theirs in parts.items():
                if one != other:
                    links[one][other].append(Link(matter, mine, theirs, told["positions"]))
    return links


def _parts(facts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Give the organizations on record that take part, and as what."""
    parts: dict[str, list[str]] = defaultdict(list)
    for name, role in _PARTS.items():
        given = facts.get(name, [])
        for one in given if isinstance(given, list) else [given]:
            key, as_what = _taking_part(one, role)
            if key is not None and as_what not in parts[key]:
                parts[key].append(as_what)
    return {key: tuple(roles) for key, roles in parts.items() if roles}


def _taking_part(one: Any, role: str) -> tuple[str | None, str]:  # noqa: ANN401 - any JSON
    """Give the key of who takes part; nobody knows whom a mention means."""
    if not isinstance(one, Mapping):
        return one, role
    key = one.get("organization")
    return (key if isinstance(key, str) else None), one.get("role") or role


def _node(
    shown: Shown,
    links: Mapping[str, list[Link]],
    known: tuple[Mapping[str, Shown], Mapping[str, bytes]],
    question: Question,
) -> Iterator[bytes]:
    others, titles = known
    partners = [
        other
        for key, other in sorted(others.items())
        if key in links and question.with_role in (None, *_roles(other))
    ]
    if len(partners) < question.at_least:
        return
    positions = {at for one in partners for link in links[one.key] for at in link.positions}
    yield orjson.dumps(
        {
            **_named(shown, titles),
            "partners": [
                {**_named(one, titles), "via": [_via(link) for link in links[one.key]]}
                for one in partners
            ],
            "positions": sorted(positions)[-_MOST_POSITIONS:],
        }
    )


def _named(shown: Shown, titles: Mapping[str, bytes]) -> dict[str, Any]:
    title = orjson.Fragment(titles[shown.key])
    return {"subject": shown.subject, "title": title, "roles": _roles(shown)}


def _via(link: Link) -> dict[str, Any]:
    return {
        "subject": link.matter.subject,
        "stage": link.matter.stage,
        "as": link.mine,
        "partner_as": link.theirs,
        "positions": link.positions,
    }
