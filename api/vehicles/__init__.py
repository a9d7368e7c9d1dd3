"""Vehicles: what investors commit to."""
