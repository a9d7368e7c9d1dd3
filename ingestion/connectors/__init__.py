"""One folder a source: SQL mappings from that source's files to canonical streams."""
