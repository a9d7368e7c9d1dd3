"""The second computation against the marts: random books agree in every number, a wrong number is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ingestion.loading import ingest
from orchestration.lib import dbt_runner
from orchestration.lib.oracle.comparison import (
    Numbers,
    Verdict,
    compare,
    computed_again,
    published,
    verdict,
)
from tests.conftest import Cluster, clone
from tests.integration import oracle_markets, oracle_world
from warehouse import roles, viewer_currencies
from warehouse.database import Database
from warehouse.sessions import viewer_for
from warehouse.tenants import add_tenant
from warehouse.users import add_user

BOOKS = {"alder": 11, "birch": 12}
MARTS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"
NUMERIC = ("numeric", "double precision", "integer", "bigint", "double precision[]")
PLACES = frozenset(("tenant_id", "source_row", "line_order", "stage_order"))
"""Whose a row is, where it came from and where it stands in its template: no figures."""
AS_TOLD = (
    "dim_vehicle.target_amount", "dim_vehicle.hard_cap_amount", "dim_vehicle.vintage_year",
    "fct_investor_performance.vintage_year", "fct_vehicle_performance.vintage_year", "fct_cash_flows.amount",
    "fct_valuations.nav_amount", "fct_commitments.amount", "fct_stage_transitions.amount",
    "rpt_unassigned_amounts.amount",
)  # fmt: skip
AS_PUBLISHED = ("opening_amount", "late_corrections_amount", "method_amount")
NOT_COMPUTED = {
    **dict.fromkeys(AS_TOLD, "as the source told it"),
    **{
        f"rpt_value_bridge.{part}": "what was published only the history of publications knows; "
        "what the three come to is compared, for exchange rates balance the bridge"
        for part in AS_PUBLISHED
    },
    "rpt_ilpa_supplemental_calculations.rate": "as the agreement told it",
    "rpt_pacing.year": "names the row; the day that the year ends on is compared",
    "rpt_pacing.years_passed": "names the row",
    "metric_values.value": "compared metric by metric",
}


@pytest.fixture(scope="module")
def world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("books")
    with clone(cluster, tmp_path_factory.mktemp("oracle") / "home", deployed=True) as database:
        load(database, "platform", oracle_markets.market_rows(), folder / "platform")
        for slug, seed in BOOKS.items():
            add_tenant(database, slug, name=slug.title(), kind="manager", currency_code="USD")
            load(database, slug, oracle_world.book_rows(seed, vehicles=20), folder / slug)
        add_user(database, "m@alder.example", tenant="alder", role="manager")
        chooser = viewer_for(database, "m@alder.example", "alder")
        viewer_currencies.choose(database, chooser, "GBP", is_told=False)
        dbt_runner.refresh(database, None)
        yield database


@pytest.fixture(scope="module")
def again(world: Database) -> dict[str, Numbers]:
    """Each tenant's numbers from its files."""
    return {slug: computed_again(world, slug) for slug in BOOKS}


def load(database: Database, slug: str, rows: oracle_world.Rows, folder: Path) -> None:
    for stream, path in oracle_world.write(rows, folder).items():
        (result,) = ingest(database, slug, "capstan", [path], stream=stream)
        assert (result.status, result.quarantined) == ("loaded", 0), (stream, result.reasons)


def told(found: Verdict) -> list[dict[str, object]]:
    return [item.as_json() for item in found.disagreements[:5]]


@pytest.mark.parametrize("slug", BOOKS)
def test_every_number_of_a_random_book_is_computed_alike_twice(
    world: Database, again: dict[str, Numbers], slug: str
) -> None:
    found = compare(published(world, slug, again[slug].tables), again[slug])
    assert found.agrees, (len(found.disagreements), told(found))
    assert sum(found.compared.values()) > 100_000


def test_every_numeric_column_of_the_public_marts_is_computed_twice_or_says_why_not(
    world: Database, again: dict[str, Numbers]
) -> None:
    """A column that no book has a number in would agree without proving anything: it counts as missing."""
    proven = {
        f"{table.mart}.{column}"
        for numbers in again.values()
        for table in numbers.tables
        for column in table.columns
        if any(row[column] is not None for row in table.rows.values())
    }
    columns = set()
    for folder in ("portfolio", "commitments", "funnel", "ilpa"):
        for path in sorted((MARTS / folder).glob("*.yml")):
            for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
                columns |= {
                    f"{model['name']}.{column['name']}"
                    for column in model["columns"]
                    if column["data_type"] in NUMERIC and column["name"] not in PLACES
                }
    assert columns - proven - NOT_COMPUTED.keys() == set()
    assert NOT_COMPUTED.keys() - columns == set(), "a reason for a column that is no more"
    assert NOT_COMPUTED.keys() & proven == set(), "a reason for a column that is computed twice"


def test_random_books_meet_every_status(world: Database) -> None:
    with world.connect(roles.DBT_BUILDER) as connection:
        met = {
            column: {
                value for (value,) in connection.execute(f"select distinct {column} from {mart}").fetchall()
            }
            for column, mart in (
                ("nav_status", "marts.fct_investor_performance"),
                ("irr_status", "marts.fct_investor_performance"),
                ("fx_status", "marts.rpt_portfolio_in_currency"),
                ("pme_status", "marts.fct_investor_performance"),
                ("unfunded_status", "marts.fct_vehicle_performance"),
            )
        }
    assert met["nav_status"] == {"reported", "rolled", "missing", "refused", "closed"}
    assert met["fx_status"] == {"ok", "missing_rate"}
    assert met["irr_status"] >= {"ok", "out_of_range", "no_flows", "no_sign_change", "total_loss", None}
    assert met["pme_status"] >= {"ok", "no_benchmark", "missing_level", "missing_nav", "no_flows"}
    assert met["unfunded_status"] == {"ok", "no_commitment", "missing_rate"}


def test_where_only_the_rate_of_a_draw_is_missing_the_figure_without_the_line_is_unknown_and_says_why(
    world: Database,
) -> None:
    """METRICS A, Currency. What was called has a rate, so the figures with the line stand."""
    with world.connect(roles.DBT_BUILDER) as connection:
        for mart in ("fct_investor_performance", "fct_vehicle_performance"):
            rows = connection.execute(
                "select contributed_amount, tvpi_without_facility, irr_without_facility, tvpi, "
                f"fx_status, fx_reason from marts.{mart} where vehicle_id = 'drawn' and as_of = '2018-09-30'"
            ).fetchall()
            assert len(rows) == len(BOOKS)
            for called, multiple, rate, with_line, status, reason in rows:
                assert called > 0 and with_line > 1
                assert (multiple, rate, status) == (None, None, "missing_rate")
                assert "from USD to EUR on 2018-05-16" in reason
        (paid,) = connection.execute(
            "select array_agg(distinct amount) from marts.fct_ilpa_cash_flows where vehicle_id = 'drawn' "
            "and transaction_type like '%facility_draw'"
        ).fetchone()  # type: ignore[misc]
    assert paid == [None], "the template's flow at the draw is told at the rate of its own day too"


def test_a_cost_that_no_known_commitments_share_is_nobodys(world: Database) -> None:
    """One of two promises is in francs, for which there is no rate: the other one must not bear all of it."""
    with world.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(
            "select distinct investor_id, amount from marts.fct_ilpa_amounts where vehicle_id = 'francs'"
        ).fetchall()
        listed = connection.execute(
            "select distinct reason from marts.rpt_unassigned_amounts where vehicle_id = 'francs'"
        ).fetchall()
    assert rows == [(None, -10)]
    assert listed == [("no_commitment_to_share_by",)]


WRONG = {
    "metric_values": (
        "value", "value * (1 + 1e-8)", "metric = 'tvpi' and entity_type = 'vehicle'",
        ("metric", "entity_type", "entity_id", "as_of", "vehicle_id"),
    ),
    "fct_ilpa_nav_reconciliation": (
        "investor_itd_amount", "investor_itd_amount + 0.01", "line = 'total_flows'",
        ("vehicle_id", "investor_id", "period_end", "line"),
    ),
}  # fmt: skip
"""Mart -> a column, what is done to it, where, and the key of its rows."""


def test_a_wrong_number_in_a_mart_is_named(world: Database) -> None:
    """By one part in a hundred million, and by a cent."""
    right = {}
    of_alder = "tenant_id = (select tenant_id from control.tenant where slug = 'alder')"
    with world.connect(roles.ADMIN) as connection:
        for mart, (column, change, where, key) in WRONG.items():
            names = ", ".join(key)
            *place, value = connection.execute(
                f"select {names}, {column} from marts.{mart} where {of_alder} and {where} and {column} <> 0 "
                f"order by {names} limit 1"
            ).fetchone()  # type: ignore[misc]
            row = f"{of_alder} and ({names}) = ({', '.join(['%s'] * len(key))})"
            right[mart] = (f"update marts.{mart} set {column} = %s where {row}", [value, *place])
            changed = connection.execute(f"update marts.{mart} set {column} = {change} where {row}", place)
            assert changed.rowcount == 1
    try:
        differing = verdict(world, "alder").disagreements
    finally:
        with world.connect(roles.ADMIN) as connection:
            for statement, values in right.values():
                connection.execute(statement, values)
    assert [item.question.metric for item in differing] == [
        "fct_ilpa_nav_reconciliation.investor_itd_amount", "tvpi",
    ]  # fmt: skip
    named = [item.as_json() for item in differing]
    assert named[0]["entity_id"].endswith("line=total_flows") and named[1]["entity_type"] == "vehicle"


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
