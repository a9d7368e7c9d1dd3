"""Benchmarks: `make bench`. Not tests: nothing here passes or fails the gate."""
