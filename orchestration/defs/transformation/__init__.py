"""dbt models as assets, and their checks."""
