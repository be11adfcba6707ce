"""Create the views: what the projections compute, how far they have come, what they could not read.

The tables of a view have unique indexes instead of primary keys, and nothing refers to them, so
that a rebuild can fill a fresh copy beside each, index it and put it in its place. An open end of
a range of days is `infinity`; what holds on every day begins on 0001-01-01.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

SCHEMA = """
CREATE SCHEMA views AUTHORIZATION farshore_owner;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA views;
SET LOCAL ROLE farshore_owner;
ALTER DEFAULT PRIVILEGES IN SCHEMA views GRANT SELECT ON TABLES TO farshore_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA views
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO farshore_projector;
ALTER DEFAULT PRIVILEGES IN SCHEMA views REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
"""

PROGRESS = """
CREATE TABLE views.tracking (
    -- These two, in this order, are what the tracking recorder of `eventsourcing` writes.
    application_name text COLLATE "C" PRIMARY KEY,
    notification_id bigint NOT NULL,
    version integer NOT NULL DEFAULT 0,  -- of the code that wrote the rows; 0: none has yet
    build integer NOT NULL DEFAULT 0,  -- counts what changed rows other than the next event
    changed bigint NOT NULL DEFAULT 0,  -- the position with which rows last changed
    runner text,
    active_since timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10);  -- updated with every batch: kept on one page

CREATE TABLE views.quarantine (
    projection text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    subject uuid NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    error text NOT NULL,
    first_attempt timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_attempt timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 1,
    retry boolean NOT NULL DEFAULT false,  -- somebody asked for another attempt
    skipped_reason text,  -- somebody decided that the view does without this event
    PRIMARY KEY (projection, position)
);
CREATE INDEX quarantined_subjects ON views.quarantine (subject, projection);
"""

STATE = """
CREATE TABLE views.subjects (
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    last_position bigint NOT NULL,
    effective_from date  -- null where nothing about it counts any more
);
CREATE UNIQUE INDEX subjects_by_id ON views.subjects (id);
CREATE UNIQUE INDEX subjects_by_key ON views.subjects (key);
CREATE UNIQUE INDEX subjects_by_recording ON views.subjects (kind, last_position);

CREATE TABLE views.state (
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    effective_from date NOT NULL,
    effective_to date NOT NULL,
    stage text COLLATE "C" NOT NULL,
    facets text[] COLLATE "C" NOT NULL,
    identity text NOT NULL,  -- the fields to tell its title with, as JSON
    head text NOT NULL,  -- its JSON, as far as it depends on neither names nor the day of reading
    origins text NOT NULL,  -- field to the position behind it, as JSON
    places text NOT NULL,  -- JSON
    notices text NOT NULL,  -- warnings, as JSON
    aging text NOT NULL,  -- what may become a warning as time goes by, as JSON
    aging_from date NOT NULL,  -- the first day on which it does
    words tsvector NOT NULL
);
CREATE UNIQUE INDEX state_by_id ON views.state (id, effective_from);
CREATE UNIQUE INDEX state_by_key ON views.state (kind, key, effective_from);
CREATE INDEX state_with_warnings ON views.state (kind, key, effective_from)
    WHERE notices <> '[]' OR aging_from < 'infinity';
CREATE INDEX state_by_word ON views.state USING gin (words);

CREATE TABLE views.state_facets (
    facet text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    effective_from date NOT NULL,
    id uuid NOT NULL
);
CREATE UNIQUE INDEX state_by_facet ON views.state_facets (facet, kind, key, effective_from);
"""

TIMELINE = """
CREATE TABLE views.timeline (
    position bigint NOT NULL,
    subject uuid NOT NULL,
    effective_day date NOT NULL,
    rank integer NOT NULL,  -- among the events of its subject on that day
    kind text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    facets text[] COLLATE "C" NOT NULL,
    identity text NOT NULL,  -- what its subject then was, to tell it with, as JSON
    data text NOT NULL,  -- its payload as it now counts, as JSON
    sources text,  -- JSON, where a correction replaced them
    entry text NOT NULL,  -- its JSON, as far as it does not depend on names
    words tsvector NOT NULL
);
CREATE UNIQUE INDEX timeline_by_position ON views.timeline (position);
CREATE UNIQUE INDEX timeline_by_day ON views.timeline (effective_day, rank, position);
CREATE UNIQUE INDEX timeline_by_subject ON views.timeline (subject, effective_day, rank, position);
CREATE INDEX timeline_by_word ON views.timeline USING gin (words);

CREATE TABLE views.timeline_facets (
    facet text COLLATE "C" NOT NULL,
    effective_day date NOT NULL,
    rank integer NOT NULL,
    position bigint NOT NULL
);
CREATE UNIQUE INDEX timeline_by_facet
    ON views.timeline_facets (facet, effective_day, rank, position);
CREATE UNIQUE INDEX timeline_by_facet_as_recorded ON views.timeline_facets (facet, position);
"""

NAMES = """
CREATE TABLE views.names (
    organization text COLLATE "C" NOT NULL,
    ordinal integer NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    folded text NOT NULL,
    main boolean NOT NULL,  -- told in headlines, from a day on
    day date NOT NULL,
    kind text COLLATE "C",
    changed bigint NOT NULL  -- the position of the organization's last event
);
CREATE UNIQUE INDEX names_by_organization ON views.names (organization, ordinal);
CREATE INDEX names_by_change ON views.names (changed);
CREATE INDEX names_alike ON views.names USING gin (folded views.gin_trgm_ops);
"""

REBUILD = """
-- A rebuild makes tables, which no role but the owner may; these functions are all that it needs.
CREATE FUNCTION views.start_build(of_tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    it text;
BEGIN
    FOREACH it IN ARRAY of_tables LOOP
        EXECUTE format('DROP TABLE IF EXISTS views.%I', it || '_fresh');
        EXECUTE format('CREATE TABLE views.%I (LIKE views.%I INCLUDING ALL EXCLUDING INDEXES)',
                       it || '_fresh', it);
    END LOOP;
END $$;

CREATE FUNCTION views.index_build(of_tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB' AS $$
DECLARE
    it text;
    index record;
BEGIN
    FOREACH it IN ARRAY of_tables LOOP
        FOR index IN SELECT indexname, indexdef FROM pg_indexes
                     WHERE schemaname = 'views' AND tablename = it LOOP
            EXECUTE replace(replace(index.indexdef,
                format(' INDEX %I ON ', index.indexname),
                format(' INDEX %I ON ', index.indexname || '_fresh')),
                format(' ON views.%I ', it), format(' ON views.%I ', it || '_fresh'));
        END LOOP;
        EXECUTE format('ANALYZE views.%I', it || '_fresh');
    END LOOP;
END $$;

CREATE FUNCTION views.finish_build(of_tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    it text;
    index text;
BEGIN
    FOREACH it IN ARRAY of_tables LOOP
        EXECUTE format('DROP TABLE views.%I', it);
        EXECUTE format('ALTER TABLE views.%I RENAME TO %I', it || '_fresh', it);
        FOR index IN SELECT indexname FROM pg_indexes
                     WHERE schemaname = 'views' AND tablename = it LOOP
            EXECUTE format('ALTER INDEX views.%I RENAME TO %I',
                           index, left(index, -length('_fresh')));
        END LOOP;
    END LOOP;
END $$;
"""

GRANTS = """
GRANT USAGE ON SCHEMA views TO farshore_app, farshore_projector;
GRANT EXECUTE ON FUNCTION views.start_build, views.index_build, views.finish_build
    TO farshore_projector;
RESET ROLE;
"""


def upgrade() -> None:
    """Create everything."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (SCHEMA, PROGRESS, STATE, TIMELINE, NAMES, REBUILD, GRANTS):
        op.execute(statements)


def downgrade() -> None:
    """Drop the views; whatever they hold can be computed again."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP SCHEMA views CASCADE")
