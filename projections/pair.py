"""The state at a pair of dates, as SQL; the parameters are `known`, a position, and `day`."""

# Of a state `s`: it holds there. The ranges of a subject leave no gap but before its first day.
WITHIN = """s.known @> %(known)s::bigint
    AND s.effective_from <= %(day)s::date AND s.effective_to > %(day)s::date"""


def state_of(subject: str) -> str:
    """Join the state `s` of a subject, given its id: along an index, without a look at later ones.

    The end of its range need not be asked for, since no later one begins by the day.
    """
    return f"""LATERAL (
        SELECT s.* FROM views.state s WHERE s.id = {subject}
            AND s.known @> %(known)s::bigint AND s.effective_from <= %(day)s::date
        ORDER BY s.effective_from DESC LIMIT 1
    ) s ON true"""


def last_of(subject: str) -> str:
    """Join how far a subject `u` was recorded by then, given its id."""
    return f"""LATERAL (
        SELECT * FROM views.subjects WHERE id = {subject} AND last_position <= %(known)s::bigint
        ORDER BY last_position DESC LIMIT 1
    ) u ON true"""
