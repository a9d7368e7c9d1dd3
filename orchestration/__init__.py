"""The Dagster code location. Business logic lives in the packages that it wires."""
