"""From what somebody asks to what is appended: subjects, references, rules, bytes. No I/O."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from uuid_utils.compat import uuid7

from domain.dates import span
from domain.effective import Recorded
from domain.event import Event, event_class, kinds
from domain.history import History
from domain.merges import check_merge
from domain.refusals import Refused
from domain.universal import EventCorrected, EventRetracted
from domain.views import Notice, standing
from journal.commands import Command, Line, Principal
from journal.foresee import base_of
from journal.known import Layer, Overlay
from journal.names import Subject, fold, is_id, numbered
from journal.refusals import (
    AtLine,
    Declined,
    KeyTaken,
    Malformed,
    NotAllowed,
    NotYours,
    Outdated,
    Unknown,
)
from journal.resolve import completed, resolved, with_article
from journal.rows import Draft


class Decided(NamedTuple):
    """One line, decided: what to append, and the history of its subject before and after."""

    draft: Draft
    before: History
    after: History

    def warnings(self) -> tuple[Notice, ...]:
        """Give what a person should look at since this event."""
        return warned(self.before, self.after)


def warned(before: History, after: History) -> tuple[Notice, ...]:
    """Give the warnings that the later history has and the earlier had not."""
    known = set(_notices(before))
    return tuple(notice for notice in _notices(after) if notice not in known)


def _notices(history: History) -> Iterable[Notice]:
    return standing(history.steps) if history.steps else ()


def decide(command: Command, layer: Overlay, position: int) -> list[Decided]:
    """Decide a command on what is known; `layer` then knows what it would record.

    Args:
        command: its later lines may name what its earlier ones opened.
        layer: a fresh one on top of what is known.
        position: the one that its first event would get.

    Raises:
        Missing: look it up, and decide again on a fresh layer.
        Unguarded: decide again while nobody else appends.
        Refused, Declined: what speaks against it; AtLine where there are several lines.
    """
    if len(command.lines) == 1:
        return [_decided(command, command.lines[0], layer, position)]
    decided = []
    for index, line in enumerate(command.lines):
        try:
            decided.append(_decided(command, line, layer, position + index))
        except (Refused, Declined) as cause:
            raise AtLine(index, cause) from None
    return decided


def judge(command: Command, layer: Overlay, position: int) -> tuple[list[Decided], list[AtLine]]:
    """Decide on the lines that can be accepted one after the other, and say why others cannot.

    Args:
        command: its later lines may name what its earlier ones opened.
        layer: a fresh one on top of what is known.
        position: the one that its first event would get.

    Raises:
        Missing: look it up, and judge again on a fresh layer.
    """
    decided: list[Decided] = []
    refused: list[AtLine] = []
    for index, line in enumerate(command.lines):
        try:
            with_it = Overlay(layer)
            decided.append(_decided(command, line, with_it, position + len(decided)))
            layer.absorb(with_it)
        except (Refused, Declined) as cause:
            refused.append(AtLine(index, cause))
    return decided, refused


def _decided(command: Command, line: Line, layer: Overlay, position: int) -> Decided:
    envelope, principal = line.envelope, command.principal
    subject = _existing(line, layer)
    kind = subject.kind if subject else line.kind
    if kind is None:
        raise Malformed.at("/kind", f"{envelope.type} needs the kind of a new subject")
    if principal.role not in event_class(envelope.type, kind).roles:
        raise NotAllowed(role=f"The role {principal.role}", type=envelope.type)
    event = resolved(line, kind, layer)
    subject = subject or _opened(line, event, kind, layer)
    before = layer.history(subject)
    if line is command.lines[0] and command.expected_version not in (None, before.version):
        raise Outdated(key=subject.key, version=before.version, expected=command.expected_version)
    event = completed(line, event, before, layer)
    _check_own(principal, event, before)
    recorded = candidate(command, line, subject, event, before.version + 1, position)
    after = before.admit(recorded)
    layer.histories[subject.id] = after
    _check_merge(before, after, layer)
    aliases = renamed(before, after)
    if aliases is not None:
        layer.aliases[subject] = frozenset(aliases)
    return Decided(draft(line, recorded, aliases), before, after)


def _check_merge(before: History, after: History, layer: Overlay) -> None:
    """Hold a merge against the merges of other subjects."""
    if after.merged_into in {None, before.merged_into}:
        return

    def beside(key: str) -> History:
        if (other := layer.subject(key)) is None:
            raise Unknown(subject=key)
        return layer.beside(other)

    check_merge(after, beside)


# ── which subject ────────────────────────────────────────────────────────────────────────────────


def _existing(line: Line, layer: Layer) -> Subject | None:
    """Give the subject that the line names; None where it is to be opened."""
    text = line.envelope.subject
    found = layer.subject(text) if text else None
    if found and line.opens:
        raise KeyTaken(key=found.key, kind=kinds()[found.kind].noun)
    if found and line.kind not in (None, found.kind):
        wanted, is_one = kinds()[line.kind or ""].noun, kinds()[found.kind].noun
        raise Malformed.at(
            "/subject", f"{found.key} is {with_article(is_one)}, not {with_article(wanted)}"
        )
    if not found and (line.opens is False or is_id(text or "")):
        raise Unknown(subject=text)
    return found


def _opened(line: Line, event: Event, kind: str, layer: Overlay) -> Subject:
    key = line.envelope.subject or next(
        key for key in numbered(base_of(event, kind)) if layer.subject(key) is None
    )
    subject = Subject(uuid7(), kind, key)
    layer.open(subject)
    return subject


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


def _check_own(principal: Principal, event: Event, history: History) -> None:
    """Let contributors change only what they recorded themselves."""
    if principal.role != "contributor" or not isinstance(event, EventCorrected | EventRetracted):
        return
    if history.find(event.target).recorded_by != principal.id:
        raise NotYours


# ── what is stored ───────────────────────────────────────────────────────────────────────────────


def candidate(
    command: Command, line: Line, subject: Subject, event: Event, version: int, position: int
) -> Recorded:
    """Give a line as it would be on record."""
    envelope = line.envelope
    return Recorded(
        position,
        uuid7(),
        subject.kind,
        subject.id,
        subject.key,
        version,
        event,
        envelope.occurred_on,
        envelope.after,
        datetime.now(UTC),
        command.principal.id,
        envelope.reason,
        envelope.sources,
        envelope.ref,
        command.batch,
    )


def renamed(before: History, after: History) -> tuple[str, ...] | None:
    """Give all names of the subject, folded, where they are others than before."""
    names = after.aliases()
    return None if names == before.aliases() else tuple(sorted(set(map(fold, names))))


def draft(line: Line, recorded: Recorded, aliases: tuple[str, ...] | None) -> Draft:
    """Give what is to be appended for a line."""
    event, occurred_on = recorded.event, recorded.occurred_on
    earliest, latest = span(occurred_on) if occurred_on else (None, None)
    return Draft(
        recorded.id,
        recorded.kind,
        recorded.subject,
        recorded.key,
        recorded.version,
        event.type,
        event.schema_number(),
        occurred_on,
        earliest,
        latest,
        line.body(event.to_json()),
        aliases,
    )
