"""Ask a running Farshore, as a person would who reads the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterable


def see(client: httpx2.Client, position: int) -> None:
    """Wait until whatever is read has seen a position."""
    for _ in range(60):  # each waits for five seconds
        answer = client.get("/v1/events", params={"min_position": position, "limit": 1})
        if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
            break
    answer.raise_for_status()


def items(client: httpx2.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """Give all items of a list, page by page."""
    found, cursor = [], None
    while True:
        given = {**query, **({"cursor": cursor} if cursor else {})}
        page = client.get(path, params=given).raise_for_status().json()
        found += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return found


def keys(entries: Iterable[dict[str, Any]]) -> set[str]:
    """Give the keys of the subjects of some entries."""
    return {entry["subject"]["key"] for entry in entries}
