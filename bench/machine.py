"""Who else uses the machine: a figure taken while others compute says little."""

from __future__ import annotations

import contextlib
import time

import psutil

_QUIET = 0.15  # share of the machine that others may use
_LOOK = 0.5  # seconds over which that is looked at


class Machine:
    """Tells how busy others keep the machine."""

    def __init__(self, patience: float) -> None:
        """Wait for quiet, all in all, for at most `patience` seconds."""
        self._patience = patience
        self._busy, self._ours, self._at = 0.0, 0.0, 0.0
        self.begin()

    def begin(self) -> None:
        """Look from now on."""
        self._busy, self._ours, self._at = _busy(), _ours(), time.monotonic()

    def others(self) -> float:
        """Give the share of the machine that others have used since `begin`."""
        cores = psutil.cpu_count() or 1
        theirs = (_busy() - self._busy) - (_ours() - self._ours)
        return max(0.0, theirs / cores / max(time.monotonic() - self._at, 1e-3))

    def wait_for_quiet(self) -> None:
        """Wait until others rest, while there is patience left."""
        while self._patience > 0:
            self.begin()
            time.sleep(_LOOK)
            if self.others() < _QUIET:
                break
            self._patience -= _LOOK
        self.begin()


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def _ours() -> float:
    """Give the seconds that we and our children, ended ones included, have computed."""
    spent = 0.0
    ourselves = psutil.Process()
    for process in (ourselves, *ourselves.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            spent += sum(process.cpu_times()[:4])
    return spent
