"""What the Dagster objects call: argument builders and the dbt runner. No Dagster objects here."""
