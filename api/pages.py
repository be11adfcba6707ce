"""What people who write programs see with a browser: the routes with their examples."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api.problems import problems
from api.refusals import NotFound

_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
summary { cursor: pointer; overflow-wrap: anywhere }
summary b { font-family: ui-monospace, monospace }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; border-radius: .25rem }
details { margin: .25rem 0 } dt { font-family: ui-monospace, monospace }
"""

_FIRST = ("events", "reading")  # what most people come for; the kinds follow

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Give the OpenAPI document."""
    return Response(orjson.dumps(request.app.openapi()), media_type="application/json")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Show every route, by tag."""
    sections: dict[str, list[str]] = defaultdict(list)
    for path, operations in request.app.openapi()["paths"].items():
        for method, operation in operations.items():
            tag = operation.get("tags", ["server"])[0]
            sections[tag].append("".join(_operation(method, path, operation)))
    tags = sorted(sections, key=lambda tag: (tag not in _FIRST, tag))
    links = " · ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in tags)
    parts = [f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(sections[tag])}' for tag in tags]
    return _page("Farshore: the HTTP interface", f"<nav>{links}</nav>{''.join(parts)}")


@router.get("/problems")
async def known_problems() -> Response:
    """List every kind of error."""
    told = [f"<li><a href='{one.uri}'>{one.title}</a> ({one.status})</li>" for one in _problems()]
    return _page("Problems", f"<ul>{''.join(told)}</ul>")


@router.get("/problems/{name}")
async def known_problem(request: Request, name: str) -> Response:
    """Tell what one kind of error means: to programs as JSON, to people as a page."""
    problem = problems().get(name)
    if problem is None:
        raise NotFound(path=request.url.path)
    if "text/html" in request.headers.get("accept", ""):
        return _page(
            problem.title, f"<p>Status {problem.status}.</p><p>{escape(problem.description)}"
        )
    told = {"type": problem.uri, "title": problem.title, "status": problem.status}
    told["description"] = problem.description
    return Response(json.dumps(told), media_type="application/json")


def _problems() -> Iterator[Any]:
    yield from sorted(problems().values(), key=lambda problem: (problem.status, problem.name))


def _page(title: str, body: str) -> Response:
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
    return Response(html, media_type="text/html; charset=utf-8", headers=_SAFE)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<details><summary><b>{method.upper()} {escape(path)}</b> "
    told = operation.get("description") or operation.get("summary", "")
    first, _, rest = told.partition(". ")
    yield f"{escape(first.rstrip('.'))}</summary><p>{escape(rest)}</p><dl>"
    for parameter in operation.get("parameters", ()):
        if "name" in parameter:
            yield f"<dt>{escape(parameter['name'])}</dt>"
            yield f"<dd>{escape(parameter.get('description', ''))}</dd>"
    yield "</dl>"
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if "example" in content:
            example = json.dumps(content["example"], indent=2, ensure_ascii=False)
            yield f"<p>{escape(media_type)}</p><pre>{escape(example)}</pre>"
    yield "</details>"
