"""Advisory locks that more than one package takes. What they protect is told where they are taken."""

DEPLOY_LOCK = 7_160_000_002
"""Exclusive while a deploy changes views and tables, shared while rows of tenants are computed or removed."""
