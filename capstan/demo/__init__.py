"""The demo world: a deterministic generator with known true answers."""
