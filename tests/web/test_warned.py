"""The Chinese words of warnings keep up with the English sentences of the domain."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.web.browsing import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMS = re.findall(
    r"^ *\[?/(\^.+\$)/,", (ROOT / "web/src/words/warned.ts").read_text(), re.MULTILINE
)


def _sentences() -> Iterator[str]:
    for path in sorted((ROOT / "domain").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield from _said(node)


def _said(function: ast.FunctionDef) -> Iterator[str]:
    named = {
        ast.unparse(one.targets[0]): one.value
        for one in ast.walk(function)
        if isinstance(one, ast.Assign)
    }
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("Warned", "Notice"):
            told = call.args[1]
            told = named.get(ast.unparse(told), told)
            if not isinstance(told, ast.Attribute):  # a warning that is handed on
                yield _example(told)


def _example(told: ast.expr) -> str:
    if isinstance(told, ast.Constant):
        return str(told.value)
    if isinstance(told, ast.FormattedValue):
        return repr("x") if told.conversion == ord("r") else "x"
    assert isinstance(told, ast.JoinedStr), ast.unparse(told)
    return "".join(map(_example, told.values))


@pytest.mark.parametrize("sentence", sorted(set(_sentences())))
def test_a_sentence_of_a_warning_has_chinese_words(sentence: str) -> None:
    """Each that the domain can say fits a form that the page tells in Chinese."""
    assert [one for one in _FORMS if re.search(one, sentence)], sentence


def test_all_sentences_are_looked_at() -> None:
    """There are as many as the domain makes, and no form is left of one that nobody says."""
    sentences = set(_sentences())
    assert len(sentences) >= len(_FORMS) > 10
    assert [one for one in _FORMS if not any(re.search(one, said) for said in sentences)] == []
