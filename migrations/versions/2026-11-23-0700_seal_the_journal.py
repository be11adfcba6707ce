"""Make room for the seal: the tree over the journal, its signed heads, and who else signed them.

A tile holds 256 hashes of one level of the tree, one behind the other, and `root`, the hash that
stands for all of them one level up (C2SP tlog-tiles). Only complete ones are kept: what is behind
the last is read from the journal. Nothing here is ever changed; after a break that a person has
settled, a new epoch begins, and what was signed before stays readable.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

ROLE = """
DO $$
BEGIN
    BEGIN
        CREATE ROLE farshore_sealer NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database of this server made it
    END;
    IF NOT pg_has_role(current_user, 'farshore_sealer', 'SET') THEN
        GRANT farshore_sealer TO current_user;
    END IF;
END $$
"""

TABLES = """
CREATE SCHEMA seal AUTHORIZATION farshore_owner;
SET LOCAL ROLE farshore_owner;

CREATE TABLE seal.tiles (
    epoch integer NOT NULL CHECK (epoch >= 0),
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (epoch, level, index) INCLUDE (root)
);
ALTER TABLE seal.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes do not get smaller

CREATE TABLE seal.checkpoints (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    epoch integer NOT NULL CHECK (epoch >= 0),
    size bigint NOT NULL CHECK (size >= 0),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX checkpoints_by_size ON seal.checkpoints (epoch, size, number);

CREATE TABLE seal.keys (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    succession text,  -- the checkpoint in which the key before it names it; null for the first
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE seal.breaks (
    epoch integer PRIMARY KEY CHECK (epoch > 0),
    statement text NOT NULL,  -- a note that names both heads and the reason
    refusal text NOT NULL,
    before text NOT NULL,  -- the last checkpoint of the epoch before
    settled_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE seal.cosignatures (
    checkpoint bigint NOT NULL REFERENCES seal.checkpoints,
    witness text NOT NULL,  -- its public key
    line text NOT NULL,
    PRIMARY KEY (checkpoint, witness)
);

CREATE TABLE seal.timestamps (
    checkpoint bigint NOT NULL REFERENCES seal.checkpoints,
    authority text NOT NULL,
    token bytea NOT NULL,  -- an RFC 3161 response over the checkpoint's note
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (checkpoint, authority)
);

-- How the sealer is; the only row here that changes.
CREATE TABLE seal.status (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    sealer text,
    size bigint NOT NULL DEFAULT 0,
    checked bigint NOT NULL DEFAULT 0,  -- positions compared with the tree in the present round
    refusal text,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO seal.status DEFAULT VALUES;
"""

APPEND_ONLY = ("tiles", "checkpoints", "keys", "breaks", "cosignatures", "timestamps")

GRANTS = """
GRANT USAGE ON SCHEMA journal TO farshore_sealer;
GRANT SELECT ON journal.events TO farshore_sealer;
GRANT USAGE ON SCHEMA seal TO farshore_sealer, farshore_app;
GRANT SELECT ON ALL TABLES IN SCHEMA seal TO farshore_sealer, farshore_app;
GRANT INSERT ON seal.tiles, seal.checkpoints, seal.keys, seal.breaks, seal.cosignatures,
    seal.timestamps TO farshore_sealer;
GRANT UPDATE ON seal.status TO farshore_sealer;
GRANT USAGE ON SCHEMA access TO farshore_sealer;
GRANT EXECUTE ON FUNCTION access.note TO farshore_sealer;
RESET ROLE;
"""


def _guard(table: str) -> str:
    return f"""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse();
ALTER TABLE seal.{table} ENABLE ALWAYS TRIGGER append_only;
"""


def upgrade() -> None:
    """Create role and tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (ROLE, TABLES, *map(_guard, APPEND_ONLY), GRANTS):
        op.execute(statements)


def downgrade() -> None:
    """Drop the tables; the role stays, other databases of the server may use it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("REVOKE ALL ON journal.events FROM farshore_sealer")
    op.execute("REVOKE USAGE ON SCHEMA journal, access FROM farshore_sealer")
    op.execute("REVOKE EXECUTE ON FUNCTION access.note FROM farshore_sealer")
    op.execute("DROP SCHEMA seal CASCADE")
