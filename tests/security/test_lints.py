"""The catalogue lints: silent on a healthy warehouse, and each one finds the fault that it is named for."""

import pytest

from tests.security.world import World
from warehouse.security_checks import LINTS, lint
from warehouse.set_up import MINOR_FLOORS

OFF = "alter event trigger guard_ddl disable; alter event trigger guard_drop disable; "
FAULTS = {
    "guard_violations": OFF,
    "readable_without_row_security": OFF + "alter table marts.fct_cash_flows disable row level security",
    "views_with_owners_rights": OFF + "alter view marts.rpt_latest reset (security_invoker)",
    "unfiltered_relations": OFF + "create materialized view marts.mv as select 1 as tenant_id; "
    "grant select on marts.mv to gp_reader",
    "policies_that_read_tables": OFF + "create policy p on marts.fct_cash_flows as restrictive for select "
    "to gp_reader using (tenant_id in (select tenant_id from control.tenant))",
    "policies_evaluated_per_row": OFF + "create policy p on marts.fct_cash_flows for select to gp_reader "
    "using (tenant_id = authn.gp_tenant_id())",
    "keys_without_tenant": "create unique index on marts.dim_vehicle (vehicle_id, tenant_id)",
    "functions_of_readers": "create function finance.peek() returns bigint language sql "
    "as 'select count(*) from raw.capstan__investors'",
    "statistics_of_hidden_values": OFF + "alter table marts.dim_investor alter column name "
    "set statistics 100; analyze marts.dim_investor",
    "index_starts_with_tenant": "create table marts.big as select 1 as tenant_id, n "
    "from generate_series(1, 110000) n; analyze marts.big",
    "readers_own_something": OFF + "alter table marts.dim_vehicle owner to gp_reader",
    "signing_key_age": "update authn.signing_key set not_before = now() - interval '80 days'",
}  # fmt: skip
NOT_PROVOKED = {"server_release", "trusted_connections"}
"""Facts of the server, not of a database: the first is shown by its floors, the second by pg_hba alone."""


def test_a_healthy_warehouse_has_no_finding(world: World) -> None:
    assert [f for f in lint(world.database) if f.lint != "trusted_connections"] == []


def test_every_lint_is_provoked_here() -> None:
    assert {path.stem for path in LINTS.glob("*.sql")} == set(FAULTS) | NOT_PROVOKED


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_lint_finds_its_fault_and_says_what_to_do(scratch: World, name: str) -> None:
    with scratch.admin() as admin:
        for statement in FAULTS[name].split("; "):
            if statement.strip():
                admin.execute(statement)
    found = [finding for finding in lint(scratch.database) if finding.lint == name]
    assert found, name
    assert all(
        finding.level in ("error", "warning") and finding.problem and finding.remedy for finding in found
    )


def test_the_lint_of_releases_has_the_floors_of_set_up() -> None:
    text = (LINTS / "server_release.sql").read_text()
    for major, minor in MINOR_FLOORS.items():
        assert f"when {major} then {major}{minor:04d}" in text
