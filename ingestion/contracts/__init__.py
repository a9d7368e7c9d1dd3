"""One contract a stream: from it come the row checks, the expectations, the raw table and the dbt source."""
