"""Make folders that every account may enter, unlike pytest's own."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder to which root's server, which does not run as root, has the way."""
    with tempfile.TemporaryDirectory(prefix="farshore-tests-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
