"""The command line and the demo world. Thin: it calls the packages above."""
