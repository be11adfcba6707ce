"""Keep what was known: rows of the views stay, with the range of positions at which they tell it.

`known` is that range; what is known now has no upper bound. A row is never deleted when something
is learnt, its range ends. No two rows may tell different things of the same day at the same
position: keys see to that, and a rebuild makes them as it makes indexes.

The views are emptied: whatever they hold can be computed again, and is, from the first position on.
"""

from alembic import context, op

revision = "0004"
down_revision = "0003"

JOURNAL = r"""
SET LOCAL ROLE farshore_owner;
CREATE INDEX events_by_batch ON journal.events (batch) WHERE batch IS NOT NULL;

-- Not in SQL: that would be inlined into the check below, and planned with each statement (0.5 ms).
CREATE OR REPLACE FUNCTION journal.entry(
    salt bytea, body bytea, "position" bigint, id uuid, kind text, subject uuid, key text,
    version integer, type text, schema integer, occurred_on text, earliest date, latest date,
    recorded_at timestamptz, recorded_by text, command uuid, ordinal integer, fingerprint bytea,
    batch uuid
) RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN '\x00000011'::bytea || 'farshore/event/v1'::bytea || '\x00000010'::bytea || salt
        || journal.field(body) || (
            '\x00000008'::bytea || int8send("position") || '\x00000010'::bytea || uuid_send(id)
            || journal.field(kind) || '\x00000010'::bytea || uuid_send(subject)
            || journal.field(key) || '\x00000004'::bytea || int4send(version)
            || journal.field(type) || '\x00000004'::bytea || int4send(schema)
            || journal.field(occurred_on)
            || journal.field(date_send(earliest)) || journal.field(date_send(latest))
            || '\x00000008'::bytea || timestamptz_send(recorded_at) || journal.field(recorded_by)
            || '\x00000010'::bytea || uuid_send(command) || '\x00000004'::bytea || int4send(ordinal)
            || journal.field(fingerprint) || journal.field(uuid_send(batch)));
END $$;
RESET ROLE;
"""

EMPTY = """
DROP TABLE IF EXISTS views.subjects_fresh, views.state_fresh, views.state_facets_fresh,
    views.timeline_fresh, views.timeline_facets_fresh, views.names_fresh;
DROP TABLE views.subjects, views.state, views.state_facets, views.timeline, views.timeline_facets,
    views.names;
DELETE FROM views.quarantine;
DELETE FROM views.tracking;
"""

STATE = """
CREATE TABLE views.subjects (
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    last_position bigint NOT NULL,
    effective_from date,  -- null where nothing about it counts any more
    known int8range NOT NULL,
    PRIMARY KEY (id, known WITHOUT OVERLAPS)
);
CREATE INDEX subjects_by_id ON views.subjects (id, last_position);
CREATE INDEX subjects_by_key ON views.subjects (kind, key, last_position);
CREATE INDEX subjects_by_recording ON views.subjects (kind, last_position);
CREATE INDEX subjects_by_beginning ON views.subjects (kind, effective_from);

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
    words tsvector NOT NULL,
    known int8range NOT NULL,
    CONSTRAINT one_state_at_any_pair EXCLUDE USING gist
        (id WITH =, known WITH &&, daterange(effective_from, effective_to) WITH &&)
);
CREATE INDEX state_by_id ON views.state (id, effective_from);
CREATE INDEX state_by_key ON views.state (kind, key, effective_from);
CREATE INDEX state_by_stage ON views.state (kind, stage, key, effective_from);
CREATE INDEX state_with_warnings ON views.state (kind, key, effective_from)
    WHERE notices <> '[]' OR aging_from < 'infinity';
CREATE INDEX state_by_word ON views.state USING gin (words);

-- Whatever was said of a subject at any time, by which it is found; its states tell when.
CREATE TABLE views.state_facets (
    facet text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    effective_from date NOT NULL,  -- never before that day,
    known_from bigint NOT NULL,  -- nor before that position
    PRIMARY KEY (facet, kind, key, id) INCLUDE (effective_from, known_from)
);
CREATE INDEX facets_by_subject ON views.state_facets (id);
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
    words tsvector NOT NULL,
    known int8range NOT NULL,
    PRIMARY KEY (position, known WITHOUT OVERLAPS)
);
CREATE INDEX timeline_by_position ON views.timeline (position);
CREATE INDEX timeline_by_day ON views.timeline (effective_day, rank, position);
CREATE INDEX timeline_by_subject ON views.timeline (subject, effective_day, rank, position);
CREATE INDEX timeline_by_word ON views.timeline USING gin (words);

CREATE TABLE views.timeline_facets (
    facet text COLLATE "C" NOT NULL,
    effective_day date NOT NULL,
    rank integer NOT NULL,
    position bigint NOT NULL,
    known int8range NOT NULL
);
CREATE INDEX timeline_by_facet ON views.timeline_facets (facet, effective_day, rank, position);
CREATE INDEX timeline_by_facet_as_recorded ON views.timeline_facets (facet, position);
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
    known int8range NOT NULL,
    PRIMARY KEY (organization, ordinal, known WITHOUT OVERLAPS)
);
CREATE INDEX names_by_organization ON views.names (organization, ordinal);
CREATE INDEX names_by_change ON views.names (greatest(lower(known), upper(known)));
CREATE INDEX names_alike ON views.names USING gin (folded views.gin_trgm_ops);
"""

QUARANTINE = """
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
"""

BACK = """
DROP FUNCTION views.build_index, views.analyze_build, views.start_build, views.finish_build;
REVOKE UPDATE (retry, skipped_reason, skipped_by, skipped_at)
    ON views.quarantine FROM farshore_app;
ALTER TABLE views.quarantine DROP skipped_by, DROP skipped_at;
DROP INDEX journal.events_by_batch;
"""


def upgrade() -> None:
    """Make the tables anew, with what they need."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA views")
    op.execute(JOURNAL)
    _as_owner(EMPTY, STATE, TIMELINE, NAMES, QUARANTINE, BUILDING)


def downgrade() -> None:
    """Go back to rows that tell what is known now; how an entry is framed is the same in both."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    before = context.script.get_revision(down_revision).module
    _as_owner(EMPTY, BACK, before.STATE, before.TIMELINE, before.NAMES, before.REBUILD)
    op.execute("DROP EXTENSION btree_gist")
    _as_owner(before.GRANTS)


def _as_owner(*statements: str) -> None:
    op.execute("SET LOCAL ROLE farshore_owner")
    for one in statements:
        op.execute(one)
    op.execute("RESET ROLE")
