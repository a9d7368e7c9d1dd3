"""Performance of commitments and vehicles at dates."""
