"""Cash flows of investors."""
