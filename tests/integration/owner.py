"""Own an embedded PostgreSQL in a process of its own, which tests can kill.

`python -m tests.integration.owner FOLDER [UID]` prints `owned URL` or `attached URL`, then waits
for its standard input to end. With a UID it becomes that account first.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from journal.postgres import Embedded


def main(folder: str, account: str = "") -> None:
    """Start or attach, say so, and stay until told to end."""
    if account:
        os.setgroups([])
        os.setgid(int(account))
        os.setuid(int(account))
    with Embedded(Path(folder)) as server:
        sys.stdout.write(f"{'owned' if server.owned else 'attached'} {server.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
