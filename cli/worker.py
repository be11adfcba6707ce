"""One server process."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from api.app import create_app
from journal.collector import look_seldom
from journal.lifeline import die_with
from journal.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def application() -> FastAPI:
    """Make the application, in a process that does not outlive the server."""
    if tie := die_with(os.getppid(), signal.SIGTERM):
        tie()
    app = create_app(Settings())
    look_seldom()
    return app
