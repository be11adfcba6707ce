"""Check the house rules that no general linter knows: `python -m tools.house`."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
SHIPPED = ("domain", "journal", "projections", "api", "cli", "migrations")
ALL = (*SHIPPED, "bench", "tools", "tests")

LONGEST_MODULE = 400
LONGEST_FUNCTION = 25

_IMPURE = {"io", "os", "pathlib", "random", "secrets", "socket", "subprocess", "tempfile", "time"}
_IMPURE_CALLS = {"now", "open", "today", "utcnow", "uuid1", "uuid4", "uuid6", "uuid7"}
_VAGUE = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
_SQL = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|TRUNCATE\s|WITH\s+\w+\s+AS\s"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|SCHEMA|ROLE|FUNCTION|VIEW|DATABASE)\s)"
)
_SKIPPING = re.compile(r"pytest\.(mark\.)?(skip|xfail|importorskip)")
_EXCUSE = re.compile(
    r"#\s*(?:noqa|type: ignore)(?P<code>: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|\[[a-z, -]+\])?(?P<reason>.*)"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """A Python file, parsed once for all rules."""

    path: Path
    source: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: Path, source: str) -> Module:
        """Take it from a text; the path is relative to the project."""
        return cls(path, source, ast.parse(source))

    def imports(self) -> Iterator[tuple[int, str]]:
        """Give the line and full name of every module that it imports."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or ""

    def functions(self) -> Iterator[Function]:
        """Give every function and method."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its reason, where it holds, and a text that breaks it (which a test proves)."""

    reason: str
    packages: tuple[str, ...]
    broken_by: str
    offending_lines: Callable[[Module], Iterator[int]]

    @property
    def name(self) -> str:
        """Say it in words."""
        return self.offending_lines.__name__.replace("_", " ")

    def faults(self, module: Module) -> Iterator[str]:
        """Tell each place where a module breaks it."""
        if module.path.parts[0] in self.packages:
            for line in self.offending_lines(module):
                yield f"{module.path}:{line}: {self.name}: {self.reason}"


RULES: list[Rule] = []


def _rule(
    *packages: str, broken_by: str
) -> Callable[[Callable[[Module], Iterator[int]]], Callable[[Module], Iterator[int]]]:
    def enter(check: Callable[[Module], Iterator[int]]) -> Callable[[Module], Iterator[int]]:
        RULES.append(Rule((check.__doc__ or "").strip(), packages, broken_by, check))
        return check

    return enter


@_rule("domain", broken_by="def evolve(self, state):\n    assert state")
def evolve_never_refuses(module: Module) -> Iterator[int]:
    """What was recorded must stay readable, whatever we think of it today."""
    for function in module.functions():
        if function.name == "evolve":
            for node in ast.walk(function):
                if isinstance(node, ast.Raise | ast.Assert):
                    yield node.lineno


@_rule("domain", broken_by="from datetime import date\nborn = date.today()")
def the_domain_reads_no_clock_chance_file_or_environment(module: Module) -> Iterator[int]:
    """The same history gives the same state, here and in ten years."""
    yield from (line for line, name in module.imports() if name.split(".")[0] in _IMPURE)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in _IMPURE_CALLS:
            yield node.lineno


@_rule("domain", "api", "cli", "tools", broken_by='QUERY = "SELECT key FROM journal.names"')
def sql_stays_where_the_data_is(module: Module) -> Iterator[int]:
    """Only journal, projections and migrations know tables."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and _SQL.match(str(node.value)):
            yield node.lineno


@_rule("domain", broken_by="class PermitChanged: ...")
def an_event_says_what_happened(module: Module) -> Iterator[int]:
    """Tell what changed: neither `Updated` nor `Changed` does."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Updated", "Changed")):
            yield node.lineno


@_rule("tests", broken_by="import pytest\n\n@pytest.mark.skip\ndef test(): ...")
def no_test_is_skipped(module: Module) -> Iterator[int]:
    """A test that never runs proves nothing; `skipif` with a reason is for other machines."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and _SKIPPING.fullmatch(ast.unparse(node)):
            yield node.lineno


@_rule("tests", broken_by="from unittest.mock import Mock")
def nothing_is_mocked(module: Module) -> Iterator[int]:
    """A mock says what we hoped; the real thing is a fixture away."""
    yield from (line for line, name in module.imports() if name.startswith("unittest"))


@_rule(*ALL, broken_by="x = 1  # noqa: E731")
def every_exception_to_a_lint_has_its_reason(module: Module) -> Iterator[int]:
    """Without it nobody dares to take the exception away."""
    for line, text in enumerate(module.source.splitlines(), 1):
        if (found := _EXCUSE.search(text)) and not (found["code"] and found["reason"].strip(" #-")):
            yield line


@_rule(*SHIPPED, "tools", broken_by="x = 1\n" * (LONGEST_MODULE + 1))
def a_module_can_be_read_in_one_sitting(module: Module) -> Iterator[int]:
    """Split what has passed 400 lines."""
    if (length := len(module.source.splitlines())) > LONGEST_MODULE:
        yield length


@_rule(*SHIPPED, "tools", broken_by="def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION + 1))
def a_function_does_one_thing(module: Module) -> Iterator[int]:
    """More than 25 lines below the docstring are several functions."""
    for function in module.functions():
        body = function.body[1:] if ast.get_docstring(function) else function.body
        if body and (body[-1].end_lineno or 0) - body[0].lineno >= LONGEST_FUNCTION:
            yield function.lineno


@_rule(*ALL, broken_by="# file: utils.py")
def a_module_is_named_for_what_it_holds(module: Module) -> Iterator[int]:
    """A drawer for everything is where nothing is found."""
    if module.path.stem in _VAGUE:
        yield 1


def _last_name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def modules() -> Iterator[Module]:
    """Read every Python file of the project."""
    for package in ALL:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield Module.parse(path.relative_to(ROOT), path.read_text())


def main() -> int:
    """Print every fault; the exit code tells whether there were any."""
    faults = [fault for module in modules() for rule in RULES for fault in rule.faults(module)]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
