"""Formats, colours, figures and the metric register, shared with dashboards. Imports nothing of ours."""
