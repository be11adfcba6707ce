"""Say how this installation runs: every choice once, typed, from `FARSHORE_…` or a secret file."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# Where container engines put secret files: `farshore_database_url`, `farshore_admin_token` …
_SECRETS = Path("/run/secrets")

Durability = Literal["fsync", "full_page_writes", "synchronous_commit"]


def _cores() -> int:
    """Count the cores that this process may use, which a container often limits."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _names(said: object) -> object:
    """Take names apart that commas separate."""
    return frozenset(re.findall(r"\w+", said)) if isinstance(said, str) else said


def _listed(said: object) -> object:
    """Take apart what commas separate."""
    return tuple(filter(None, map(str.strip, said.split(",")))) if isinstance(said, str) else said


Elsewhere = Annotated[str, Field(pattern=r"^[^\s+]+\+[0-9a-f]{8}\+\S+ https?://\S+$")]


class Settings(BaseSettings):
    """Read the settings; the environment wins over secret files, both over the defaults."""

    model_config = SettingsConfigDict(
        env_prefix="FARSHORE_",
        frozen=True,
        populate_by_name=True,
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
        extra="ignore",
    )

    database_url: SecretStr | None = Field(
        default=None,
        description="An existing PostgreSQL 18, as postgresql://…; without it an embedded one "
        "is started in the data folder.",
    )
    data: Annotated[Path, BeforeValidator(lambda given: given or ".farshore")] = Field(
        default=Path(".farshore"),
        description="The folder that holds the embedded database and the first admin token.",
    )
    host: str = Field(default="127.0.0.1", description="The address to serve on.")
    port: int = Field(
        default=8000,
        ge=1,
        le=65535,
        validation_alias=AliasChoices("FARSHORE_PORT", "PORT"),
        description="The TCP port to serve on; PORT is read too.",
    )
    workers: int = Field(
        default_factory=_cores,
        ge=1,
        le=512,
        description="How many server processes answer requests (default: the cores).",
    )
    projections: bool = Field(
        default=True,
        description="Whether `farshore serve` keeps the projections up to date as well; "
        "turn it off where `python -m projections` runs by itself.",
    )
    sealing: bool = Field(
        default=True,
        description="Whether `farshore serve` seals the journal as well; turn it off where "
        "`farshore seal run` does it, on a machine that keeps the key.",
    )
    log_origin: str | None = Field(
        default=None,
        pattern=r"^[^\s+]{1,200}$",
        description="The name of the journal as a log, in its checkpoints, such as "
        "farshore.example.com/journal; kept with the key, which the first start makes.",
    )
    witnesses: Annotated[tuple[Elsewhere, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(),
        description="Who signs checkpoints as well: for each its public key and its address with "
        "a space between, separated by commas.",
    )
    timestamp_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="An RFC 3161 authority that stamps a checkpoint every hour.",
    )
    admin_token: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="The first admin token, at least 32 characters; without it one is made at "
        "the first start, printed once and kept in the data folder.",
    )
    url: str | None = Field(
        default=None,
        description="The server that the command line talks to; without it the one that runs on "
        "the data folder or, when none does, the same application inside the command.",
    )
    token: SecretStr | None = Field(
        default=None, description="The token with which the command line talks to the server."
    )
    allow_unsafe: Annotated[frozenset[Durability], NoDecode, BeforeValidator(_names)] = Field(
        default=frozenset(),
        description="Server settings, by name and comma-separated, that may be off although "
        "acknowledged events could then be lost: fsync, full_page_writes, synchronous_commit.",
    )

    @property
    def token_file(self) -> Path:
        """Where the first admin token is kept, for its owner's eyes only."""
        return self.data / "admin.token"

    def kept_token(self) -> str | None:
        """Give the first admin token that is kept in the data folder, if there is one."""
        with suppress(FileNotFoundError, PermissionError):
            return self.token_file.read_text()
        return None
