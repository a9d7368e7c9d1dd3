"""What the portal's operator may set: host names and whether cookies demand https.

Read from the environment when constructed, never at import. Where the data lives is the warehouse's business.
"""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PortalSettings(BaseSettings):
    """Settings of the portal, from variables that start with `CAPSTAN_PORTAL_`."""

    model_config = SettingsConfigDict(env_prefix="CAPSTAN_PORTAL_", extra="forbid")

    hosts: list[str] = Field(
        default=["127.0.0.1", "localhost", "::1"],
        description="Host names the portal answers to, as a JSON list. Any other Host header is refused.",
    )
    https_only: bool = Field(
        default=False,
        description=(
            "True behind a proxy that ends TLS: cookies are Secure and browsers are told to stay on https."
        ),
    )
