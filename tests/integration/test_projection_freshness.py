"""Readers tell what is so now: names, positions and kept answers."""

from __future__ import annotations

import asyncio

import orjson
import psycopg
import pytest

from journal.database import conninfo
from projections import (
    state,
    timeline,
)
from projections.reading import NotSeen, Page, Views
from tests.integration.asking import NOW, ask
from tests.integration.viewing import follow, record

# ── how far ──────────────────────────────────────────────────────────────────────────────────────


def test_a_renaming_is_told_at_once(database: str) -> None:
    """What a process remembers of names is never told after they changed."""
    opened = {"type": "organization.registered", "subject": "acme", "data": {"name": "Acme"}}
    renamed = {
        "type": "organization.renamed",
        "subject": "acme",
        "occurred_on": "2020-01-01",
        "data": {"name": "Zenith"},
    }
    record(database, [opened])
    follow(database)

    async def telling(views: Views) -> list[str]:
        titles = []
        for line in ({}, renamed):
            if line:
                await asyncio.to_thread(record, database, [line])
                await asyncio.to_thread(follow, database)
            one = await state.one(views, "organization", "acme", NOW)
            assert one is not None
            assert one.body is not None
            titles.append(orjson.loads(one.body)["title"])
        return titles

    assert ask(database, telling) == ["Acme", "Zenith"]


def test_a_reader_waits_for_a_position(database: str) -> None:
    """What was recorded before is seen after waiting; what never comes is told so."""
    line = {"type": "organization.registered", "subject": "acme", "data": {"name": "Acme"}}
    record(database, [line])

    async def waiting(views: Views) -> None:
        with pytest.raises(NotSeen, match="Position 1 is not visible yet; the views are at 0"):
            await views.wait_for(1, within=0.1)
        follower = asyncio.create_task(asyncio.to_thread(follow, database))
        await asyncio.gather(*(views.wait_for(1) for _ in range(20)))
        assert await state.one(views, "organization", "acme", NOW)
        await follower

    ask(database, waiting)


def test_a_kept_answer_is_given_only_while_it_is_right(database: str) -> None:
    """A process that was asked before answers like one that never was, after every change."""
    lines = [
        {"type": "organization.registered", "subject": "acme", "data": {"name": "Acme"}},
        {"type": "note.added", "kind": "organization", "subject": "acme", "data": {"details": "A"}},
        {
            "type": "organization.renamed",
            "subject": "acme",
            "occurred_on": "2020-01-01",
            "data": {"name": "Zenith"},
        },
        {"type": "organization.registered", "subject": "other", "data": {"name": "Other"}},
    ]
    every = timeline.Question()
    listed = state.Question(kind="organization", q="acme")

    async def answers(views: Views) -> list[object]:
        return [
            await timeline.page(views, every, NOW),
            await state.page(views, listed, NOW),
            await state.one(views, "organization", "acme", NOW),
        ]

    async def asking(views: Views) -> None:
        for line in lines:
            await asyncio.to_thread(record, database, [line])
            await asyncio.to_thread(follow, database)
            async with Views(database) as fresh:
                expected = await answers(fresh)
            assert await answers(views) == expected
            assert await answers(views) == expected
        await asyncio.to_thread(_reword, database)
        async with Views(database) as fresh:
            assert await answers(views) == await answers(fresh)
        first, *_ = await answers(views)
        assert isinstance(first, Page)
        assert b"reworded" in first.items[0]

    ask(database, asking)


def _reword(url: str) -> None:
    """Change rows as a rebuild with other code does: no event came, but the build is another."""
    with psycopg.connect(conninfo(url)) as connection:
        connection.execute(
            "UPDATE views.timeline SET entry = replace(entry, 'somebody', 'reworded')"
        )
        connection.execute("UPDATE views.tracking SET build = build + 1")
