"""How mail leaves: the environment of the reporting package. Read when constructed, nowhere else."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SCHEMES = ("smtp://", "smtp+starttls://", "smtps://")


class MailSettings(BaseSettings):
    """`CAPSTAN_SMTP_URL` (unset: mail is written to a folder), `CAPSTAN_MAIL_FROM`, `CAPSTAN_MAIL_FOLDER`."""

    model_config = SettingsConfigDict(
        extra="forbid", populate_by_name=True, frozen=True, hide_input_in_errors=True
    )

    smtp_url: SecretStr | None = Field(default=None, validation_alias="CAPSTAN_SMTP_URL")
    """`smtp+starttls://user:password@host:587`, `smtps://…:465`, or `smtp://host:25` without encryption."""
    sender: str = Field(default="reports@capstan.invalid", validation_alias="CAPSTAN_MAIL_FROM")
    """The address that mail comes from; must be set where an SMTP server is."""
    folder: Path | None = Field(default=None, validation_alias="CAPSTAN_MAIL_FOLDER")
    """Where mail goes without an SMTP server; by default `mail` under the warehouse's home."""

    @field_validator("smtp_url")
    @classmethod
    def _known_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if not value.get_secret_value().startswith(SCHEMES):
            raise ValueError(f"CAPSTAN_SMTP_URL must start with one of {', '.join(SCHEMES)}")
        return value

    @field_validator("sender")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value.count("@") != 1 or value.startswith("@") or value.endswith("@") or not value.isprintable():
            raise ValueError("CAPSTAN_MAIL_FROM must be one address such as reports@example.com")
        return value

    @property
    def domain(self) -> str:
        """The right side of Message-IDs."""
        return self.sender.split("@")[1]
