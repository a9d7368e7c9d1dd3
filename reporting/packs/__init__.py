"""One module a report: its queries, its document, its mail."""
