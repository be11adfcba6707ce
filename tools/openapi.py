"""Write the OpenAPI document to a file, if it is another: `python -m tools.openapi FILE`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import create_app
from journal.settings import Settings


def main(path: Path) -> None:
    """Write it; a file that says the same stays as it is, so that nothing is built anew."""
    document = json.dumps(create_app(Settings()).openapi(), indent=1)
    if not path.exists() or path.read_text() != document:
        path.write_text(document)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
