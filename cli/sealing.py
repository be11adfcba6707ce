"""`farshore seal`: keep the journal sealed, and look after the key."""

from __future__ import annotations

import getpass
import signal
import time
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from cli.client import Failed, console

if TYPE_CHECKING:
    from collections.abc import Callable

    from journal.seal.folder import Folder
    from journal.settings import Settings

# A sealer that runs somewhere does what it is told within a second.
_PATIENCE, _POLL = 5.0, 0.1
Reason = Annotated[str, typer.Option(help="Why; it is published with your name.")]


def group(settings: Callable[[], Settings]) -> typer.Typer:
    """Give the commands."""
    app = typer.Typer(help="Seal the journal, and look after its key.", no_args_is_help=True)

    @app.command()
    def run() -> None:
        """Seal until stopped; `farshore serve` does it too, unless FARSHORE_SEALING is false."""
        _run(settings())

    @app.command()
    def key() -> None:
        """Print the first public key of this data folder: it vouches for those that followed."""
        print(_key(settings()))  # noqa: T201 - for other programs to take up

    @app.command()
    def rotate() -> None:
        """Let a new key follow the present one, which names it in a last checkpoint."""
        _rotate(settings())

    @app.command()
    def settle(reason: Reason) -> None:
        """Seal the journal as it is, where the sealer refuses; both heads are published."""
        _settle(settings(), reason)

    return app


def _key(settings: Settings) -> str:
    folder = _folder(settings)
    if folder.read("key") is None:
        raise Failed("This data folder has no key; the first start makes it.")
    return folder.read("first") or folder.signer(None).key


def _folder(settings: Settings) -> Folder:
    from journal.seal.folder import Folder  # noqa: PLC0415 - other commands spare the import

    return Folder.of(settings)


def _run(settings: Settings) -> None:
    from journal.postgres import running  # noqa: PLC0415 - as above
    from journal.seal.sealing import sealing  # noqa: PLC0415 - as above

    stopping = Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: stopping.set())
    with running(settings) as url, sealing(url, settings):
        stopping.wait()


def _rotate(settings: Settings) -> None:
    from journal.seal.notes import Signer  # noqa: PLC0415 - as above

    folder = _folder(settings)
    if folder.read("key") is None or folder.read("refusal") is not None:
        raise Failed("There is no key yet, or the sealer refuses to sign; settle that first.")
    following = Signer.make(folder.signer(None).name)
    folder.write("key.next", following.secret + "\n")
    if not _done(settings, lambda: folder.read("key.next") is None):
        raise Failed("No sealer took it up; it will, when it runs.")
    console.print(f"From now on {following.key} signs.", highlight=False, soft_wrap=True)


def _settle(settings: Settings, reason: str) -> None:
    from journal.seal.settling import order  # noqa: PLC0415 - as above

    folder = _folder(settings)
    if (refusal := folder.read("refusal")) is None:
        raise Failed("The sealer refuses nothing; there is nothing to settle.")
    if not reason.strip():
        raise Failed("Say why with --reason.")
    order(folder, getpass.getuser(), reason)
    if not _done(settings, lambda: folder.read("settlement") is None):
        raise Failed("No sealer took it up; it will, when it runs.")
    if folder.read("refusal") is not None:
        raise Failed("This cannot be settled: positions are missing. Restore a backup first.")
    console.print(f"Sealed anew, and published: {refusal}", highlight=False, soft_wrap=True)


def _done(settings: Settings, is_done: Callable[[], bool]) -> bool:
    """Wait until a sealer has done something; seal here as long as nobody else does."""
    from journal.postgres import running  # noqa: PLC0415 - as above
    from journal.seal.sealing import sealing  # noqa: PLC0415 - as above

    with running(settings) as url, sealing(url, settings):
        deadline = time.monotonic() + _PATIENCE
        while not is_done() and time.monotonic() < deadline:
            time.sleep(_POLL)
    return is_done()
