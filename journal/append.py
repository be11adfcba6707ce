"""The one call that writes to the log: many commands in, a ruling on each out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple
from uuid import UUID

from journal.arrays import Array, binaries, booleans, dates, integers, texts, uuids
from journal.rows import Draft, Row

Verdict = Literal["new", "replayed", "mismatch", "conflict", "taken"]

APPEND = """
SELECT command, verdict, position, recorded_at, leaf FROM journal.append(
    %b::uuid[], %b::bytea[], %b::text[], %b::uuid[], %b::boolean[],
    %b::integer[], %b::uuid[], %b::text[], %b::uuid[], %b::text[], %b::integer[], %b::text[],
    %b::integer[], %b::text[], %b::date[], %b::date[], %b::bytea[],
    %b::uuid[], %b::uuid[], %b::text[])
"""


class Proposal(NamedTuple):
    """The events of one command, to be appended together or not at all.

    Attributes:
        command: names the command for ever: proposed again, it is answered as the first time.
        fingerprint: of the request; the same command with another one is a mismatch.
        leaning: whether it was decided on the strength of an earlier one of the same call, and
            so must not be appended unless that is.
    """

    command: UUID
    principal: str
    drafts: tuple[Draft, ...]
    fingerprint: bytes | None = None
    batch: UUID | None = None
    leaning: bool = False


class Ruling(NamedTuple):
    """What became of a proposal.

    Attributes:
        rows: what was written; empty unless the verdict is `new`.
    """

    verdict: Verdict
    rows: tuple[Row, ...] = ()


def parameters(proposals: Sequence[Proposal]) -> tuple[Array, ...]:
    """Give the parameters of `APPEND`."""
    drafts = [draft for proposal in proposals for draft in proposal.drafts]
    renaming = [draft for draft in drafts if draft.aliases is not None]
    names = [(draft.id, alias) for draft in renaming for alias in draft.aliases or ()]
    return (
        uuids(one.command for one in proposals),
        binaries(one.fingerprint for one in proposals),
        texts(one.principal for one in proposals),
        uuids(one.batch for one in proposals),
        booleans(one.leaning for one in proposals),
        integers(nr for nr, one in enumerate(proposals, 1) for _ in one.drafts),
        uuids(one.id for one in drafts),
        texts(one.kind for one in drafts),
        uuids(one.subject for one in drafts),
        texts(one.key for one in drafts),
        integers(one.version for one in drafts),
        texts(one.type for one in drafts),
        integers(one.schema for one in drafts),
        texts(one.occurred_on for one in drafts),
        dates(one.earliest for one in drafts),
        dates(one.latest for one in drafts),
        binaries(one.body for one in drafts),
        uuids(one.id for one in renaming),
        uuids(event for event, _ in names),
        texts(alias for _, alias in names),
    )


def rulings(proposals: Iterable[Proposal], answer: Iterable[tuple[Any, ...]]) -> list[Ruling]:
    """Match the answer of the call, in the order of the proposals, to these."""
    answers = (list(lines) for _, lines in groupby(answer, itemgetter(0)))
    return [_ruling(*pair) for pair in zip(proposals, answers, strict=True)]


def _ruling(proposal: Proposal, lines: list[tuple[int, Verdict, int, datetime, bytes]]) -> Ruling:
    verdict = lines[0][1]
    if verdict != "new":
        return Ruling(verdict)
    pairs = zip(proposal.drafts, lines, strict=True)
    return Ruling("new", tuple(_row(proposal, draft, *line[2:]) for draft, line in pairs))


def _row(proposal: Proposal, draft: Draft, position: int, at: datetime, leaf: bytes) -> Row:
    return Row(
        position,
        *draft[:10],
        at,
        proposal.principal,
        proposal.command,
        proposal.batch,
        draft.body,
        leaf,
    )
