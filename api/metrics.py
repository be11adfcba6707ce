"""What Prometheus reads.

Each server process counts for itself; where `PROMETHEUS_MULTIPROC_DIR` names a folder, the counts
of all processes are added up, whichever answers.
"""

import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from journal.seal.log import Status

MEDIA_TYPE = CONTENT_TYPE_LATEST

_REQUESTS = Counter(
    "farshore_requests", "Answers by route and status.", ("method", "route", "status")
)
_SECONDS = Histogram(
    "farshore_request_seconds",
    "Time until the head of the answer was sent.",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
_VIEW = ("view",)
_POSITION = Gauge(
    "farshore_view_position", "How far a view is.", _VIEW, multiprocess_mode="mostrecent"
)
_LAG = Gauge("farshore_view_lag_events", "Events behind.", _VIEW, multiprocess_mode="mostrecent")
_HELD = Gauge(
    "farshore_view_quarantined", "Events not taken.", _VIEW, multiprocess_mode="mostrecent"
)
_DATABASE = Gauge(
    "farshore_database_up", "Whether the database answers.", multiprocess_mode="mostrecent"
)


_SEALED = Gauge(
    "farshore_seal_position", "How many events are sealed.", multiprocess_mode="mostrecent"
)
_UNSEALED = Gauge(
    "farshore_seal_lag_seconds",
    "How long the first event that is not sealed waits.",
    multiprocess_mode="mostrecent",
)
_REFUSED = Gauge(
    "farshore_seal_refused",
    "Whether the sealer refuses to sign: the journal is not what was sealed.",
    multiprocess_mode="mostrecent",
)


@cache
def counters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Give what counts the answers of a route; there are only so many routes and statuses."""
    return _REQUESTS.labels(method, route, status), _SECONDS.labels(method, route)


def observe(views: Iterable[Mapping[str, Any]] | None) -> None:
    """Take note of how the views are; None where the database is away."""
    _DATABASE.set(views is not None)
    for view in views or ():
        _POSITION.labels(view["name"]).set(view["position"])
        _LAG.labels(view["name"]).set(view["lag"])
        _HELD.labels(view["name"]).set(view["quarantined"])


def observe_seal(seal: Status) -> None:
    """Take note of how the seal is."""
    _SEALED.set(seal.size)
    _UNSEALED.set(seal.lag)
    _REFUSED.set(seal.refusal is not None)


def exposition() -> bytes:
    """Give all metrics in the text format."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the package's own gap
    return generate_latest(registry)
