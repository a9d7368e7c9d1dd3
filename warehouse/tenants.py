"""Tenants: the organisations whose data is kept apart. Adding, finding and listing them.

Who may see a tenant is in `users.py`. Tenant 0, `platform`, holds reference data that all tenants share.
"""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import class_row

from warehouse import isolation as isolation_schemas
from warehouse import roles
from warehouse.database import Database
from warehouse.errors import InvalidTenant, TenantNotFound

SLUG = re.compile(r"[a-z][a-z0-9-]{0,40}")
KINDS = ("company", "manager")
ISOLATIONS = ("shared", "schema")
PLATFORM_SLUG = "platform"

_COLUMNS = "tenant_id, slug, name, kind, currency_code, timezone, isolation, brand_colour, locale"


@dataclass(frozen=True)
class Tenant:
    """One organisation. `currency_code` is the currency that its totals are reported in."""

    tenant_id: int
    slug: str
    name: str
    kind: str
    currency_code: str
    timezone: str
    isolation: str
    brand_colour: str | None
    locale: str


def add_tenant(
    database: Database,
    slug: str,
    *,
    name: str,
    kind: str,
    currency_code: str,
    timezone: str = "UTC",
    isolation: str = "shared",
    brand_colour: str | None = None,
    locale: str = "en",
) -> Tenant:
    """Add a tenant and its data version 0, and for isolation `schema` its own schema and reader roles.

    Raises InvalidTenant, naming the value and what is allowed.
    """
    _validate(slug, name, kind, currency_code, timezone, isolation, brand_colour)
    with database.connect(roles.CONTROL_APP) as connection:
        cursor = connection.cursor(row_factory=class_row(Tenant))
        try:
            cursor.execute(
                "insert into control.tenant "
                "(slug, name, kind, currency_code, timezone, isolation, brand_colour, locale) "
                f"values (%s, %s, %s, %s, %s, %s, %s, %s) returning {_COLUMNS}",
                (slug, name, kind, currency_code, timezone, isolation, brand_colour, locale),
            )
        except psycopg.errors.UniqueViolation as error:
            raise InvalidTenant(
                f"a tenant with the slug {slug!r} exists already; choose another slug"
            ) from error
        tenant = cursor.fetchone()
        if tenant is None:
            raise InvalidTenant(f"the tenant {slug!r} was not stored")
        connection.execute("insert into control.data_version (tenant_id) values (%s)", (tenant.tenant_id,))
    if tenant.isolation == "schema":
        isolation_schemas.prepare(database, tenant.tenant_id)
    return tenant


def get_tenant(database: Database, slug: str) -> Tenant:
    """The tenant of this slug, `platform` included. Raises TenantNotFound."""
    with database.connect(roles.CONTROL_APP) as connection:
        cursor = connection.cursor(row_factory=class_row(Tenant))
        tenant = cursor.execute(f"select {_COLUMNS} from control.tenant where slug = %s", (slug,)).fetchone()
    if tenant is None:
        raise TenantNotFound(f"there is no tenant {slug!r}; `capstan tenant list` shows those that exist")
    return tenant


def list_tenants(database: Database) -> list[Tenant]:
    """All active tenants by slug, without `platform`."""
    with database.connect(roles.CONTROL_APP) as connection:
        cursor = connection.cursor(row_factory=class_row(Tenant))
        return cursor.execute(
            f"select {_COLUMNS} from control.tenant where tenant_id <> 0 and status = 'active' order by slug"
        ).fetchall()


def _validate(
    slug: str,
    name: str,
    kind: str,
    currency_code: str,
    timezone: str,
    isolation: str,
    brand_colour: str | None,
) -> None:
    if not SLUG.fullmatch(slug):
        raise InvalidTenant(
            f"the slug {slug!r} is not allowed: up to 41 small letters, digits and hyphens, a letter first"
        )
    if not name.strip():
        raise InvalidTenant("a tenant needs a name")
    if kind not in KINDS:
        raise InvalidTenant(f"the kind {kind!r} is not known; it is one of {', '.join(KINDS)}")
    if not re.fullmatch(r"[A-Z]{3}", currency_code):
        raise InvalidTenant(f"the currency {currency_code!r} is not an ISO 4217 code such as EUR")
    if isolation not in ISOLATIONS:
        raise InvalidTenant(f"the isolation {isolation!r} is not known; it is one of {', '.join(ISOLATIONS)}")
    if brand_colour is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", brand_colour):
        raise InvalidTenant(f"the brand colour {brand_colour!r} is not of the form #1a2b3c")
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidTenant(
            f"the time zone {timezone!r} is not an IANA name such as Europe/Berlin"
        ) from error
