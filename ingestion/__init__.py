"""From a file to rows of the raw schema, or to quarantine. Imports only the warehouse."""
