"""What the command line says over the environment, and the server that follows from both."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cli.client import Client, Failed, connected
from journal.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from pydantic_core import ErrorDetails

overrides: dict[str, Any] = {}


def settings() -> Settings:
    """Give the settings, with what the command line says over them.

    Raises:
        Failed: a setting is wrong; which and why is printed.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = (f"  {_name(one)}: {one['msg']}" for one in error.errors())
        raise Failed("The settings are wrong.", *faults) from None


def _name(fault: ErrorDetails) -> str:
    """Name the variable that a setting is read from."""
    name = str(fault["loc"][0])
    return f"FARSHORE_{name.removeprefix('FARSHORE_').upper()}"


def run(work: Callable[[Client], Coroutine[Any, Any, None]], *, begin: bool = False) -> None:
    """Connect, and do some work; `begin` lets it begin a journal where there is none."""

    async def connect_and_work() -> None:
        async with connected(settings(), begin=begin) as client:
            await work(client)

    asyncio.run(connect_and_work())
