"""`farshore export --evidence` and `farshore verify FILE…`: evidence, made and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cli.client import Failed, console
from cli.reports import save as save_answer
from journal.seal import verifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cli.client import Client


async def save(
    client: Client, what: str, given: Mapping[str, str], purpose: str | None, file: Path | None
) -> None:
    """Save an answer as an evidence pack; of everything where `what` is the journal."""
    if not (purpose or "").strip() or file is None:
        raise Failed("Say why with --purpose, and where to with --output FILE.zip.")
    query = {"purpose": purpose or ""}
    if what != "journal":
        query["query"] = f"/v1/{what}" + ("?" + urlencode(given) if given else "")
    await save_answer(client, "/v1/log/export", query, file)


def verify(files: Sequence[str], keys: Sequence[str]) -> None:
    """Check files offline, as the verifier in every pack does.

    Raises:
        Failed: something does not hold; what and where is printed.
    """
    if not files or not keys:
        raise Failed(
            "Name files, and with --key the public key of the log: `farshore seal key` prints it"
            " where the journal is, and GET /v1/log/key tells it.",
            "Or say --views: that what is read follows from the journal.",
        )
    texts = [Path(one).read_text().strip() if Path(one).is_file() else one for one in keys]
    try:
        for line in verifier.verify(texts, [Path(one) for one in files]):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    except verifier.Invalid as fault:
        raise Failed(f"Not valid: {fault}") from None
    except verifier.DAMAGED as fault:
        raise Failed(f"Not valid: damaged, or no such file; {fault!r}") from None
