"""Hold a running Farshore against the model for 100,000 steps: `python -m tests.soak`."""

from __future__ import annotations

from time import monotonic
from typing import Annotated

import typer
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console

from tests.acceptance.running import Farshore
from tests.folders import open_folder
from tests.wider import Wider

_OF_ONE_SERVER = 10_000  # steps: lists are read whole, so that they must not grow for ever
_RUNS, _LONGEST = 20, 60  # at a time, and steps of each

_settings = settings(
    max_examples=_RUNS,
    stateful_step_count=_LONGEST,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # with a real server, what fails is told at once, not made small
    suppress_health_check=[*HealthCheck],
)


def main(
    steps: Annotated[int, typer.Option(help="How many to take, at least.")] = 100_000,
) -> None:
    """Log, amend and read at random; stop at the first answer that the model does not give."""
    console, began = Console(), monotonic()
    while Wider.steps < steps:
        with open_folder() as folder, Farshore(folder) as farshore, farshore.client() as client:
            Wider.client, Wider.recorded = client, 0
            until = min(steps, Wider.steps + _OF_ONE_SERVER)
            while Wider.steps < until:
                run_state_machine_as_test(Wider, settings=_settings)
                rate = Wider.steps / (monotonic() - began)
                console.print(
                    f"{Wider.steps:>8,} of {steps:,} steps, {rate:,.0f}/s,"
                    f" {Wider.recorded:,} events on this server, all as expected"
                )


if __name__ == "__main__":
    typer.run(main)
