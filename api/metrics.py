"""What Prometheus reads.

Each server process counts for itself; where `PROMETHEUS_MULTIPROC_DIR` names a folder, the counts
of all processes are added up, whichever answers.
"""

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter(
    "farshore_requests", "Answers by route and status.", ("method", "route", "status")
)
SECONDS = Histogram(
    "farshore_request_seconds",
    "Time until the head of the answer was sent.",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)


def exposition() -> bytes:
    """Give all metrics in the text format."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the package's own gap
    return generate_latest(registry)
