"""The house rules hold, and each of them can be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.house import ALL, ROOT, RULES, Module, Rule, modules

PACKAGES = {path.parent.name for path in ROOT.glob("*/__init__.py")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_holds(rule: Rule) -> None:
    """No module of the project breaks the rule."""
    assert [fault for module in modules() for fault in rule.faults(module)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_can_be_broken(rule: Rule) -> None:
    """The rule finds the text that it names as its own counterexample."""
    name = rule.broken_by.partition("# file: ")[2] or "example.py"
    module = Module.parse(Path(rule.packages[0]) / name, rule.broken_by)
    assert list(rule.faults(module))


def test_no_package_escapes() -> None:
    """Every package of the project is under the rules."""
    assert set(ALL) >= PACKAGES
