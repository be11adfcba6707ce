"""What organizations are called: on a day, and in any script."""

from collections.abc import Iterator, Sequence
from datetime import date

from anyascii import anyascii

from domain.history import History
from domain.organization import OrganizationState
from domain.places import fold
from projections.projection import Column, Projection, Row, Since, Table

NAMES = Table(
    "names",
    (Column("organization", "text"), Column("ordinal", "integer")),
    ("id", "name", "folded", "main", "day", "kind"),
    """organization IN (
        SELECT key FROM journal.names WHERE subject = ANY(%(ids)s) AND alias IS NULL)""",
)


class Names(Projection):
    """Every name of every organization; main names with the day from which they were in use."""

    name = "names"
    version = 1
    tables = (NAMES,)

    def rows(self, history: History, since: Since) -> Sequence[Sequence[Row]]:  # noqa: ARG002 - few
        """Give all names of an organization, at least its key; of other subjects nothing."""
        if history.kind.name != "organization":
            return [()]
        last = history.recorded[-1]
        mains = list(_mains(history)) or [(last.key, date.min)]
        others = dict.fromkeys(_others(history))
        told: list[tuple[str, bool, date, str | None]]
        told = [(name, True, day, None) for name, day in mains]
        told += [(name, False, date.min, kind) for name, kind in others]
        return [
            [
                (last.key, ordinal, last.subject, name, alike(name), main, day, kind)
                for ordinal, (name, main, day, kind) in enumerate(told)
            ]
        ]


def alike(name: str) -> str:
    """Give a name as it is compared in searches: in Latin letters, without case and accents."""
    return fold(anyascii(name))


def _mains(history: History) -> Iterator[tuple[str, date]]:
    """Give each main name with the day from which it was in use."""
    last = None
    for step in history.steps:
        state = step.after
        if isinstance(state, OrganizationState) and state.name and state.name != last:
            yield state.name, step.fact.day
            last = state.name


def _others(history: History) -> Iterator[tuple[str, str | None]]:
    for step in history.steps:
        if isinstance(step.after, OrganizationState):
            yield from ((other.name, other.kind) for other in step.after.names or ())
