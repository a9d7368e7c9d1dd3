"""The shipped mappings on real files, against answers computed elsewhere; skipped without the files."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingestion.errors import IngestionError
from ingestion.loading import ingest
from ingestion.results import BatchResult
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant

pytestmark = pytest.mark.shared


@pytest.fixture(scope="session")
def expected(shared_data: Path) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((shared_data / "expected.json").read_text(encoding="utf-8"))
    return answers


@pytest.fixture
def acme(database: Database) -> Database:
    add_tenant(database, "acme", name="Acme", kind="manager", currency_code="EUR")
    return database


def query(database: Database, sql: str, *params: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.conninfo(roles.ADMIN)) as connection:
        return connection.execute(sql, params).fetchall()


def counts(results: list[BatchResult]) -> dict[str, tuple[int, int, int, int, str]]:
    for r in results:
        assert r.accepted + r.unchanged + r.quarantined == r.read
    return {r.stream: (r.read, r.accepted, r.unchanged, r.quarantined, r.status) for r in results}


def test_the_crm_pipeline_keeps_all_its_opportunities(
    acme: Database, shared_data: Path, expected: dict[str, Any]
) -> None:
    answers = expected["crm_pipeline/maven"]
    path = shared_data / "crm_pipeline" / "maven" / "sales_pipeline.csv"
    assert counts(ingest(acme, "acme", "maven", [path])) == {
        "vehicles": (1, 1, 0, 0, "loaded"),
        "investors": (8800, 8800, 0, 0, "loaded"),
        "stage_events": (15511, 15511, 0, 0, "loaded"),
    }
    by_stage = dict(query(acme, "select to_stage, count(*) from raw.capstan__stage_events group by 1"))
    stages = answers["by_stage"]
    assert by_stage == {
        "contacted": stages["Prospecting"],
        "meeting": stages["Engaging"] + stages["Won"] + stages["Lost"],
        "committed": stages["Won"],
        "passed": stages["Lost"],
    }
    assert (
        round(by_stage["committed"] / (by_stage["committed"] + by_stage["passed"]), 6) == answers["win_rate"]
    )
    assert query(acme, "select sum(amount)::text from raw.capstan__stage_events") == [
        (answers["won_value_total"],)
    ]
    assert query(acme, "select count(distinct investor_id) from raw.capstan__stage_events") == [
        (answers["rows"],)
    ]
    undated = query(
        acme, "select distinct occurred_at::text from raw.capstan__stage_events where to_stage = 'contacted'"
    )
    assert undated == [("2017-12-31 00:00:00+00",)]
    assert {v[4] for v in counts(ingest(acme, "acme", "maven", [path])).values()} == {"unchanged"}


def test_the_exchange_rates_are_the_published_ones(
    acme: Database, shared_data: Path, expected: dict[str, Any]
) -> None:
    answers = expected["fx/ecb"]
    path = shared_data / "fx" / "eurofxref-hist.csv"
    rates = answers["rows"] * answers["currencies"] - answers["na_cells"]
    assert counts(ingest(acme, "platform", "ecb", [path])) == {"fx_rates": (rates, rates, 0, 0, "loaded")}
    for currency, day in answers["last_fixing"].items():
        last = "select max(on_date)::text from raw.capstan__fx_rates where quote_currency_code = %s"
        assert query(acme, last, currency) == [(day,)]
    usd = (
        "select rate from raw.capstan__fx_rates where quote_currency_code = 'USD' and on_date <= %s "
        "order by on_date desc limit 1"
    )
    ((rate,),) = query(acme, usd, "2020-03-15")
    assert round(Decimal(100) / rate, 6) == Decimal(
        answers["conversions"]["100 USD->EUR 2020-03-15 (Sunday)"]
    )
    assert counts(ingest(acme, "platform", "ecb", [path])) == {"fx_rates": (rates, 0, rates, 0, "unchanged")}


def test_the_index_is_a_total_return_and_stops_where_dividends_stop(
    acme: Database, shared_data: Path, expected: dict[str, Any]
) -> None:
    answers = expected["benchmarks/sp500_shiller"]
    (result,) = ingest(
        acme, "platform", "sp500_shiller", [shared_data / "benchmarks" / "sp500_shiller_monthly.csv"]
    )
    missing = answers["zero_means_missing"]["Dividend"]
    assert (result.accepted, result.quarantined) == (answers["rows"] - missing, 0)
    assert result.reasons == (f"{missing} rows of the file yield no index_levels",)
    levels = dict(query(acme, "select on_date::text, level from raw.capstan__index_levels"))
    assert max(levels) == answers["last_month_with_dividend"]
    growth = levels["2020-01-01"] / levels["2000-01-01"]
    assert round(float(growth), 6) == answers["tr_growth_2000_01_to_2020_01"]


@pytest.mark.parametrize("name", ["unordered", "30-20", "minus_0_993", "random_500"])
def test_a_cash_flow_sample_keeps_its_flows_to_the_last_digit(
    acme: Database, shared_data: Path, expected: dict[str, Any], name: str
) -> None:
    answers = expected["pe_cashflows/pyxirr_samples_dev"]["cases"][f"{name}.csv"]
    path = shared_data / "pe_cashflows" / "pyxirr_samples" / f"{name}.csv"
    found = counts(ingest(acme, "acme", "cash_flows", [path]))
    assert found["transactions"] == (answers["n"], answers["n"], 0, 0, "loaded")
    flows = query(
        acme,
        "select sum(case kind when 'contribution' then -amount else amount end) "
        "from raw.capstan__transactions where vehicle_id = %s and investor_id = %s",
        f"cash-flows-{name}",
        f"cash-flows-{name}",
    )
    lines = path.read_text().split()
    assert flows[0][0] == sum(Decimal(line.split(",")[1]) for line in lines)
    last = max(line.split(",")[0] for line in lines)
    assert query(acme, "select as_of::text, nav_amount from raw.capstan__valuations") == [(last, 0)]


def test_the_charge_of_the_stripe_fixtures_is_a_payment(acme: Database, shared_data: Path) -> None:
    found = counts(ingest(acme, "acme", "stripe", [shared_data / "stripe" / "openapi_fixtures3.json"]))
    assert found == dict.fromkeys(
        ("vehicles", "investors", "commitments", "payments"), (1, 1, 0, 0, "loaded")
    )
    payment = query(
        acme, "select commitment_id, amount::text, currency_code, status from raw.capstan__payments"
    )
    assert payment == [("stripe-ch_1PgafuB7WZ01zgkWXYmPNZs8", "1.000", "USD", "pending")]


def test_fifty_page_view_rows_are_forty_three_page_views(acme: Database, shared_data: Path) -> None:
    folder = shared_data / "view_events" / "snowplow_web_0.15.2" / "source"
    found = counts(ingest(acme, "acme", "snowplow", [folder / "snowplow_web_events.csv"]))
    assert found["views"] == (43, 43, 0, 0, "loaded")
    seconds = query(
        acme, "select duration_seconds::int, count(*) from raw.capstan__views group by 1 order by 1"
    )
    assert seconds == [(0, 41), (5, 1), (65, 1)]


def test_hostile_files_are_rejected_or_accounted_for_row_by_row(acme: Database, shared_data: Path) -> None:
    files = sorted(path for path in (shared_data / "ugly_csv").rglob("*") if path.is_file())
    assert len(files) >= 40
    for path in files:
        (result,) = ingest(acme, "acme", "capstan", [path], stream="investors")
        if path.name == "blns.json":  # an array of strings: readable, and no item is a row
            assert (result.accepted, result.unchanged, result.quarantined) == (0, 0, result.read)
            assert result.read == 515
        else:
            assert result.status == "rejected", path.name
        assert path.name in result.reasons[0]
        with pytest.raises(IngestionError, match="Which stream is in"):
            ingest(acme, "acme", "capstan", [path])


def test_hostile_files_lose_no_row_through_a_mapping(
    acme: Database, shared_data: Path, tmp_path: Path
) -> None:
    """Every row of what can be read arrives as an investor or in quarantine, whatever stands in it."""
    mapping = tmp_path / "m.sql"
    mapping.write_text(
        "-- stream: investors\nselect _row_number, _file_name || '-' || _row_number as investor_id, "
        "to_json(input)::varchar as name from input"
    )
    folder = shared_data / "ugly_csv"
    for path in [*sorted(folder.rglob("*.csv")), folder / "blns" / "blns.txt"]:
        (result,) = ingest(acme, "acme", "ugly", [path], mappings=[mapping])
        assert result.accepted + result.unchanged + result.quarantined == result.read
        if result.status == "rejected":
            assert path.name in result.reasons[0]
        else:
            assert result.accepted > 0 or path.name in ("no_header_row.csv", "dummy.csv", "simple_crlf.csv")
