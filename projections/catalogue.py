"""Which projections there are."""

from collections.abc import Iterable

from projections.names import Names
from projections.projection import Projection
from projections.state import State
from projections.timeline import Timeline

PROJECTIONS: tuple[Projection, ...] = (State(), Timeline(), Names())
TABLES = tuple(table for one in PROJECTIONS for table in one.tables)


class NoSuchProjection(Exception):
    """There is no projection {name}; there are {known}."""

    def __init__(self, name: str) -> None:
        known = ", ".join(one.name for one in PROJECTIONS)
        super().__init__((self.__doc__ or "").format(name=name, known=known))


def named(names: Iterable[str]) -> tuple[Projection, ...]:
    """Give projections by name; all where no name is given.

    Raises:
        NoSuchProjection: naming those that there are.
    """
    by_name = {one.name: one for one in PROJECTIONS}
    wanted = list(names) or list(by_name)
    for name in wanted:
        if name not in by_name:
            raise NoSuchProjection(name)
    return tuple(by_name[name] for name in wanted)
