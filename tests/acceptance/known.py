"""Ask with the knowledge of the example data, whatever other tests have recorded since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.acceptance import asking

if TYPE_CHECKING:
    import httpx2


DAY = "2026-06-30"


def known(client: httpx2.Client, path: str, **query: Any) -> dict[str, Any]:
    """Ask with the knowledge of the example data, whatever other tests have recorded since."""
    answer: dict[str, Any] = (
        client.get(path, params={"known_position": 356, **query}).raise_for_status().json()
    )
    return answer


def items(client: httpx2.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """Give all items of a list, with the same knowledge."""
    return asking.items(client, path, **{"known_position": 356, **query})
