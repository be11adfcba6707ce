"""Record who looked, who signed in and who did what; let people sign in, and be erased.

The access record is numbered without gaps and only grows. It names principals by their ids, so
that the names, which are kept beside it, can go.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

RECORD = """
CREATE TABLE access.records (
    number bigint PRIMARY KEY CHECK (number > 0),
    at timestamptz NOT NULL,
    principal text,  -- null: nobody we know, or whoever runs the machine
    role text,
    action text NOT NULL,
    target text,  -- the address that was read, or what was done something to
    details jsonb NOT NULL
);
CREATE INDEX records_by_principal ON access.records (principal, number);
CREATE INDEX records_by_action ON access.records (action, number);
CREATE INDEX records_by_time ON access.records (at, number);

CREATE FUNCTION access.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access record is append-only: % on %.% is refused',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access.records
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse();
ALTER TABLE access.records ENABLE ALWAYS TRIGGER append_only;

CREATE FUNCTION access.note(
    principals text[], roles text[], actions text[], targets text[], details text[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last bigint;
    moment timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock('access.records'::regclass::bigint);
    SELECT r.number, r.at INTO last, moment FROM access.records r ORDER BY r.number DESC LIMIT 1;
    INSERT INTO access.records (number, at, principal, role, action, target, details)
    SELECT coalesce(last, 0) + a.nr, greatest(clock_timestamp(), moment),
           a.principal, a.role, a.action, a.target, a.details::jsonb
    FROM unnest(principals, roles, actions, targets, details) WITH ORDINALITY
         AS a(principal, role, action, target, details, nr);
END $$;

REVOKE EXECUTE ON FUNCTION access.note, access.refuse FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.note TO farshore_app, farshore_projector;
GRANT SELECT ON access.records TO farshore_app;
GRANT USAGE ON SCHEMA access TO farshore_projector;
"""

SESSIONS = """
CREATE TABLE access.sessions (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),  -- of what the cookie holds
    token uuid NOT NULL REFERENCES access.tokens,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_token ON access.sessions (token);
CREATE INDEX sessions_by_end ON access.sessions (expires_at);
GRANT SELECT, INSERT, DELETE ON access.sessions TO farshore_app;
"""

ERASURE = """
ALTER TABLE access.principals ALTER display_name DROP NOT NULL, ADD erased_at timestamptz;
ALTER TABLE access.tokens ALTER name DROP NOT NULL;
"""

BACK = """
UPDATE access.principals SET display_name = '' WHERE display_name IS NULL;
UPDATE access.tokens SET name = '' WHERE name IS NULL;
ALTER TABLE access.tokens ALTER name SET NOT NULL;
ALTER TABLE access.principals ALTER display_name SET NOT NULL, DROP erased_at;
DROP TABLE access.sessions, access.records;
DROP FUNCTION access.note, access.refuse;
REVOKE USAGE ON SCHEMA access FROM farshore_projector;
"""


def upgrade() -> None:
    """Make the tables, and let names be missing."""
    _as_owner(RECORD, SESSIONS, ERASURE)


def downgrade() -> None:
    """Drop them; a name that was erased is an empty one."""
    _as_owner(BACK)


def _as_owner(*statements: str) -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL ROLE farshore_owner")
    for one in statements:
        op.execute(one)
    op.execute("RESET ROLE")
