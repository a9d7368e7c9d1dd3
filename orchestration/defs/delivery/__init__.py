"""Reports and the outbox as assets, jobs and schedules."""
