"""Create access: who may do what. Names of people live here, where they can be changed."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE SCHEMA access AUTHORIZATION farshore_owner;
SET LOCAL ROLE farshore_owner;

CREATE TABLE access.principals (
    id text PRIMARY KEY,  -- opaque: the only trace of a person in the journal
    kind text NOT NULL CHECK (kind IN ('person', 'program')),
    display_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE access.tokens (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    prefix text NOT NULL,  -- of the secret, by which a person tells tokens apart
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    principal text NOT NULL REFERENCES access.principals,
    role text NOT NULL CHECK (role IN ('reader', 'contributor', 'auditor', 'admin')),
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX tokens_by_principal ON access.tokens (principal);

GRANT USAGE ON SCHEMA access TO farshore_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA access TO farshore_app;
RESET ROLE;
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP SCHEMA access CASCADE")
