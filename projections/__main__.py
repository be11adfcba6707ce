"""Follow the journal until told to stop: `python -m projections`."""

import signal

from journal.collector import look_seldom
from journal.postgres import running
from journal.settings import Settings
from projections.runner import Runner


def main() -> None:
    """Run on the database that the settings name."""
    with running(Settings()) as url:
        runner = Runner(url)
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: runner.stop())
        look_seldom()
        runner.run()


if __name__ == "__main__":
    main()
