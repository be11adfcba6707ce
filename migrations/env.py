"""Run the migrations over the connection that `journal.schema` opened and locked."""

from __future__ import annotations

from alembic import context

if (connection := context.config.attributes.get("connection")) is None:
    message = "run `farshore migrate`: it waits for its turn and knows where the database is"
    raise SystemExit(message)
context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
