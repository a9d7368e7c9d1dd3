"""Where the warehouse lives: the home folder and the database address, from the environment.

No other module of the package reads the environment.
"""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WarehouseSettings(BaseSettings):
    """`CAPSTAN_HOME` (default `./var`) and `DATABASE_URL` (default: the embedded server under the home)."""

    model_config = SettingsConfigDict(
        extra="forbid", populate_by_name=True, frozen=True, hide_input_in_errors=True
    )

    home: Path = Field(default=Path("var"), validation_alias="CAPSTAN_HOME")
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    reset_role_passwords: bool = Field(default=False, validation_alias="CAPSTAN_RESET_ROLE_PASSWORDS")
    embedded_fsync: bool = Field(default=True, validation_alias="CAPSTAN_EMBEDDED_FSYNC")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _known_scheme(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("DATABASE_URL must start with postgresql:// (its password is not repeated here)")
        return value

    @property
    def secrets_dir(self) -> Path:
        """Passwords and keys, one file each, readable by the owner only."""
        return self.home / "secrets"
