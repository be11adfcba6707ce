"""Describe options and arguments to typer, for commands that are derived."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer
from typer.models import ArgumentInfo


def option(name: str, type_: Any, option: str, text: str) -> inspect.Parameter:  # noqa: ANN401 - any annotation
    """Describe an option to typer."""
    if type_ is bool:
        return parameter(name, bool, typer.Option(option, help=text), default=False)
    return parameter(name, type_, typer.Option(option, help=text))


def parameter(
    name: str,
    type_: Any,  # noqa: ANN401 - a type, or a generic of one
    info: Any,  # noqa: ANN401 - typer's description of an option or argument
    default: object = None,
) -> inspect.Parameter:
    """Describe a parameter to typer; one with an empty default must be given."""
    annotation: Any = Annotated[type_ if default is not None else type_ | None, info]
    how = (
        inspect.Parameter.POSITIONAL_OR_KEYWORD
        if isinstance(info, ArgumentInfo)
        else inspect.Parameter.KEYWORD_ONLY
    )
    return inspect.Parameter(name, how, default=default, annotation=annotation)
