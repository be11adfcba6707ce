"""The cover of an evidence pack, for people."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import orjson
import typst


def report(manifest: Mapping[str, Any]) -> bytes:
    """Give the cover as a PDF."""
    told = orjson.dumps({**manifest, "tiles": []}, option=orjson.OPT_UTC_Z).decode()
    template = files("api").joinpath("report.typ").read_bytes()
    pdf: bytes = typst.compile(template, format="pdf", sys_inputs={"manifest": told})
    return pdf
