"""Find the browser that tests drive, or install it: Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MISSING = (
    "the tests of the web application need Chromium: `apt-get install chromium`, or put a "
    "`chromium` or `google-chrome` on PATH"
)
# Our own pages only; root may not use the sandbox, and containers have a small /dev/shm.
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb")


@lru_cache(maxsize=1)
def chromium() -> str:
    """Give the path of the browser.

    Raises:
        RuntimeError: there is none, and none can be installed.
    """
    found = _found()
    if found is None and (installer := _installer()):
        for step in (("update",), ("install", "-y", "--no-install-recommends", "chromium")):
            command = (*installer, "-qq", *step)
            subprocess.run(command, check=False, capture_output=True, timeout=600)
        found = _found()
    if found is None:
        raise RuntimeError(_MISSING)
    return found


def _found() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _installer() -> tuple[str, ...] | None:
    """Give the command that installs packages, where we may."""
    if (apt := shutil.which("apt-get")) is None:
        return None
    if os.geteuid() == 0:
        return (apt,)
    return (sudo, "-n", apt) if (sudo := shutil.which("sudo")) else None
