"""Dagster resources: the warehouse, and nothing that holds a secret in its configuration."""
