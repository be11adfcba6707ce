"""Take samples in turns, and print what they come to beside the goals."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench.goals import GOALS, Goal
from bench.machine import Machine

if TYPE_CHECKING:
    from bench.load import Answers

ROUNDS = 3
_PATIENCE = 120.0  # seconds of a run that may be spent in waiting for others to rest

Contenders = Mapping[str, Callable[[], "Sample"]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement.

    Attributes:
        rate: a second; 0 where only latencies were measured.
        p50, p99: milliseconds; None where one run gives a single figure.
        cpu: what each party computed for one, in microseconds.
    """

    rate: float = 0.0
    p50: float | None = None
    p99: float | None = None
    cpu: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, answers: Answers, cpu: Mapping[str, float] | None = None) -> Sample:
        """Take the figures of a load."""
        each = {party: 1e6 * spent / len(answers.latencies) for party, spent in (cpu or {}).items()}
        return cls(answers.rate, answers.quantile(0.5), answers.quantile(0.99), each)


class Board:
    """Keeps all samples by the name of what was measured."""

    def __init__(self) -> None:
        """Begin empty."""
        self.samples: defaultdict[str, list[Sample]] = defaultdict(list)
        self._machine = Machine(_PATIENCE)
        self._others: list[float] = []
        self._told = Console(stderr=True)

    def note(self, name: str, sample: Sample) -> None:
        """Keep a sample."""
        self.samples[name].append(sample)
        self._told.print(f"[dim]{name}: {_figures(sample)} {_cpu(sample.cpu)}[/dim]")

    def rounds(self, contenders: Contenders, rounds: int = ROUNDS) -> None:
        """Let all have their turn again and again, so that a noisy minute hits them alike."""
        for _ in range(rounds):
            for name, measure in contenders.items():
                self._machine.wait_for_quiet()
                self.note(name, measure())
                self._others.append(self._machine.others())

    def middle(self, name: str) -> Sample:
        """Give the median of all samples of a name, figure by figure."""
        taken = self.samples[name]
        parties = taken[0].cpu
        return Sample(
            median(one.rate for one in taken),
            _median([one.p50 for one in taken]),
            _median([one.p99 for one in taken]),
            {party: median(one.cpu.get(party, 0.0) for one in taken) for party in parties},
        )

    def show(self, names: Collection[str] = ()) -> None:
        """Print the table, of some figures or of all."""
        table = Table(title="Farshore beside its peers, in one run on one machine")
        for column in ("what", "a second", "p50 ms", "p99 ms", "beside"):
            table.add_column(column, justify="left" if column in ("what", "beside") else "right")
        for column in ("ratio", "at least", "aim", ""):
            table.add_column(column, justify="right")
        for name in names or self.samples:
            for cells in self._lines(name):
                table.add_row(*cells)
        Console(width=None if sys.stdout.isatty() else 160).print(table)
        self._show_cpu()
        self._show_others()

    def _lines(self, name: str) -> list[tuple[str, ...]]:
        """Give the lines of a figure: one for each goal, the first with the figure itself."""
        sample = self.middle(name)
        figure = (name, _number(sample.rate), _number(sample.p50), _number(sample.p99))
        goals = [one for one in GOALS if one.what == name and one.beside in self.samples]
        judged = [self._judged(goal) for goal in goals] or [("",) * 5]
        heads = [figure, *(("",) * 4 for _ in judged[1:])]
        return [(*head, *rest) for head, rest in zip(heads, judged, strict=True)]

    def _judged(self, goal: Goal) -> tuple[str, ...]:
        ratio = goal.ratio(self.middle(goal.what), self.middle(goal.beside))
        words = "[green]ok[/green]" if goal.reached(ratio) else "[red]short[/red]"
        sign = "≤ " if goal.less else "≥ "
        return goal.beside, f"{ratio:.2f}", f"{sign}{goal.least:g}", f"{sign}{goal.aim:g}", words

    def _show_others(self) -> None:
        """Say how far the figures can be trusted."""
        if self._others:
            share, most = median(self._others), max(self._others)
            words = f"Other programs used {share:.0%} of the machine meanwhile, at most {most:.0%}."
            Console().print(words)

    def _show_cpu(self) -> None:
        told = Table(title="Who computed how long for one request, in µs")
        middles = {name: self.middle(name).cpu for name in self.samples}
        parties = list(dict.fromkeys(party for cpu in middles.values() for party in cpu))
        for column in ("what", *parties):
            told.add_column(column, justify="left" if column == "what" else "right")
        for name, cpu in middles.items():
            if cpu:
                told.add_row(name, *(f"{cpu.get(party, 0):.0f}" for party in parties))
        if parties:
            Console(width=None if sys.stdout.isatty() else 160).print(told)


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _number(value: float | None) -> str:
    if not value:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"  # noqa: PLR2004 - readable


def _figures(sample: Sample) -> str:
    parts = {"/s": sample.rate, " ms p50": sample.p50, " ms p99": sample.p99}
    return ", ".join(f"{_number(value)}{unit}" for unit, value in parts.items() if value)


def _cpu(cpu: Mapping[str, float]) -> str:
    return " ".join(f"{party} {each:.0f} µs" for party, each in cpu.items())
