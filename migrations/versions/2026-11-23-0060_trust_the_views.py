"""Say who let a view do without an event, and let indexes of a rebuild be made side by side."""

from alembic import op

revision = "0004"
down_revision = "0003"

QUARANTINE = """
SET LOCAL ROLE farshore_owner;
ALTER TABLE views.quarantine
    ADD skipped_by text,  -- the principal who decided it
    ADD skipped_at timestamptz;
-- The rows of a rebuild under way are the builder's, under the name of the view and `_fresh`.
GRANT UPDATE (retry, skipped_reason, skipped_by, skipped_at) ON views.quarantine TO farshore_app;
"""

BUILDING = """
DROP FUNCTION views.index_build;

-- Make one index of a fresh table as the present one has it; keys and exclusions are constraints.
CREATE FUNCTION views.build_index(of_table text, of_index text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB' AS $$
DECLARE
    key text;
BEGIN
    SELECT pg_get_constraintdef(c.oid) INTO key FROM pg_constraint c
    WHERE c.conrelid = format('views.%I', of_table)::regclass AND c.conname = of_index
        AND c.contype IN ('p', 'x');
    IF FOUND THEN
        EXECUTE format('ALTER TABLE views.%I ADD CONSTRAINT %I %s',
                       of_table || '_fresh', of_index || '_fresh', key);
    ELSE
        EXECUTE replace(replace(pg_get_indexdef(format('views.%I', of_index)::regclass),
            format(' INDEX %I ON ', of_index), format(' INDEX %I ON ', of_index || '_fresh')),
            format(' ON views.%I ', of_table), format(' ON views.%I ', of_table || '_fresh'));
    END IF;
END $$;

CREATE FUNCTION views.analyze_build(of_table text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('ANALYZE views.%I', of_table || '_fresh');
END $$;

GRANT EXECUTE ON FUNCTION views.build_index, views.analyze_build TO farshore_projector;
RESET ROLE;
"""

BACK = """
SET LOCAL ROLE farshore_owner;
DROP FUNCTION views.build_index;
DROP FUNCTION views.analyze_build;
CREATE FUNCTION views.index_build(of_tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB' AS $$
DECLARE
    it text;
    index record;
    key record;
BEGIN
    FOREACH it IN ARRAY of_tables LOOP
        FOR index IN SELECT i.relname AS name, pg_get_indexdef(x.indexrelid) AS definition
                     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                     WHERE x.indrelid = format('views.%I', it)::regclass AND NOT EXISTS (
                         SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid) LOOP
            EXECUTE replace(replace(index.definition,
                format(' INDEX %I ON ', index.name),
                format(' INDEX %I ON ', index.name || '_fresh')),
                format(' ON views.%I ', it), format(' ON views.%I ', it || '_fresh'));
        END LOOP;
        FOR key IN SELECT conname AS name, pg_get_constraintdef(oid) AS definition
                   FROM pg_constraint WHERE conrelid = format('views.%I', it)::regclass
                   AND contype IN ('p', 'x') LOOP
            EXECUTE format('ALTER TABLE views.%I ADD CONSTRAINT %I %s',
                           it || '_fresh', key.name || '_fresh', key.definition);
        END LOOP;
        EXECUTE format('ANALYZE views.%I', it || '_fresh');
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION views.index_build TO farshore_projector;
REVOKE UPDATE (retry, skipped_reason, skipped_by, skipped_at)
    ON views.quarantine FROM farshore_app;
ALTER TABLE views.quarantine DROP skipped_by, DROP skipped_at;
RESET ROLE;
"""


def upgrade() -> None:
    """Add who decided, and the functions."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(QUARANTINE)
    op.execute(BUILDING)


def downgrade() -> None:
    """Take them away."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(BACK)
