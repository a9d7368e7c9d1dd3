"""Tenants are partitions: one key a tenant, its slug. Sensors add the keys; nothing else belongs here."""

import dagster as dg

TENANTS = dg.DynamicPartitionsDefinition(name="tenants")

TENANT_TAG = "tenant"
"""Run tag by which `dagster.yaml` keeps runs of one tenant from overlapping."""
