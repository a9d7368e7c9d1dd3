"""Postgres: where it runs, what it holds, who may read what. Imports nothing else of ours."""
