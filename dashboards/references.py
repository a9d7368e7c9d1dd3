"""Reference ids: what a person reads out to support, and what support searches the log for."""

import secrets

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U: readable over a telephone


def new_reference() -> str:
    """A fresh id such as `K7Q2-9MXD`, unguessable enough not to repeat, meaning nothing."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{text[:4]}-{text[4:]}"
