"""Records of one and the same subject: which one stands for all of them."""

from collections.abc import Callable, Iterator, Mapping

from domain.history import History
from domain.refusals import MergedAcrossKinds, MergedInCircle

Merges = Mapping[str, str]  # the key of each duplicate to that of the record it was merged into


def survivor(key: str, merges: Merges) -> str:
    """Give the key of the record that stands for a subject: its own where it is no duplicate."""
    *_, last = _chain(key, merges)
    return last


def same_as(key: str, merges: Merges) -> frozenset[str]:
    """Give the keys of all records of the subject that a key means, its survivor's included."""
    stands = survivor(key, merges)
    return frozenset(one for one in (*merges, stands) if survivor(one, merges) == stands)


def _chain(key: str, merges: Merges) -> Iterator[str]:
    passed = {key}
    yield key
    while (key := merges.get(key, key)) not in passed:
        passed.add(key)
        yield key


def check_merge(history: History, beside: Callable[[str], History]) -> None:
    """Refuse what makes a record the duplicate of its own duplicate, or of another kind's record.

    Args:
        history: of a subject that was just merged into another, or is so again.
        beside: gives the history of the subject with a key.

    Raises:
        MergedInCircle, MergedAcrossKinds
    """
    own, into = history.recorded[-1].key, history.merged_into
    passed = set()  # a circle that is on record all the same, and does not include this one
    while into and into not in passed:
        passed.add(into)
        other = beside(into)
        if other.kind is not history.kind:
            raise MergedAcrossKinds(into=into, kind=other.kind.noun)
        if other.merge and other.merged_into == own:
            at = [other.merge.position]
            raise MergedInCircle(positions=at, into=history.merged_into, merged=into)
        into = other.merged_into
