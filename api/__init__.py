"""REST v1 and webhooks, one folder a resource."""
