"""Verification of webhook signatures over the raw body. Pure: bytes, secrets and a clock go in.

Unlike Stripe's own library, a timestamp from the future is refused as one from the past is, and the tolerance
cannot be switched off.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from ingestion.webhooks.errors import SignatureRefused

TOLERANCE_SECONDS = 300
_DIGITS = re.compile(r"[0-9]{1,12}", re.ASCII)


def verify_stripe(body: bytes, header: str, secrets: Sequence[str], now: float) -> int:
    """The time at which Stripe signed this body, in epoch seconds.

    Args:
        body: the bytes as they were received, never re-encoded.
        header: `Stripe-Signature`: `t=…,v1=…`, several v1 while a secret is rolled; other schemes are
        ignored. secrets: the endpoint's signing secrets; two while one is replaced. Blank ones never verify
        anything. now: epoch seconds.

    Raises:
        SignatureRefused: with the same words for every reason, so that a forger learns nothing.
    """
    stamps, signatures = [], []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamps.append(value)
        elif name == "v1":
            signatures.append(value)
    usable = [secret for secret in secrets if secret.strip()]
    if len(stamps) != 1 or not _DIGITS.fullmatch(stamps[0]) or not signatures or not usable:
        raise SignatureRefused(REFUSED)
    stamp = int(stamps[0])
    signed = stamps[0].encode() + b"." + body
    genuine = False
    for secret in usable:
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        for signature in signatures:
            genuine |= hmac.compare_digest(expected, signature.encode("utf-8", "surrogateescape"))
    if not genuine or abs(now - stamp) > TOLERANCE_SECONDS:
        raise SignatureRefused(REFUSED)
    return stamp


REFUSED = "The signature of this webhook does not verify."
