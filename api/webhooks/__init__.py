"""Webhooks: the only endpoints that take something."""
