"""A person before the web application, with a browser of their own, watched for what goes wrong."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.running import TOKEN
from tests.web.chromium import ARGUMENTS, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import ConsoleMessage, Request

ROOT = Path(__file__).parents[2]
_ROUTES = ROOT / "web/src/pages/routes.ts"
_AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What a page of a parameter is tried with.
_GIVEN = {"/:kind/:key": "/partnerships/weride-uber-abu-dhabi"}

# Colours in the middle of a change are nobody's.
_STILL = """
const still = new CSSStyleSheet();
still.replaceSync('*, *::before, *::after { transition: none !important; }');
document.adoptedStyleSheets = [still];
"""

Scheme = Literal["light", "dark"]


def addresses() -> list[str]:
    """Give an address of every page of the application."""
    paths = re.findall(r"\{ path: '([^']+)'", _ROUTES.read_text())
    return [_GIVEN.get(path, path) for path in paths if ":" not in path or path in _GIVEN]


@dataclass
class Watch:
    """What went wrong on a page that nobody may see go wrong."""

    origin: str
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Note errors of scripts, of the policy, and requests that leave the origin."""
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # The browser itself reports each answer of 400 and above, which pages may well expect.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "blob:", "data:")):
            self.faults.append(f"asked elsewhere: {request.url}")


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield started
        started.close()


@contextlib.contextmanager
def person(
    started: Browser, origin: str, token: str | None = TOKEN, **options: Any
) -> Iterator[Page]:
    """Give a page of a browser that is signed in with a token, if one is given.

    Raises:
        AssertionError: something went wrong meanwhile that nobody may see go wrong.
    """
    options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 860}} | options
    context = started.new_context(base_url=origin, reduced_motion="reduce", **options)
    context.set_default_timeout(15_000)
    context.add_init_script(_STILL)
    watch = Watch(origin)
    context.on("page", watch.over)
    if token is not None:
        signed = context.request.post(
            "/v1/session", data={"token": token}, headers={"Origin": origin}
        )
        assert signed.ok, signed.text()
    yield context.new_page()
    context.close()
    assert watch.faults == []


def settled(page: Page) -> None:
    """Wait until what the page asks for is there and drawn."""
    page.locator("main").wait_for()
    loading = (
        "[...document.querySelectorAll('.loading, .waiting')].some(one => one.checkVisibility())"
    )
    page.wait_for_function(f"() => !{loading}")
    page.evaluate("() => document.fonts.ready")
    page.wait_for_timeout(150)  # a frame or two for what is measured before it is drawn


_TO_THE_TOP = """() => {
    for (const one of document.querySelectorAll("*")) if (one.scrollTop) one.scrollTop = 0;
}"""


def violations(page: Page) -> list[str]:
    """Give what axe finds; the policy of the page does not hold for scripts of tests.

    It is looked at from its top: axe takes what a bar half hides, until one scrolls, for too small.
    """
    page.evaluate(_TO_THE_TOP)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.read_text())
    asked = {"runOnly": {"type": "tag", "values": list(_TAGS)}}
    found = page.evaluate("asked => axe.run(document, asked)", asked)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]
