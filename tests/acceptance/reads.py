"""The reads that tests of all reads go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

LISTS = (
    "/v1/timeline",
    "/v1/events",
    "/v1/partnerships",
    "/v1/warnings",
    "/v1/places",
    "/v1/search?q=weride",
    "/v1/partnerships/weride-uber-abu-dhabi/history",
    "/v1/indicators/china-assisted-driving-share/series",
    "/v1/partnerships/weride-uber-abu-dhabi/explain",
    "/v1/coverage",
    "/v1/coverage?service=baidu-dubai",
    "/v1/targets",
    "/v1/suspensions",
    "/v1/graph",
    "/v1/diff?from_known_position=300",
)
READS = (
    *LISTS,
    "/v1/events/1",
    "/v1/partnerships/weride-uber-abu-dhabi",
)


def asked(client: httpx2.Client, path: str, **query: Any) -> httpx2.Response:
    """Ask with further parameters."""
    return client.get(path, params={**dict(client.build_request("GET", path).url.params), **query})
