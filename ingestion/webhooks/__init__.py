"""Webhooks: whose they are, whether they are genuine, kept once, processed later. HTTP is in `api`."""
