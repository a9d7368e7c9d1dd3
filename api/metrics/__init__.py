"""The register of metrics, and their values."""
