"""Where the warehouse lives: the home folder and the database address, from the environment.

No other module of the package reads the environment.
"""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WarehouseSettings(BaseSettings):
    """`CAPSTAN_HOME` (default `./var`) and `DATABASE_URL` (default: the embedded server under the home)."""

    # The prefix, and no alias with populate_by_name: that would read the shell's HOME for the field `home`.
    model_config = SettingsConfigDict(
        env_prefix="CAPSTAN_",
        extra="forbid",
        populate_by_name=True,
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    home: Path = Path("var")
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    reset_role_passwords: bool = False
    embedded_fsync: bool = True

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
