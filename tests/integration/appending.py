"""Drafts, proposals and rulings, for the tests of the append function."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from journal.append import APPEND, Proposal, Verdict, parameters, rulings
from journal.rows import Draft
from tests.integration.journaling import app

if TYPE_CHECKING:
    from journal.append import Ruling


def draft(subject: UUID, version: int, **given: Any) -> Draft:
    """Make a draft of a note."""
    about = {"key": f"s-{subject}", "kind": "organization", "type": "note.added", "schema": 1}
    dates = {"occurred_on": "2025-11", "earliest": date(2025, 11, 1), "latest": date(2025, 11, 30)}
    known = {"id": uuid4(), "subject": subject, "version": version, "body": b'{"data":{}}'}
    return Draft(**{**known, **about, **dates, **given})


def propose(*drafts: Draft, command: UUID | None = None, **given: Any) -> Proposal:
    """Propose drafts as one command."""
    return Proposal(command or uuid4(), "somebody", drafts, **given)


def append(url: str, *proposals: Proposal) -> list[Ruling]:
    """Append in one call, as the application."""
    with app(url) as connection:
        answer = connection.execute(APPEND, parameters(proposals), binary=True).fetchall()
        return rulings(proposals, answer)


def verdicts(url: str, *proposals: Proposal) -> list[Verdict]:
    """Append in one call, and give the verdicts."""
    return [ruling.verdict for ruling in append(url, *proposals)]
