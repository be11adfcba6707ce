"""Measure the web application in a browser: `python -m tests.web.measure` (`make bench-web`).

Every time is told beside that of a page with next to nothing on it, of the same process, in the
same browser; so the machine cancels out.
"""

from __future__ import annotations

import math
import re
import sys
from statistics import median
from typing import TYPE_CHECKING

from bench.stories import ndjson
from tests.acceptance.asking import see
from tests.acceptance.running import Farshore
from tests.folders import open_folder
from tests.web.browsing import ROOT, browser, person, settled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Page

EVENTS = 10_000
LOADS = 7
FRAMES = 120
MOST_WEIGHT = 150_000  # bytes, gzipped
_EMPTY = "/problems/not-found"
_LINES = {"Content-Type": "application/x-ndjson"}

_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_LISTEN = """() => {
  window.heard = [];
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (one.interactionId) window.heard.push(one.duration);
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
}"""
# What a step costs the page: its own work and the layout after it; and when the next frame comes.
_SLIDE = """async frames => {
  const slider = document.querySelector('.slider.effective input');
  const work = [], took = [];
  let before = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n += 1) {
    const began = performance.now();
    if (slider) {
      const share = 0.2 + 0.6 * n / frames;
      const low = Number(slider.min), step = Number(slider.step);
      slider.value = String(low + Math.round((Number(slider.max) - low) * share / step) * step);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await null;
    }
    document.body.getBoundingClientRect();
    work.push(performance.now() - began);
    const now = await new Promise(requestAnimationFrame);
    took.push(now - before);
    before = now;
  }
  return { work, took };
}"""


def main() -> None:
    """Measure, and say how it stands."""
    with open_folder() as folder, Farshore(folder, workers=1) as farshore:
        with farshore.client() as client:
            client.timeout = 600
            summary = client.post("/v1/events", content=ndjson(EVENTS), headers=_LINES).json()
            see(client, summary["position"])
        with browser() as started:
            _tell(started, farshore.url)


def _tell(started: Browser, origin: str) -> None:
    _say(f"{EVENTS:,} events; medians of {LOADS} loads, each with an empty cache")
    _say(f"page weight     {_weight(started, origin):>8,} bytes gzipped (at most {MOST_WEIGHT:,})")
    ours, empty = (_paint(started, origin, path) for path in ("/", _EMPTY))
    _say(f"first paint     {ours:.0f} ms, empty page {empty:.0f} ms: {ours / empty:.1f} x")
    with person(started, origin) as page:
        page.goto(_EMPTY)
        bare = page.evaluate(_SLIDE, FRAMES)
        idle = _poke(page)
    with person(started, origin) as page:
        page.goto("/")
        settled(page)
        _slide(page, "few marks", bare)
        answers = _interact(page)
        page.goto(f"/?flip={_folded(page)}")
        page.get_by_text(re.compile(r"^[\d,]+ marks$")).wait_for()
        _slide(page, page.get_by_text(re.compile(r"^[\d,]+ marks$")).inner_text(), bare)
    times = f"{median(answers) / median(idle):.1f} x"
    _say(f"interactions    {_spread(answers)}, empty page {_spread(idle)}: {times}")


def _folded(page: Page) -> str:
    """Give the lanes that, each folded to a strip, show all marks at once."""
    kinds = page.evaluate("() => fetch('/v1/meta').then(one => one.json())")["kinds"]
    return ",".join(kind["name"] for kind in kinds)


def _slide(page: Page, marks: str, bare: dict[str, list[float]]) -> None:
    page.wait_for_timeout(1_000)
    ours = page.evaluate(_SLIDE, FRAMES)
    _say(f"slider step     {marks} in view: works for {_spread(ours['work'])}")
    _say(f"slider frames   {_spread(ours['took'])}, empty page {_spread(bare['took'])}")


def _paint(started: Browser, origin: str, path: str) -> float:
    times = []
    for _ in range(LOADS):
        with person(started, origin) as page:
            page.goto(path)
            page.wait_for_function(_PAINTED)
            times.append(float(page.evaluate(_PAINTED)))
    return median(times)


def _weight(started: Browser, origin: str) -> int:
    """Give what scripts, styles, fonts and the page itself weigh as they are stored, compressed."""
    names: set[str] = set()
    with person(started, origin) as page:
        page.on("response", lambda answer: names.add(answer.url.removeprefix(origin + "/")))
        page.goto("/")
        settled(page)
    built = ROOT / "api/page"
    files = [built / (name or "index.html") for name in names if not name.startswith("v1/")]
    return sum(_stored(file) for file in files if file.is_file())


def _stored(file: Path) -> int:
    packed = file.with_name(file.name + ".gz")
    return (packed if packed.exists() else file).stat().st_size


def _interact(page: Page) -> list[float]:
    """Do what people do, and give what each took until the next paint."""
    page.evaluate(_LISTEN)
    filters = page.get_by_role("group", name="Filters")
    for button in (0, 1, 0, 1):
        filters.get_by_role("button").nth(button).click()
        page.wait_for_timeout(300)
    for key in ("j", "j", "k", "+", "-", "0", ","):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    return [float(one) for one in page.evaluate("() => window.heard")] or [16.0]


def _poke(page: Page) -> list[float]:
    page.evaluate(_LISTEN)
    for _ in range(6):
        page.mouse.click(200, 200)
        page.keyboard.press("j")
        page.wait_for_timeout(150)
    return [float(one) for one in page.evaluate("() => window.heard")] or [16.0]


def _spread(values: Sequence[float]) -> str:
    """Tell the middle and the slowest but for one in twenty."""
    slow = sorted(values)[math.ceil(len(values) * 0.95) - 1]
    return f"{median(values):.1f} ms (95 %: {slow:.1f} ms)"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
