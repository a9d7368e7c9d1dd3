"""SQL functions and aggregates of the finance schema, one file a measure."""
