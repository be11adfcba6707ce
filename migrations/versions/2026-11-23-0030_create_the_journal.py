"""Create the journal: roles, the events, the names of subjects and the one way to append.

`entry` frames every column unambiguously: the label, a random salt, then the columns, each after
its length (four bytes, big-endian; ff ff ff ff and nothing for NULL). The body comes first, at a
fixed place, so that it can be cut out of the entry on reading and is stored once. Integers are
big-endian; days are int4 and instants int8 microseconds, both since 2000-01-01 UTC.
"""

from alembic import op

revision = "0001"
down_revision = None

ROLES = """
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['farshore_owner', 'farshore_app', 'farshore_projector'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- roles belong to the server: another database of it made this one
        END;
        IF NOT pg_has_role(current_user, wanted, 'SET') THEN
            EXECUTE format('GRANT %I TO current_user', wanted);
        END IF;
    END LOOP;
END $$
"""

SCHEMA = """
CREATE SCHEMA journal AUTHORIZATION farshore_owner;
SET LOCAL ROLE farshore_owner;
"""

ENTRY = r"""
CREATE FUNCTION journal.field(content bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(int4send(octet_length(content)) || content, '\xffffffff');

CREATE FUNCTION journal.field(content text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN journal.field(convert_to(content, 'UTF8'));

CREATE FUNCTION journal.entry(
    salt bytea, body bytea, "position" bigint, id uuid, kind text, subject uuid, key text,
    version integer, type text, schema integer, occurred_on text, earliest date, latest date,
    recorded_at timestamptz, recorded_by text, command uuid, ordinal integer, fingerprint bytea,
    batch uuid
) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN '\x00000011'::bytea || 'farshore/event/v1'::bytea || '\x00000010'::bytea || salt
    || journal.field(body) || (
        '\x00000008'::bytea || int8send("position") || '\x00000010'::bytea || uuid_send(id)
        || journal.field(kind) || '\x00000010'::bytea || uuid_send(subject) || journal.field(key)
        || '\x00000004'::bytea || int4send(version) || journal.field(type)
        || '\x00000004'::bytea || int4send(schema) || journal.field(occurred_on)
        || journal.field(date_send(earliest)) || journal.field(date_send(latest))
        || '\x00000008'::bytea || timestamptz_send(recorded_at) || journal.field(recorded_by)
        || '\x00000010'::bytea || uuid_send(command) || '\x00000004'::bytea || int4send(ordinal)
        || journal.field(fingerprint) || journal.field(uuid_send(batch)));
"""

TABLES = r"""
-- Whoever appends locks its one row. It is never updated: row versions would pile up, and slow
-- every append, for as long as anybody reads in a long transaction.
CREATE TABLE journal.turn (one boolean PRIMARY KEY DEFAULT true CHECK (one));
INSERT INTO journal.turn VALUES (true);

CREATE TABLE journal.events (
    position bigint PRIMARY KEY CHECK (position > 0),
    id uuid NOT NULL UNIQUE,
    kind text NOT NULL,
    subject uuid NOT NULL,
    key text NOT NULL,
    version integer NOT NULL CHECK (version >= 0),
    type text NOT NULL,
    schema integer NOT NULL CHECK (schema > 0),
    occurred_on text,
    earliest date,
    latest date,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    command uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal >= 0),
    fingerprint bytea,
    batch uuid,
    entry bytea NOT NULL,
    body bytea GENERATED ALWAYS AS
        (substring(entry, 46, substring(entry, 42, 4)::integer)) VIRTUAL,
    leaf bytea NOT NULL GENERATED ALWAYS AS (sha256('\x00'::bytea || entry)) STORED,
    UNIQUE (subject, version),
    UNIQUE (command, ordinal),
    CONSTRAINT entry_tells_the_columns CHECK (entry = journal.entry(
        substring(entry, 26, 16), substring(entry, 46, substring(entry, 42, 4)::integer),
        position, id, kind, subject, key, version, type, schema, occurred_on, earliest, latest,
        recorded_at, recorded_by, command, ordinal, fingerprint, batch))
);
CREATE VIEW journal.head AS SELECT coalesce(max(position), 0) AS position FROM journal.events;
CREATE INDEX events_by_type ON journal.events (type, position);
CREATE INDEX retractions ON journal.events (subject) WHERE type = 'event.retracted';

CREATE TABLE journal.names (
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
    subject uuid NOT NULL,
    kind text NOT NULL,
    alias text COLLATE "C",  -- folded; null in the row that stands for the subject itself
    position bigint NOT NULL
);
CREATE UNIQUE INDEX one_subject_per_key ON journal.names (key) WHERE alias IS NULL;
CREATE UNIQUE INDEX one_key_per_subject ON journal.names (subject) WHERE alias IS NULL;
CREATE INDEX subjects_by_alias ON journal.names (alias) WHERE alias IS NOT NULL;
CREATE INDEX aliases_by_subject ON journal.names (subject) WHERE alias IS NOT NULL;
"""

APPEND = """
CREATE FUNCTION journal.append(
    -- of each command; `leaning` ones were decided on the strength of an earlier one of this call
    commands uuid[], fingerprints bytea[], principals text[], batches uuid[], leaning boolean[],
    -- of each event, in order; `command_of` counts the commands from one
    command_of integer[], ids uuid[], kinds text[], subjects uuid[], keys text[],
    versions integer[], types text[], schemas integer[], occurred_on text[],
    earliest date[], latest date[], bodies bytea[],
    -- the events after which all aliases of their subject are replaced, by id, and the new ones
    renaming uuid[], alias_of uuid[], aliases text[]
) RETURNS TABLE (command bigint, verdict text, "position" bigint, recorded_at timestamptz,
                 leaf bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- One plan, made before the sizes are known: indexes for the tables, hashes for the batch,
-- whatever the caller's session is set to (without hashes 500 events take 84 ms, not 36).
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_nestloop = off
SET enable_hashjoin = on
AS $$
#variable_conflict use_column
DECLARE
    last bigint;
    moment timestamptz;
BEGIN
    PERFORM FROM journal.turn FOR UPDATE;
    SELECT e.position, e.recorded_at INTO last, moment
    FROM journal.events e ORDER BY e.position DESC LIMIT 1;
    last := coalesce(last, 0);
    moment := greatest(clock_timestamp(), moment);

    RETURN QUERY
    WITH command AS (
        SELECT c.*, was.position AS recorded, was.recorded_at,
               was.fingerprint IS NOT DISTINCT FROM c.fingerprint AS same,
               row_number() OVER (PARTITION BY c.id ORDER BY c.nr) > 1 AS repeated
        FROM unnest(commands, fingerprints, principals, batches, leaning) WITH ORDINALITY
             AS c(id, fingerprint, principal, batch, leans, nr)
        LEFT JOIN LATERAL (
            SELECT e.position, e.recorded_at, e.fingerprint FROM journal.events e
            WHERE e.command = c.id AND e.ordinal = 0 LIMIT 1
        ) was ON true
    ), event AS (
        SELECT e.*, now.version IS NULL AS opens,
               row_number() OVER (PARTITION BY e.command ORDER BY e.nr) - 1 AS ordinal,
               min(e.command) OVER (PARTITION BY e.subject) < e.command AS follows,
               e.version = coalesce(now.version, least(first_value(e.version) OVER own, 1) - 1)
                         + row_number() OVER own
               AND e.key = coalesce(now.key, first_value(e.key) OVER own)
               AND e.kind = coalesce(now.kind, first_value(e.kind) OVER own) AS fits,
               e.subject <> coalesce(owner.subject,
                   first_value(e.subject) OVER (PARTITION BY e.key ORDER BY e.nr)) AS taken
        FROM unnest(command_of, ids, kinds, subjects, keys, versions, types, schemas, occurred_on,
                    earliest, latest, bodies) WITH ORDINALITY
             AS e(command, id, kind, subject, key, version, type, schema, occurred_on,
                  earliest, latest, body, nr)
        LEFT JOIN LATERAL (
            SELECT was.version, was.key, was.kind FROM journal.events was
            WHERE was.subject = e.subject ORDER BY was.version DESC LIMIT 1
        ) now ON true
        LEFT JOIN LATERAL (
            SELECT names.subject FROM journal.names
            WHERE names.key = e.key AND names.alias IS NULL LIMIT 1
        ) owner ON true
        WINDOW own AS (PARTITION BY e.subject ORDER BY e.nr)
    ), judged AS (
        SELECT command.*, command.leans OR fate.follows AS chained,
               CASE WHEN recorded IS NOT NULL AND same THEN 'replayed'
                    WHEN recorded IS NOT NULL THEN 'mismatch'
                    WHEN repeated THEN 'conflict' WHEN fate.taken THEN 'taken'
                    WHEN fate.fits THEN 'new' ELSE 'conflict' END AS verdict
        FROM command JOIN (
            SELECT event.command, bool_and(event.fits) AS fits, bool_or(event.follows) AS follows,
                   bool_or(event.taken) AS taken
            FROM event GROUP BY event.command
        ) fate ON fate.command = command.nr
    ), ruled AS (
        SELECT judged.*,
               CASE WHEN judged.verdict = 'new' AND judged.chained
                     AND bool_or(judged.verdict <> 'new') OVER (ORDER BY judged.nr)
                    THEN 'conflict' ELSE judged.verdict END AS ruling
        FROM judged
    ), placed AS (
        SELECT last + row_number() OVER (ORDER BY event.nr) AS place, event.*,
               ruled.principal, ruled.id AS command_id, ruled.fingerprint, ruled.batch
        FROM event JOIN ruled ON ruled.nr = event.command AND ruled.ruling = 'new'
    ), opened AS (
        INSERT INTO journal.names (key, subject, kind, position)
        SELECT placed.key, placed.subject, placed.kind, min(placed.place) FROM placed
        WHERE placed.opens GROUP BY placed.key, placed.subject, placed.kind
    ), written AS (
        INSERT INTO journal.events (
            position, id, kind, subject, key, version, type, schema, occurred_on, earliest, latest,
            recorded_at, recorded_by, command, ordinal, fingerprint, batch, entry)
        SELECT place, id, kind, subject, key, version, type, schema, occurred_on, earliest, latest,
               moment, principal, command_id, ordinal, fingerprint, batch,
               journal.entry(
                   uuid_send(gen_random_uuid()), body, place, id, kind, subject, key, version,
                   type, schema, occurred_on, earliest, latest, moment, principal, command_id,
                   ordinal::integer, fingerprint, batch)
        FROM placed ORDER BY place
        RETURNING events.position, events.leaf
    )
    SELECT placed.command, 'new', written.position, moment, written.leaf
    FROM written JOIN placed ON placed.place = written.position
    UNION ALL
    SELECT ruled.nr, ruled.ruling, ruled.recorded, ruled.recorded_at, NULL FROM ruled
    WHERE ruled.ruling <> 'new'
    ORDER BY 1, 3;

    IF cardinality(renaming) > 0 THEN
        WITH latest AS (
            SELECT DISTINCT ON (e.subject) e.id, e.key, e.subject, e.kind, e.position
            FROM journal.events e WHERE e.id = ANY (renaming) AND e.position > last
            ORDER BY e.subject, e.position DESC
        ), gone AS (
            DELETE FROM journal.names old USING latest
            WHERE old.subject = latest.subject AND old.alias IS NOT NULL
        )
        INSERT INTO journal.names (key, subject, kind, alias, position)
        SELECT latest.key, latest.subject, latest.kind, a.alias, latest.position
        FROM latest JOIN unnest(alias_of, aliases) AS a(id, alias) ON a.id = latest.id;
    END IF;

    IF EXISTS (SELECT FROM journal.events e WHERE e.position > last) THEN
        PERFORM pg_notify('journal', '');
    END IF;
END $$;
"""

HOLD = """
CREATE FUNCTION journal.hold() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT FROM journal.turn FOR UPDATE;
END;
"""

GUARDS = """
CREATE FUNCTION journal.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on %.% is refused',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.events
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.turn
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON journal.names
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse();
CREATE TRIGGER keys_stay BEFORE UPDATE OR DELETE ON journal.names
    FOR EACH ROW WHEN (OLD.alias IS NULL) EXECUTE FUNCTION journal.refuse();

ALTER TABLE journal.events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE journal.turn ENABLE ALWAYS TRIGGER never_changed;
ALTER TABLE journal.names ENABLE ALWAYS TRIGGER never_emptied;
ALTER TABLE journal.names ENABLE ALWAYS TRIGGER keys_stay;
"""

GRANTS = """
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA journal FROM PUBLIC;
GRANT USAGE ON SCHEMA journal TO farshore_app, farshore_projector;
GRANT SELECT ON journal.events, journal.head, journal.names TO farshore_app, farshore_projector;
GRANT EXECUTE ON FUNCTION journal.append, journal.hold TO farshore_app;
RESET ROLE;
"""


def upgrade() -> None:
    """Create everything."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statements in (ROLES, SCHEMA, ENTRY, TABLES, APPEND, HOLD, GUARDS, GRANTS):
        op.execute(statements)


def downgrade() -> None:
    """Drop the journal; the roles stay, other databases of the server may use them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP SCHEMA journal CASCADE")
