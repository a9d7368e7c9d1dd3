"""What the Dagster objects call: argument builders and the dbt runner. No assets, jobs or sensors here."""
