"""Off-boarding: nothing of the tenant is left but its audit log, nothing of another is touched."""

from collections.abc import Iterator

import psycopg
import pytest

from capstan.cli import main
from capstan.offboarding import off_board
from ingestion.landing import content_digest, landed_path
from ingestion.loading import ingest
from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.test_cli import url_of
from warehouse import audit, isolation, offboarding, roles, users
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.errors import AccessDenied, InvalidTenant, TenantNotFound
from warehouse.sessions import Sessions, viewer_for
from warehouse.tenants import Tenant, add_tenant, get_tenant, list_tenants

INVESTORS = "investor_id,name,email\nann,Ann,ann@lp.example\n"
VEHICLES = "vehicle_id,name,kind,currency_code,status\nfund,Fund of {},fund,USD,active\n"
FLOWS = (
    "transaction_id,vehicle_id,investor_id,kind,amount,currency_code,effective_on\n"
    "t1,fund,ann,contribution,100,USD,2020-03-01\nt2,fund,ann,nonsense,1,USD,2020-03-01\n"
)


@pytest.fixture(scope="module")
def world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """`leaving` and `staying` with the same ids and files; `own`, the same with a schema of its own."""
    tmp_path = tmp_path_factory.mktemp("offboarding")
    home = cluster.folder / "offboarding" / tmp_path.name
    with clone(cluster, home, deployed=True) as database:
        for slug in ("leaving", "staying", "own"):
            kind = "schema" if slug == "own" else "shared"
            add_tenant(database, slug, name=slug.title(), kind="manager", currency_code="USD", isolation=kind)
            paths = []
            for stream, text in (
                ("investors", INVESTORS), ("vehicles", VEHICLES.format(slug)), ("transactions", FLOWS),
            ):  # fmt: skip
                paths.append(tmp_path / slug / f"{stream}.csv")
                paths[-1].parent.mkdir(exist_ok=True)
                paths[-1].write_text(text)
            ingest(database, slug, "capstan", paths)
            users.add_user(database, f"office@{slug}.example", tenant=slug, role="manager")
            users.add_user(database, "both@lp.example", tenant=slug, role="lp", investor_ids=["ann"])
            for name in ("mail", "inbox"):
                (home / name / (slug if name == "inbox" else "")).mkdir(parents=True, exist_ok=True)
            (home / "mail" / f"{slug}_lp-statement_2020Q1_1.eml").write_text("To: ann")
            (home / "inbox" / slug / "waiting.csv").write_text(INVESTORS)
        dbt_runner.refresh(database)
        yield database


def _cut(*_: object) -> None:
    raise KeyboardInterrupt


def kept(database: Database, tenant: Tenant) -> dict[str, int]:
    return offboarding.left_over(database, tenant.tenant_id)


def test_nothing_of_the_tenant_is_left_and_nothing_of_another_is_touched(
    world: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    leaving, staying = get_tenant(world, "leaving"), get_tenant(world, "staying")
    before = kept(world, staying)
    assert kept(world, leaving) == before  # the tenants are alike: each table below was full
    assert {"raw.capstan__transactions", "raw.quarantine", "marts.fct_cash_flows", "control.membership"} <= {
        *before
    }
    assert any(table.endswith("_versions") for table in before)
    monkeypatch.setenv("CAPSTAN_HOME", str(world.home))
    monkeypatch.setenv("DATABASE_URL", url_of(world))
    assert main(["tenant", "offboard", "leaving", "--confirm", "staying"]) == 2
    assert kept(world, leaving) == before
    for step in ("remove", "_delete_rows"):  # cut short there, it is closed already; the same command ends it
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(offboarding, step, _cut)
            off_board(world, "leaving")
        with pytest.raises(AccessDenied):
            viewer_for(world, "office@leaving.example", "leaving")
        with pytest.raises(AccessDenied), loader_transaction(world, leaving):
            pass
    assert main(["tenant", "offboard", "leaving", "--confirm", "leaving"]) == 0
    assert f"{sum(before.values())} rows" in capsys.readouterr().err

    assert kept(world, leaving) == {}
    assert kept(world, staying) == before
    with pytest.raises(TenantNotFound):
        get_tenant(world, "leaving")
    assert "leaving" not in {tenant.slug for tenant in list_tenants(world)}
    for path in ("lake", "inbox"):
        left = {folder.name for folder in (world.home / path).iterdir()}
        assert "staying" in left and "leaving" not in left
    mails = {path.name.split("_")[0] for path in (world.home / "mail").iterdir()}
    assert "staying" in mails and "leaving" not in mails
    shared, alone = (content_digest(text.encode()) for text in (INVESTORS, VEHICLES.format("leaving")))
    assert landed_path(world.home, shared).exists() and not landed_path(world.home, alone).exists()
    actions = [event.action for event in audit.events(world, leaving.tenant_id)]
    assert actions.count("tenant.offboarded") == 1
    assert audit.verify(world, leaving.tenant_id) == []

    people = {row.email for row in users.list_users(world)}
    assert {"office@staying.example", "both@lp.example"} <= people
    assert "office@leaving.example" not in people
    with pytest.raises(AccessDenied):
        viewer_for(world, "both@lp.example", "leaving")
    again = add_tenant(world, "leaving", name="Another", kind="company", currency_code="EUR")
    assert again.tenant_id != leaving.tenant_id
    assert dbt_runner.refresh(world) == []


def test_a_schema_of_its_own_goes_with_its_readers_and_their_passwords(world: Database) -> None:
    own = get_tenant(world, "own")
    served = isolation.served_schema(world, own.tenant_id)
    viewer = viewer_for(world, "office@own.example", "own")
    with Sessions(world) as sessions:
        with sessions.read(viewer) as reader:
            assert reader.rows("select * from fct_cash_flows")
        off_board(world, "own")
        with pytest.raises(AccessDenied), sessions.read(viewer):
            pass
    with world.connect(roles.ADMIN) as connection:
        names = [served.schema_name, served.gp_role, served.lp_role]
        assert not connection.execute(
            "select nspname from pg_namespace where nspname = any(%(n)s) union all "
            "select rolname from pg_roles where rolname = any(%(n)s) union all "
            "select nspname from guard.assigned_schema where nspname = any(%(n)s) union all "
            "select schema_name from authn.served_schema where schema_name = any(%(n)s)",
            {"n": names},
        ).fetchall()
        assert connection.execute("select * from guard.violation").fetchall() == []
    assert not [name for name in names if (world.secrets_dir / name).exists()]
    assert kept(world, own) == {}
    assert dbt_runner.refresh(world, ["staying"]) == ["staying"]


def test_it_waits_for_a_load_that_is_under_way_and_the_platform_cannot_leave(world: Database) -> None:
    staying = get_tenant(world, "staying")
    with world.connect(roles.LOADER) as loading, world.connect(roles.ADMIN) as admin:
        loading.execute(
            "select pg_advisory_xact_lock(hashtextextended('capstan load ' || %s::text, 0))",
            (staying.tenant_id,),
        )
        admin.execute("set lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            offboarding._keep_out(admin, staying.tenant_id)
    with pytest.raises(InvalidTenant, match="cannot leave"):
        off_board(world, "platform")
