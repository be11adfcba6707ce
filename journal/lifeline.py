"""Tie the life of a process to its parent's, and hear of its end in time."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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


@contextmanager
def at_stop(act: Callable[[], None]) -> Iterator[None]:
    """Do something as soon as the process is asked to stop, before whoever else listens to that.

    A server that waits for its answers to end would wait in vain for those that have no end.
    Only the main thread hears signals; in others nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: Any) -> None:  # noqa: ANN401 - as Python calls it
        act()
        if callable(then := before[signal.Signals(number)]):
            then(number, frame)

    for number, then in before.items():
        if callable(then):  # whoever leaves it to the system has no answers to end
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, then in before.items():
            if callable(then):
                signal.signal(number, then)
