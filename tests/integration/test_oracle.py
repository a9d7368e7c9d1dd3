"""The second computation against the marts: random books agree in every number, a wrong number is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.rows import dict_row

from ingestion.loading import ingest
from orchestration.lib import dbt_runner
from orchestration.lib.oracle.answers import portfolios_told_in
from orchestration.lib.oracle.comparison import Verdict, compare, verdict
from orchestration.lib.oracle.lake_book import read_book
from orchestration.lib.oracle.questions import Answer
from tests.conftest import Cluster, clone
from tests.integration import oracle_world
from warehouse import roles, viewer_currencies
from warehouse.database import Database
from warehouse.sessions import viewer_for
from warehouse.tenants import add_tenant
from warehouse.users import add_user

BOOKS = {"alder": 11, "birch": 12}


@pytest.fixture(scope="module")
def world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("books")
    with clone(cluster, tmp_path_factory.mktemp("oracle") / "home", deployed=True) as database:
        load(database, "platform", oracle_world.market_rows(), folder / "platform")
        for slug, seed in BOOKS.items():
            add_tenant(database, slug, name=slug.title(), kind="manager", currency_code="USD")
            load(database, slug, oracle_world.book_rows(seed, vehicles=24), folder / slug)
        add_user(database, "m@alder.example", tenant="alder", role="manager")
        chooser = viewer_for(database, "m@alder.example", "alder")
        viewer_currencies.choose(database, chooser, "GBP", is_told=False)
        dbt_runner.refresh(database, None)
        yield database


def load(database: Database, slug: str, rows: oracle_world.Rows, folder: Path) -> None:
    for stream, path in oracle_world.write(rows, folder).items():
        (result,) = ingest(database, slug, "capstan", [path], stream=stream)
        assert (result.status, result.quarantined) == ("loaded", 0), (stream, result.reasons)


def told(found: Verdict) -> list[dict[str, object]]:
    return [item.as_json() for item in found.disagreements[:5]]


@pytest.mark.parametrize("slug", BOOKS)
def test_every_number_of_a_random_book_is_computed_alike_twice(world: Database, slug: str) -> None:
    found = verdict(world, slug)
    assert found.agrees, (len(found.disagreements), told(found))
    assert sum(found.compared.values()) > 10_000


@pytest.mark.parametrize("slug", BOOKS)
def test_every_portfolio_is_told_alike_twice_in_each_of_its_currencies(world: Database, slug: str) -> None:
    with world.connect(roles.DBT_BUILDER) as connection:
        rows = (
            connection.cursor(row_factory=dict_row)
            .execute(
                "select p.* from marts.rpt_portfolio_in_currency p join control.tenant t using (tenant_id) "
                "where t.slug = %s",
                (slug,),
            )
            .fetchall()
        )
    book = read_book(world, slug)
    told_in = {row["currency_code"] for row in rows}
    assert told_in == {"EUR", "USD", "GBP"}
    for currency in sorted(told_in):
        computed = portfolios_told_in(book, currency)
        mine = [row for row in rows if row["currency_code"] == currency]
        asked = {(question.entity_id, question.as_of) for question in computed}
        assert {(row["investor_id"], row["as_of"]) for row in mine} <= asked
        published = {
            question: Answer(row[question.metric], answer.unit, answer.status)
            for row in mine
            for question, answer in computed.items()
            if (question.entity_id, question.as_of) == (row["investor_id"], row["as_of"])
        }
        found = compare(published, {question: computed[question] for question in published})
        assert found.agrees, (currency, len(found.disagreements), told(found))
        assert len(published) > 500
        assert {row["fx_status"] for row in mine} == {"ok", "missing_rate"}


def test_random_books_meet_every_status(world: Database) -> None:
    with world.connect(roles.DBT_BUILDER) as connection:
        met = {
            column: {
                value for (value,) in connection.execute(f"select distinct {column} from {mart}").fetchall()
            }
            for column, mart in (
                ("nav_status", "marts.fct_investor_performance"),
                ("irr_status", "marts.fct_investor_performance"),
                ("fx_status", "marts.fct_vehicle_performance"),
                ("pme_status", "marts.fct_investor_performance"),
            )
        }
    assert met["nav_status"] == {"reported", "rolled", "missing", "refused", "closed"}
    assert met["fx_status"] == {"ok", "missing_rate"}
    assert met["irr_status"] >= {"ok", "out_of_range", "no_flows", "no_sign_change", "total_loss", None}
    assert met["pme_status"] >= {"ok", "no_benchmark", "missing_level", "missing_nav", "no_flows"}


def test_a_wrong_number_in_a_mart_is_named(world: Database) -> None:
    where = (
        "where tenant_id = (select tenant_id from control.tenant where slug = 'alder') and metric = 'tvpi' "
        "and entity_type = 'vehicle' and value is not null "
        "and (entity_id, as_of) = (select entity_id, max(as_of) from marts.metric_values "
        "where tenant_id = (select tenant_id from control.tenant where slug = 'alder') and metric = 'tvpi' "
        "and entity_type = 'vehicle' and value is not null group by 1 order by 1 limit 1)"
    )
    change = f"update marts.metric_values set value = value * %s {where} returning entity_id"
    with world.connect(roles.ADMIN) as connection:
        assert len(connection.execute(change, (1 + 1e-8,)).fetchall()) == 1
    try:
        (difference,) = verdict(world, "alder").disagreements
    finally:
        with world.connect(roles.ADMIN) as connection:
            connection.execute(change, (1 / (1 + 1e-8),))
    assert (difference.question.metric, difference.question.entity_type) == ("tvpi", "vehicle")
    assert verdict(world, "birch").agrees


IDENTITIES = {
    "TVPI is DPI and RVPI": """
        select abs(tvpi - (dpi + rvpi)) <= 1e-12 * greatest(abs(tvpi), 1) as holds
        from (
            select dpi, rvpi, tvpi from marts.fct_investor_performance
            union all
            select dpi, rvpi, tvpi from marts.fct_vehicle_performance
        ) as told where tvpi is not null
    """,
    "investors are the vehicle": """
        select
            v.contributed_amount = sum(i.contributed_amount)
            and v.distributed_amount = sum(i.distributed_amount)
            and coalesce(v.nav_amount = sum(i.nav_amount) or count(i.nav_amount) < count(*), true) as holds
        from marts.fct_vehicle_performance as v
        inner join marts.fct_investor_performance as i using (tenant_id, vehicle_id, as_of)
        where v.fx_status = 'ok' and not exists (
            select from marts.fct_vehicle_flows as f
            where (f.tenant_id, f.vehicle_id) = (v.tenant_id, v.vehicle_id) and f.is_performance_flow
        )
        group by v.tenant_id, v.vehicle_id, v.as_of, v.contributed_amount, v.distributed_amount, v.nav_amount
    """,
    "an account foots": """
        select
            opening_amount + contributions_amount - distributions_amount - fees_amount + gain_amount
            = closing_amount as holds
        from marts.fct_capital_account where opening_amount is not null and closing_amount is not null
    """,
    "an account opens where it closed": """
        select opening_amount = before as holds
        from (
            select *, lag(closing_amount) over (
                partition by tenant_id, vehicle_id, investor_id order by quarter
            ) as before
            from marts.fct_capital_account
        ) as a where opening_amount is not null and before is not null
    """,
    "parts of a bridge are the change": """
        select
            late_corrections_amount + method_amount + contributions_amount - distributions_amount
            - fees_amount + fx_amount + gain_amount = closing_amount - opening_amount as holds
        from marts.rpt_value_bridge where gain_amount is not null
    """,
}


@pytest.mark.parametrize("identity", IDENTITIES)
def test_an_identity_holds_in_every_row_of_random_books(world: Database, identity: str) -> None:
    with world.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(f"select count(*), bool_and(holds) from ({IDENTITIES[identity]}) as asked")
        assert (found := rows.fetchone()) is not None
    assert found[0] > 50, "rows enough to prove it"
    assert found[1] is True
