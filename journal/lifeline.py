"""Tie the life of a process to its parent's, so that a killed parent leaves no orphan."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from signal import Signals

_PR_SET_PDEATHSIG = 1


def die_with(parent: int, by: Signals) -> Callable[[], None] | None:
    """Give what a child runs first, to get a signal when `parent` dies, were it by SIGKILL.

    Linux alone can; elsewhere there is nothing to run. The signal comes when the thread ends
    that started the child, so that thread must live as long as the parent.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork, after which little is safe

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(by))
        if os.getppid() != parent:
            os._exit(1)

    return ask
