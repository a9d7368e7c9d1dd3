"""Dagster objects only, one folder a domain."""
