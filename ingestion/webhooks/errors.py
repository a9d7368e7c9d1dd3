"""Why a webhook was not accepted. The messages may be shown to the sender: they tell nothing of a tenant."""

from ingestion.errors import IngestionError


class WebhookError(IngestionError):
    """A webhook could not be accepted."""


class UnknownEndpoint(WebhookError):
    """No endpoint has this path, or it was revoked."""


class SignatureRefused(WebhookError):
    """The signature is missing, malformed, too old or new, or not of this endpoint's secret."""


class MalformedEvent(WebhookError):
    """The signature is genuine, but the body is not an event that this source sends."""


class ConflictingEvent(WebhookError):
    """The id is known with another body: kept as an alarm, never as an overwrite."""
