"""Alembic's entrance: runs the migrations on the connection that set-up hands over, as the admin role.

Migrations are plain SQL. Their version is kept in `control.alembic_version`.
"""

from alembic import context
from sqlalchemy import Connection, text

connection: Connection | None = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError(
        "migrations run through warehouse.database.open_database, which hands over a connection"
    )
connection.execute(text("create schema if not exists control"))
context.configure(connection=connection, version_table_schema="control", transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
