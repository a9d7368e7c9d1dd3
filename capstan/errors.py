"""Errors of the command line itself; the packages below keep their own."""


class CapstanError(Exception):
    """A command could not do what was asked; the message explains it to a person."""
