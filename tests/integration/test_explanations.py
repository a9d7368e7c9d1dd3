"""Every metric of the register is explained: from rows with file and line, which give the number again."""

from collections.abc import Iterator
from datetime import date

import pytest

from orchestration.lib import dbt_runner
from reporting.presentation.metric_register import Metric, metric, metrics
from tests.conftest import Cluster, clone
from tests.integration.marts_world import World, manager_rows, platform_rows
from tests.integration.raw_rows import load
from tests.integration.test_marts_rounds import company_rows
from warehouse.errors import WarehouseError
from warehouse.explanations import IDS, Explanation, MetricText, NotExplainable, explain, no_metric
from warehouse.sessions import Reader, Sessions, viewer_for
from warehouse.tenants import add_tenant
from warehouse.users import add_user

SLUGS = ("alder", "birch")
DATES = ("quarter", "year_ends_on", "as_of")
PLACES = [(one.name, place) for one in metrics() for place in one.served_by]


@pytest.fixture(scope="module")
def world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two tenants with the same ids, each with funds, holdings and a raise; a manager and an LP each."""
    with clone(cluster, tmp_path_factory.mktemp("explained") / "home", deployed=True) as database:
        tenants = {}
        for slug, scale in zip(SLUGS, (10, 7), strict=True):
            tenants[slug] = add_tenant(database, slug, name=slug, kind="manager", currency_code="USD")
            raising = company_rows(scale)
            for name in ("commitments", "payments"):
                for row in raising[name]:
                    row["commitment_id"] = f"raise-{row['commitment_id']}"
            load(database, tenants[slug].tenant_id, manager_rows(scale))
            load(database, tenants[slug].tenant_id, raising)
            add_user(database, f"manager@{slug}.example", tenant=slug, role="manager")
            add_user(database, f"ann@{slug}.example", tenant=slug, role="lp", investor_ids=("ann",))
        load(database, 0, platform_rows())
        dbt_runner.refresh(database)
        yield World(database, tenants, {})


@pytest.fixture(scope="module")
def sessions(world: World) -> Iterator[Sessions]:
    with Sessions(world.database) as opened:
        yield opened


def text_of(one: Metric) -> MetricText:
    return MetricText(one.name, one.title, one.question, one.formula, one.unit, one.served_by)


def explained(reader: Reader, name: str, place: str, faults: list[str]) -> list[Explanation]:
    """The metric at some rows of one of its marts, those with a number first."""
    mart, column = place.split(".")
    rows = reader.rows(f"select * from {mart} order by {column} is null, {mart}::text desc limit 2")
    text = MetricText(name, name, "", "", metric(name).unit, (place,))
    found = []
    for row in rows:
        about = {one: row[one] for one in IDS if row.get(one) is not None}
        if mart in ("rpt_portfolio_in_currency", "rpt_portfolio_constant_currency"):
            about["currency_code"] = row["currency_code"]
        dated = next((row[one] for one in DATES if one in row), None)
        try:
            found.append(explain(reader, text, **about, as_of=dated))
        except WarehouseError as error:
            faults.append(f"{place} of {about} at {dated}: {error}")
            break
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_every_metric_is_explained_from_rows_that_give_it_again(
    world: World, sessions: Sessions, slug: str
) -> None:
    faults: list[str] = []
    seen: set[str] = set()
    with sessions.read(viewer_for(world.database, f"manager@{slug}.example", slug)) as reader:
        for name, place in PLACES:
            for found in explained(reader, name, place, faults):
                seen.add(name)
                of = f"{place} of {dict(found.about)} at {found.as_of}"
                if not found.agrees:
                    faults.append(
                        f"{of}: {found.value}, again {found.recomputed} ({found.reason or found.status})"
                    )
                if found.value and not found.inputs:
                    faults.append(f"{of}: no inputs")
                faults += [
                    f"{of}: {row}"
                    for row in found.inputs
                    if not row.source_file or (row.row_number is None) != (row.used_for == "setting")
                ]
    assert not faults, "\n".join(faults)
    assert len(seen) > 100


def test_a_bridge_is_explained_in_both_its_currencies_and_where_a_value_came_in_a_third(
    world: World, sessions: Sessions
) -> None:
    """Of a value that was reported in a third currency the gain is what that currency gained."""
    parts = ("opening_amount", "contributions_amount", "fx_amount", "gain_amount", "closing_amount")
    with sessions.read(viewer_for(world.database, "manager@alder.example", "alder")) as reader:
        rows = reader.rows(
            """
            select b.vehicle_id, b.investor_id, b.quarter, b.currency_code, b.currency_basis,
                   n.currency_code as reported_in
              from rpt_value_bridge b
              join dim_vehicle v using (vehicle_id)
              left join fct_valuations n
                on n.vehicle_id = b.vehicle_id and n.investor_id is not distinct from b.investor_id
               and n.as_of = b.closing_on and n.holding_id is null and n.currency_code <> v.currency_code
             where b.currency_basis = 'tenant' or n.currency_code is not null
             order by n.currency_code is null, b.fx_amount <> 0 desc nulls last, 1, 2, 3, 4
             limit 12
            """
        )
        faults, quotes = [], set()
        for row in rows:
            about = {name: row[name] for name in ("vehicle_id", "investor_id", "currency_code") if row[name]}
            for name in parts:
                text = MetricText(name, name, "", "", "money", (f"rpt_value_bridge.{name}",))
                found = explain(reader, text, **about, as_of=row["quarter"])
                quotes |= {one.label for one in found.inputs if one.used_for == "rate"}
                if not found.agrees:
                    faults.append(f"{name} of {row}: {found.value}, again {found.recomputed}")
    assert not faults, "\n".join(faults)
    assert {row["currency_basis"] for row in rows} == {"vehicle", "tenant"}
    third = [row for row in rows if row["reported_in"]]
    assert third and any(f"to {row['reported_in']} on" in label for row in third for label in quotes)


def test_an_explanation_names_no_row_of_another(world: World, sessions: Sessions) -> None:
    batches = {
        slug: {
            row["batch_id"]
            for row in world.select(
                "select batch_id from raw.batch where tenant_id in (0, %s)", world.tenants[slug].tenant_id
            )
        }
        for slug in SLUGS
    }
    assert batches["alder"] - batches["birch"], "ids collide, batches do not"
    read = 0
    for slug in SLUGS:
        with sessions.read(viewer_for(world.database, f"ann@{slug}.example", slug)) as reader:
            for one in metrics():
                for about in ({"vehicle_id": "steady"}, {"vehicle_id": "mixed"}, {}):
                    try:
                        found = explain(reader, text_of(one), about.get("vehicle_id"))
                    except NotExplainable:
                        continue
                    read += 1
                    assert found.agrees is not False, (one.name, about, found.value, found.recomputed)
                    assert {row.investor_id for row in found.inputs} <= {"ann", None}
                    assert {row.batch_id for row in found.inputs} <= batches[slug]
                    nobodys = {row.used_for for row in found.inputs if row.investor_id is None}
                    assert nobodys <= {"rate", "level"}, "the platform's quotes only"
    assert read > 100


def test_what_an_lp_may_not_see_is_refused_in_the_words_for_what_does_not_exist(
    world: World, sessions: Sessions
) -> None:
    with sessions.read(viewer_for(world.database, "ann@alder.example", "alder")) as reader:
        with pytest.raises(NotExplainable) as forbidden:
            explain(reader, text_of(metric("hhi")), "holder")
        assert str(forbidden.value) == no_metric("hhi")
        said = []
        for vehicle in ("void", "no such vehicle"):
            with pytest.raises(NotExplainable) as refused:
                explain(reader, text_of(metric("tvpi")), vehicle)
            said.append(str(refused.value).replace(vehicle, "…"))
        assert said[0] == said[1]
        with pytest.raises(NotExplainable, match="that you may see"):
            explain(reader, text_of(metric("tvpi")), "steady", investor_id="bob")


def test_a_converted_flow_names_the_quote_and_its_row(world: World, sessions: Sessions) -> None:
    with sessions.read(viewer_for(world.database, "ann@alder.example", "alder")) as reader:
        found = explain(reader, text_of(metric("contributed_amount")), "mixed", as_of=date(2021, 9, 30))
    quotes = {row.on_date: row for row in found.inputs if row.used_for == "rate"}
    rows = platform_rows()["fx_rates"]
    quote = quotes[date(2021, 1, 4)]
    assert quote.row_number and quote.amount
    named = rows[quote.row_number - 1]
    assert (named["on_date"], named["quote_currency_code"], named["rate"]) == (
        date(2021, 1, 4), "USD", quote.amount,
    )  # fmt: skip
    assert found.agrees and quote.source_file == "fx_rates.csv"
    assert round(1100 / quote.amount, 2) == round(found.value, 2)


def test_a_number_in_several_rows_is_asked_for_more_closely(world: World, sessions: Sessions) -> None:
    with (
        sessions.read(viewer_for(world.database, "manager@alder.example", "alder")) as reader,
        pytest.raises(NotExplainable, match="say also --stage"),
    ):
        explain(reader, text_of(metric("conversion_rate")), "a-round")
