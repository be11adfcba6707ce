#!/bin/sh
# Give the API, the projections and the sealer each a login that may do its own work and nothing else.
# The database's image runs this once, when it makes a new cluster.
set -eu

: "${FARSHORE_APP_PASSWORD:?}" "${FARSHORE_PROJECTOR_PASSWORD:?}" "${FARSHORE_SEALER_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv app_password FARSHORE_APP_PASSWORD
\getenv projector_password FARSHORE_PROJECTOR_PASSWORD
\getenv sealer_password FARSHORE_SEALER_PASSWORD
CREATE ROLE farshore_app NOLOGIN;
CREATE ROLE farshore_projector NOLOGIN;
CREATE ROLE farshore_sealer NOLOGIN;
CREATE ROLE farshore_api LOGIN PASSWORD :'app_password' IN ROLE farshore_app;
CREATE ROLE farshore_runner LOGIN PASSWORD :'projector_password' IN ROLE farshore_projector;
CREATE ROLE farshore_keeper LOGIN PASSWORD :'sealer_password' IN ROLE farshore_sealer;
SQL
