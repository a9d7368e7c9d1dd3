"""Passwords and one-time codes: hashing, checking, and the second factor. No database here."""

import secrets
import time
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 10
TOTP_STEP_SECONDS = 30


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _hash_of_nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def new_password() -> str:
    """A random initial password of 96 bits."""
    return secrets.token_urlsafe(12)


def hash_password(password: str) -> str:
    """Argon2id with a random salt, in its own text form."""
    return _hasher().hash(password)


def password_matches(stored_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an unknown person (None) as for a known one."""
    try:
        _hasher().verify(stored_hash or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None


def needs_rehash(stored_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(stored_hash)


def new_totp_secret() -> str:
    """A secret for an authenticator application."""
    return pyotp.random_base32()


def totp_uri(secret: str, email: str) -> str:
    """What an authenticator application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Capstan")


def totp_step(secret: str, code: str, *, after: int | None, at: float | None = None) -> int | None:
    """The time step that this code belongs to, or None if it is wrong or was used already.

    Codes of the step before and after now are accepted, for clocks that differ; a step counts once (`after`).
    """
    now = int(time.time() if at is None else at) // TOTP_STEP_SECONDS
    generator = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        fits = secrets.compare_digest(generator.at(step * TOTP_STEP_SECONDS).encode(), code.strip().encode())
        if fits and (after is None or step > after):
            return step
    return None
