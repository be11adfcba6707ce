"""Keep views by a name, each for one person, and mappings of spreadsheets, which all share."""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = """
SET LOCAL ROLE farshore_owner;
CREATE TABLE access.kept_views (
    principal text NOT NULL REFERENCES access.principals,
    name text NOT NULL,
    query text NOT NULL,  -- the address that shows it, without the server
    kept_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, name)
);
CREATE TABLE access.mappings (
    name text PRIMARY KEY,
    mapping jsonb NOT NULL,
    kept_by text NOT NULL REFERENCES access.principals,
    kept_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON access.kept_views, access.mappings TO farshore_app;
RESET ROLE;
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    """Drop them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE access.kept_views, access.mappings")
