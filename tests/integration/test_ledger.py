"""The whole, over HTTP and on a real PostgreSQL, against a model that a person could keep."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.serving import served
from tests.wider import Wider


def test_the_server_says_what_the_model_says(database: str) -> None:
    """Whatever was logged, late, early, corrected, retracted, disputed or merged, at any clocks."""
    with served(database) as client:
        Wider.client, Wider.recorded = client, 0
        run_state_machine_as_test(
            Wider,
            settings=settings(
                max_examples=12,
                stateful_step_count=35,
                deadline=None,
                database=None,
                suppress_health_check=[*HealthCheck],
                phases=[Phase.generate],
            ),
        )
