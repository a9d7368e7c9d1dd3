"""The login roles of the warehouse, by the names that code uses. What each may do is in docs/architecture.md.

Privileges belong to the migrations and to warehouse/security; this module only names the roles.
"""

from typing import Final

ADMIN: Final = "admin"
"""The superuser of the embedded server, or the user of `DATABASE_URL`: migrations and `doctor` only."""

DBT_BUILDER: Final = "dbt_builder"
LOADER: Final = "loader"
CONTROL_APP: Final = "control_app"
TOKEN_ISSUER: Final = "token_issuer"  # noqa: S105 - a role
GP_READER: Final = "gp_reader"
LP_READER: Final = "lp_reader"

LOGIN_ROLES: Final = (DBT_BUILDER, LOADER, CONTROL_APP, TOKEN_ISSUER, GP_READER, LP_READER)
"""Roles that Capstan creates and gives random passwords, kept in `CAPSTAN_HOME/secrets`."""

READER_ROLES: Final = (GP_READER, LP_READER)

OWNER_ROLES: Final = ("authn_owner", "guard_owner", "audit_owner")
"""Roles that own functions and never log in."""

TEMPORARY_ROLES: Final = (DBT_BUILDER, LOADER)
"""Roles that may create temporary tables: dbt's incremental models and the loader's staging."""
