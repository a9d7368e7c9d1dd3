"""Alembic migrations of everything that dbt does not build."""
