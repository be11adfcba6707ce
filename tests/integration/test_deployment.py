"""The container files say what they should, and their commands do it, without any engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import yaml

from journal.binaries import Account, find
from journal.database import conninfo
from journal.postgres import Embedded
from journal.settings import Settings
from tests.folders import open_folder
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
FARSHORE = str(Path(sys.executable).with_name("farshore"))
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = sorted(SERVICES.keys() - {"database"})
SECRETS = {
    "FARSHORE_OWNER_PASSWORD": "owner0000",
    "FARSHORE_APP_PASSWORD": "app0000",
    "FARSHORE_PROJECTOR_PASSWORD": "projector0000",
    "FARSHORE_SEALER_PASSWORD": "sealer0000",
    "FARSHORE_ADMIN_TOKEN": "a" * 48,
}
KNOWN = {f"FARSHORE_{name}".upper() for name in Settings.model_fields}


def _instructions(name: str) -> list[str]:
    """Give the arguments of each such instruction, continued lines joined."""
    text = DOCKERFILE.replace("\\\n", " ")
    return [found.strip() for found in re.findall(rf"^{name} (.*)$", text, re.MULTILINE)]


# ── the image ────────────────────────────────────────────────────────────────────────────────────


def test_the_image_is_built_in_three_stages() -> None:
    """What builds, Node included, stays behind: the last stage copies the result alone."""
    assert len(_instructions("FROM")) == 3
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^COPY (.*)$", last, re.MULTILINE) == [
        "--from=build /opt/farshore /opt/farshore"
    ]


def test_the_image_does_not_run_as_root() -> None:
    """The last account that is set has no privileges, and exists."""
    assert _instructions("USER") == ["farshore"]
    assert "useradd --uid 10001" in DOCKERFILE


def test_the_image_installs_only_what_is_locked() -> None:
    """Nothing is installed but the locked packages and what lies here."""
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert installs == ["--requirement requirements.txt", "--no-deps --no-build-isolation ."]


def test_the_image_holds_every_shipped_package() -> None:
    """Each file that is copied exists, and each is let through to the engine."""
    copied = [line for line in _instructions("COPY") if not line.startswith("--from=")]
    sources = [word for line in copied for word in line.split()[:-1]]
    allowed = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {source.partition("/")[0] for source in sources} == set(allowed)


def test_the_image_knows_only_real_settings() -> None:
    """A setting that the image makes is one that Farshore reads."""
    assert set(re.findall(r"\bFARSHORE_\w+(?==)", DOCKERFILE)) <= KNOWN


# ── the composition ──────────────────────────────────────────────────────────────────────────────


def test_the_composition_has_five_parts() -> None:
    """A database, a migration that ends, the API, the projections and the sealer."""
    assert SERVICES.keys() == {"database", "migrate", "api", "projections", "sealer"}
    assert SERVICES["database"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(name: str) -> None:
    """Their root file system is read-only, and they can gain no privilege."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_secret_is_in_the_file(name: str) -> None:
    """Every password and token comes from the environment, and its absence is an error."""
    for key, value in SERVICES[name]["environment"].items():
        if re.search("PASSWORD|TOKEN", key):
            assert re.fullmatch(r"\$\{\w+:\?.*\}", value), key
        if "://" in str(value):
            assert re.search(r"://\w+:\$\{\w+\}@", value), key


@pytest.mark.parametrize("name", OURS)
def test_the_composition_knows_only_real_settings(name: str) -> None:
    """A setting that the file makes is one that Farshore reads."""
    assert SERVICES[name]["environment"].keys() <= KNOWN


def test_health_is_checked() -> None:
    """What runs on says whether it is well; the API by the check in its image."""
    for name in ("database", "projections"):
        assert SERVICES[name]["healthcheck"]["test"], name
    assert "/readyz" in _instructions("HEALTHCHECK")[0]


def test_data_outlives_the_containers() -> None:
    """The database lies on a named volume, where this major version keeps its data."""
    assert "database" in COMPOSE["volumes"]
    assert "database:/var/lib/postgresql" in SERVICES["database"]["volumes"]


def test_nothing_starts_before_the_schema_is_there() -> None:
    """The API and the projections wait for the migration, which waits for the database."""
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("api", "projections", "sealer"):
        needed = SERVICES[name]["depends_on"]
        assert needed == {"migrate": {"condition": "service_completed_successfully"}}


def test_make_env_makes_every_secret(tmp_path: Path) -> None:
    """`make env` writes all that the file asks for, for nobody else to read, and only once."""
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for _ in range(2):
        subprocess.run(["/usr/bin/env", "make", "env"], cwd=tmp_path, check=True)
    written = (tmp_path / ".env").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert {line.partition("=")[0] for line in written.splitlines()} == asked
    assert all(len(line.partition("=")[2]) == 48 for line in written.splitlines())
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0


def _client() -> str | None:
    """Find a client that knows compositions; it needs no engine to read one."""
    docker = shutil.which("docker")
    knows = docker and subprocess.run(
        [docker, "compose", "version"], capture_output=True, check=False
    )
    return docker if knows and knows.returncode == 0 else None


@pytest.mark.skipif(_client() is None, reason="the checks above read the file without a client")
def test_the_client_accepts_the_composition() -> None:
    """`docker compose config` finds no fault."""
    command = [str(_client()), "compose", "--file", str(ROOT / "docker-compose.yml"), "config"]
    done = subprocess.run(
        [*command, "--format", "json"],
        env={**os.environ, **SECRETS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["services"].keys() == SERVICES.keys()


# ── its commands, without an engine ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def cluster() -> Iterator[Embedded]:
    """Give a cluster as the database's image makes it: an administrator, a database, logins."""
    with open_folder() as folder, Embedded(folder) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE ROLE farshore_admin SUPERUSER LOGIN PASSWORD 'owner0000'")
            connection.execute("CREATE DATABASE farshore OWNER farshore_admin")
        _create_logins(folder)
        yield server


def _create_logins(folder: Path) -> None:
    """Run the script that the composition mounts, with the server's own psql."""
    [mount] = [one for one in SERVICES["database"]["volumes"] if "initdb.d" in one]
    programs = find(Account(os.geteuid(), os.getegid()), folder)
    environment = {
        **SECRETS,
        "PATH": f"{programs}:/usr/bin:/bin",
        "PGHOST": str((folder / "postgres" / "run").resolve()),
        "PGPASSWORD": SECRETS["FARSHORE_OWNER_PASSWORD"],
        "POSTGRES_USER": SERVICES["database"]["environment"]["POSTGRES_USER"],
        "POSTGRES_DB": SERVICES["database"]["environment"]["POSTGRES_DB"],
    }
    subprocess.run([str(ROOT / mount.split(":")[0])], env=environment, check=True)


def _environment(cluster: Embedded, service: str) -> dict[str, str]:
    """Give a service's environment as the engine would, but with the socket for the host."""
    socket = cluster.url.partition("?")[2]
    said: Mapping[str, str] = SERVICES[service]["environment"]
    filled = {
        key: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: SECRETS[found[1]], value)
        for key, value in said.items()
    }
    url = filled["FARSHORE_DATABASE_URL"].replace("@database/farshore", f"@/farshore?{socket}")
    return {**os.environ, **filled, "FARSHORE_DATABASE_URL": url}


@pytest.fixture(scope="module")
def migrated(cluster: Embedded) -> Embedded:
    """Give the cluster after the `migrate` service has run."""
    command = [FARSHORE, *SERVICES["migrate"]["command"]]
    subprocess.run(command, cwd=ROOT, env=_environment(cluster, "migrate"), check=True)
    return cluster


FORBIDDEN_TO_THE_API = (
    "UPDATE journal.events SET type = 'nothing'",
    "DELETE FROM journal.events",
    "TRUNCATE journal.events",
    "CREATE TABLE journal.mine ()",
    "ALTER TABLE journal.events DISABLE TRIGGER ALL",
    "SET ROLE farshore_owner",
    "SET ROLE farshore_projector",
    "SET session_replication_role = replica",
)


@pytest.mark.parametrize("statement", FORBIDDEN_TO_THE_API)
def test_the_apis_login_cannot_touch_what_was_recorded(migrated: Embedded, statement: str) -> None:
    """Whoever takes over the API can add events, but not change, hide or remove one."""
    url = _environment(migrated, "api")["FARSHORE_DATABASE_URL"]
    with (
        psycopg.connect(conninfo(url, "farshore_app")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO journal.events DEFAULT VALUES",
        "DELETE FROM journal.events",
        "SELECT * FROM access.tokens",
        "SET ROLE farshore_app",
        "SET ROLE farshore_owner",
    ],
)
def test_the_projections_login_only_reads_the_journal(migrated: Embedded, statement: str) -> None:
    """Whoever takes over the projections can neither record an event nor see a token."""
    url = _environment(migrated, "projections")["FARSHORE_DATABASE_URL"]
    with psycopg.connect(conninfo(url, "farshore_projector")) as connection:
        connection.execute("SELECT count(*) FROM journal.events")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO journal.events DEFAULT VALUES",
        "DELETE FROM journal.events",
        "UPDATE seal.checkpoints SET size = 0",
        "SELECT * FROM access.tokens",
        "SET ROLE farshore_app",
        "SET ROLE farshore_owner",
    ],
)
def test_the_sealers_login_only_reads_the_journal(migrated: Embedded, statement: str) -> None:
    """Whoever takes over the sealer can neither record an event nor unsay a checkpoint."""
    url = _environment(migrated, "sealer")["FARSHORE_DATABASE_URL"]
    with psycopg.connect(conninfo(url, "farshore_sealer")) as connection:
        connection.execute("SELECT count(*) FROM journal.events")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


@pytest.mark.parametrize("service", ["api", "projections", "sealer"])
def test_a_login_without_rights_sees_that_the_schema_is_current(
    migrated: Embedded, service: str
) -> None:
    """A server whose login may not migrate starts all the same once the schema is there."""
    command = [FARSHORE, "migrate"]
    environment = _environment(migrated, service)
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def _healthcheck() -> list[str]:
    """Give the image's own check as a command."""
    [check] = _instructions("HEALTHCHECK")
    command: list[str] = json.loads(check.partition("CMD ")[2])
    return [sys.executable, *command[1:]]


def _healthy(environment: dict[str, str]) -> bool:
    done = subprocess.run(_healthcheck(), env=environment, capture_output=True, check=False)
    return done.returncode == 0


def test_the_composition_serves(migrated: Embedded, tmp_path: Path) -> None:
    """Started as the composition starts them, each with its own login, the API becomes healthy."""
    own = {"FARSHORE_PORT": str(free_port()), "FARSHORE_DATA": str(tmp_path)}
    api = _environment(migrated, "api") | own
    projections = [sys.executable, *SERVICES["projections"]["entrypoint"][1:]]
    commands = {"api": [FARSHORE, *SERVICES["api"]["command"]], "projections": projections}
    started = [
        subprocess.Popen(command, cwd=ROOT, env=api | _environment(migrated, name) | own)
        for name, command in commands.items()
    ]
    try:
        deadline = time.monotonic() + 60
        while not _healthy(api):
            assert [process.poll() for process in started] == [None, None]
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        for process in started:
            process.terminate()
        ended = [process.wait(timeout=30) for process in started]
    assert ended == [0, 0]
