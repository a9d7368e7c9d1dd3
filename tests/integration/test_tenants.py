"""Onboarding a tenant: what is stored, and which values are refused with what message."""

import pytest

from warehouse.database import Database
from warehouse.errors import InvalidTenant, TenantNotFound
from warehouse.tenants import add_tenant, get_tenant, list_tenants


def test_an_added_tenant_is_found_by_its_slug_and_listed_without_the_platform(database: Database) -> None:
    added = add_tenant(database, "northwind", name="Northwind", kind="manager", currency_code="EUR")

    assert get_tenant(database, "northwind") == added
    assert added.tenant_id > 0
    assert [tenant.slug for tenant in list_tenants(database)] == ["northwind"]
    assert get_tenant(database, "platform").tenant_id == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"slug": "North Wind"}, "North Wind"),
        ({"slug": "x' or true--"}, "slug"),
        ({"name": " "}, "name"),
        ({"kind": "bank"}, "company, manager"),
        ({"currency_code": "eur"}, "ISO 4217"),
        ({"timezone": "Europe/Atlantis"}, "IANA"),
        ({"timezone": "../../etc/passwd"}, "IANA"),
        ({"isolation": "none"}, "shared, schema"),
        ({"brand_colour": "red; x:y"}, "#1a2b3c"),
    ],
)
def test_a_tenant_with_an_unusable_value_is_refused_and_the_message_says_what_is_allowed(
    database: Database, change: dict[str, str], named: str
) -> None:
    values = {"slug": "northwind", "name": "Northwind", "kind": "manager", "currency_code": "EUR"} | change
    with pytest.raises(InvalidTenant, match=named.replace("(", r"\(")):
        add_tenant(database, values.pop("slug"), **values)  # type: ignore[arg-type]
    assert list_tenants(database) == []


def test_a_slug_can_be_used_once(database: Database) -> None:
    add_tenant(database, "northwind", name="Northwind", kind="manager", currency_code="EUR")
    with pytest.raises(InvalidTenant, match="exists already"):
        add_tenant(database, "northwind", name="Another", kind="company", currency_code="USD")
    assert [tenant.name for tenant in list_tenants(database)] == ["Northwind"]


def test_an_unknown_tenant_is_an_explained_error(database: Database) -> None:
    with pytest.raises(TenantNotFound, match="capstan tenant list"):
        get_tenant(database, "nobody")
