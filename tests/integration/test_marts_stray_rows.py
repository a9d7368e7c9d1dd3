# ruff: noqa: E501 - rows of data read as lines
"""Rows that no book should hold but files do: they change no other number and stop no refresh."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.marts_world import World, flow, nav
from tests.integration.raw_rows import load
from warehouse.tenants import add_tenant


def holding_value(vehicle: str, on: str, amount: int) -> dict[str, object]:
    return nav(vehicle, "", on, amount, holding_id="h1")


@pytest.fixture(scope="module")
def strays(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One manager with a holding spoken of under two vehicles, flows of nobody and moves of one instant."""
    rows = {
        "vehicles": [{"vehicle_id": "owner"}, {"vehicle_id": "other"}, {"vehicle_id": "round", "kind": "priced_round"}],
        "investors": [{"investor_id": "ann"}],
        "holdings": [{"holding_id": "h1", "vehicle_id": "owner"}],
        "transactions": [
            flow(1, "owner", None, "investment", 100, "2020-02-01", holding_id="h1"),
            flow(2, "other", None, "investment", 70, "2020-02-01", holding_id="h1"),
            flow(3, "other", "ann", "contribution", 100, "2020-02-01"),
            flow(4, "other", None, "contribution", 100, "2020-02-01"),
        ],
        "valuations": [
            holding_value("owner", "2020-12-31", 110),
            holding_value("owner", "2022-12-31", 150),
            holding_value("other", "2020-12-31", 20),
            holding_value("other", "2022-12-31", 21),
            nav("other", "ann", "2022-12-31", 150),
        ],
        "stage_events": [
            {"event_id": "z", "vehicle_id": "round", "investor_id": "ann", "from_stage": "", "to_stage": "contacted", "occurred_at": "2024-01-01T10:00:00Z"},
            {"event_id": "y", "vehicle_id": "round", "investor_id": "ann", "from_stage": "contacted", "to_stage": "passed", "occurred_at": "2024-01-01T10:00:00Z"},
            {"event_id": "x", "vehicle_id": "round", "investor_id": "ann", "from_stage": "passed", "to_stage": "meeting", "occurred_at": "2024-01-01T10:00:00Z"},
        ],
    }  # fmt: skip
    with clone(cluster, tmp_path_factory.mktemp("strays") / "home", deployed=True) as database:
        tenant = add_tenant(database, "egret", name="Egret", kind="manager", currency_code="USD")
        load(database, tenant.tenant_id, rows)
        dbt_runner.refresh(database)
        yield World(database, {"egret": tenant}, {"egret": rows})


def test_a_holding_valued_under_another_vehicle_keeps_its_own_value(strays: World) -> None:
    (holding,) = strays.select("select * from marts.rpt_holdings")
    assert (holding["vehicle_id"], holding["invested_amount"], holding["nav_amount"]) == ("owner", 100, 150)
    assert holding["moic"] == 1.5
    gross = {
        row["vehicle_id"]: row["gross_moic"]
        for row in strays.select("select * from marts.fct_vehicle_performance where is_latest")
    }
    assert gross == {"owner": 1.5, "other": None}


def test_what_flows_of_nobody_bought_is_unknown_without_a_value_of_the_vehicle(strays: World) -> None:
    (vehicle,) = strays.select(
        "select * from marts.fct_vehicle_performance where vehicle_id = 'other' and is_latest"
    )
    assert vehicle["contributed_amount"] == Decimal(200)
    assert (vehicle["nav_amount"], vehicle["nav_status"], vehicle["tvpi"]) == (None, "missing", None)
    (investor,) = strays.select(
        "select * from marts.fct_investor_performance where vehicle_id = 'other' and is_latest"
    )
    assert (investor["as_of"], investor["tvpi"]) == (date(2022, 12, 31), 1.5)


def test_moves_of_one_instant_end_where_the_chain_leads(strays: World) -> None:
    rows = strays.select("select to_stage, is_current from marts.fct_stage_transitions where is_current")
    assert [row["to_stage"] for row in rows] == ["meeting"]
    stages = {row["stage"]: row for row in strays.select("select * from marts.rpt_funnel")}
    assert (stages["passed"]["entered"], stages["passed"]["passed"], stages["passed"]["open"]) == (1, 0, 1)
    assert (stages["contacted"]["advanced"], stages["contacted"]["passed"]) == (1, 0)
