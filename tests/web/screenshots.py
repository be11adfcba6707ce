"""Take a picture of every page: `python -m tests.web.screenshots [FOLDER]` (`make screenshots`)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.loading import loaded
from tests.web.browsing import addresses, browser, person, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.browsing import Scheme

# Width, height and scheme of each picture.
_FORMS: tuple[tuple[str, int, int, Scheme], ...] = (
    ("light", 1440, 900, "light"),
    ("dark", 1440, 900, "dark"),
    ("400", 400, 860, "light"),
)
# What shows more of a page than its bare address.
_MORE = {"timeline-past": "/?at=2024-06-01&known=300&event=250"}


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = {address.strip("/").replace("/", "-") or "timeline": address for address in addresses()}
    with loaded(workers=1) as client, browser() as started:
        origin = str(client.base_url).rstrip("/")
        for name, address in (shown | _MORE).items():
            for form in _FORMS:
                _take(started, origin, address, form, folder / f"{name}-{form[0]}.png")


def _take(
    started: Browser, origin: str, address: str, form: tuple[str, int, int, Scheme], to: Path
) -> None:
    _, width, height, scheme = form
    viewport = {"width": width, "height": height}
    with person(started, origin, viewport=viewport, color_scheme=scheme) as page:
        page.goto(address)
        settled(page)
        page.screenshot(path=to)
    sys.stdout.write(f"{to}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))
