"""Published answers the way a user gets them: canonical CSV files in, `capstan query` out.

Printed precision counts. Where a published answer is wrong, the recomputed one is expected; figures and their
sources are in tests/data/finance.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from capstan.cli import main
from ingestion.loading import ingest
from orchestration.lib import dbt_runner
from reporting.presentation.metric_register import metric, metrics
from tests.conftest import Cluster, clone
from tests.integration import example_files, golden_cases, oracle_world
from tests.integration.examples_as_queries import all_asks
from tests.integration.test_cli import url_of
from tests.integration.test_finance_rounds import named_figures
from tests.integration.test_finance_worked_examples import expected
from warehouse.database import Database
from warehouse.explanations import IDS, MetricText, explain
from warehouse.known_at import KnownAt
from warehouse.sessions import Sessions, viewer_for
from warehouse.tenants import add_tenant
from warehouse.users import add_user

SLUG, LP, MANAGER = "examples", "lp@examples.example", "manager@examples.example"
KINDS = {"examples": "manager", "company": "company"}
"""The tenants of golden cases: a company's own clock is not moved by what a fund does later."""
Query = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def books(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with clone(cluster, tmp_path_factory.mktemp("examples") / "home", deployed=True) as database:
        for slug, kind in KINDS.items():
            add_tenant(database, slug, name=slug.title(), kind=kind, currency_code="USD")
            add_user(database, f"manager@{slug}.example", tenant=slug, role="manager")
        add_user(database, LP, tenant=SLUG, role="lp", investor_ids=["lp"])
        examples = example_files.rows()
        golden = {slug: golden_cases.deliveries(slug) for slug in ("platform", *KINDS)}
        golden["platform"][0]["index_levels"] += examples.pop("index_levels")
        for stream, rows in examples.items():
            golden[SLUG][0][stream] += rows
        for number in (0, 1):
            for slug, parts in golden.items():
                _deliver(database, slug, parts[number], tmp_path_factory.mktemp(f"{slug}-{number}"))
            dbt_runner.refresh(database)
        yield database


def _deliver(database: Database, slug: str, rows: dict[str, list[dict[str, Any]]], folder: Path) -> None:
    files = list(oracle_world.write(rows, folder).values())
    results = ingest(database, slug, "capstan", files) if files else []
    assert {(item.status, item.quarantined) for item in results} <= {("loaded", 0)}, results


@pytest.fixture
def query(books: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Query:
    """`capstan query` as somebody, its rows by column."""
    monkeypatch.setenv("CAPSTAN_HOME", str(books.home))
    monkeypatch.setenv("DATABASE_URL", url_of(books))

    def ask(sql: str, email: str = LP, slug: str = SLUG) -> list[dict[str, Any]]:
        capsys.readouterr()
        assert main(["query", slug, "--as", email, "--format", "json", sql]) == 0
        answer = json.loads(capsys.readouterr().out)
        return list(answer["rows"] if isinstance(answer, dict) else answer)

    return ask


def test_an_lp_reads_the_rate_of_every_example_or_why_there_is_none(query: Query) -> None:
    found = {
        row["vehicle_id"]: row
        for row in query(
            "select vehicle_id, irr, irr_status, irr_roots from fct_investor_performance where is_latest"
        )
    }
    for example in example_files.RATES:
        if not example["flows"]:
            assert example["id"] not in found, "nobody has a position without flow, value or promise"
            continue
        status, headline = expected(example)
        row = found[example["id"]]
        assert row["irr_status"] == status, example["id"]
        assert row["irr_roots"] == pytest.approx(example["irr_roots"], rel=5e-6, abs=2e-9), example["id"]
        rate = None if headline is None else pytest.approx(headline, rel=5e-6, abs=2e-9)
        assert row["irr"] == rate, example["id"]


@pytest.mark.parametrize("example", example_files.MULTIPLES, ids=lambda item: item["id"])
def test_an_lp_reads_the_multiples_of_an_example(query: Query, example: dict[str, Any]) -> None:
    names = list(example["recomputed"])
    (row,) = query(
        f"select {', '.join(names)} from fct_investor_performance "
        f"where is_latest and vehicle_id = '{example['id']}-multiple'"
    )
    for name in names:
        # inputs are printed to six decimals, so the eighth digit of a ratio is the last that they can give
        assert float(row[name]) == pytest.approx(example["recomputed"][name], rel=1e-8), name


@pytest.mark.parametrize("example", example_files.COMPARISONS, ids=lambda item: item["id"])
def test_an_lp_reads_the_comparison_with_the_market(query: Query, example: dict[str, Any]) -> None:
    columns = {
        "ks_pme": "ks_pme",
        "irr": "irr",
        "fund_irr": "irr",
        "direct_alpha": "exp(direct_alpha) - 1",
        "ln_pme_irr": "ln_pme",
        "pme_plus_irr": "pme_plus",
        "mpme_irr": "mpme",
        "lambda": "pme_plus_scale",
        "s": "pme_plus_scale",
    }
    answers = {name: number for name, number in example["recomputed"].items() if name in columns}
    if example["id"] == "pme-insead-plus":
        answers["pme_plus_irr"] = answers.pop("irr")  # the source's `irr` is that of the scaled flows
    chosen = ", ".join(f'{columns[name]} as "{name}"' for name in answers)
    (row,) = query(
        f"select {chosen} from fct_investor_benchmarks where is_latest and vehicle_id = '{example['id']}'"
    )
    for name, number in answers.items():
        assert row[name] == pytest.approx(number, rel=1e-9, abs=1e-11), name


@pytest.mark.parametrize("example", example_files.FUNNELS, ids=lambda item: item["id"])
def test_a_manager_reads_the_figures_of_a_round(query: Query, example: dict[str, Any]) -> None:
    names = list(example["recomputed"])
    mart = example.get("mart", "rpt_round_velocity")
    stage = f"and stage = '{example['stage']}'" if "stage" in example else ""
    (row,) = query(
        f"select {', '.join(names)} from {mart} where vehicle_id = '{example['id']}' {stage}", MANAGER
    )
    for name in names:
        assert float(row[name]) == pytest.approx(example["recomputed"][name], rel=1e-10), name


@pytest.mark.parametrize("example", example_files.figures("day_count"), ids=lambda item: item["id"])
def test_a_rate_by_another_day_count_solves_its_flows(query: Query, example: dict[str, Any]) -> None:
    """The product's own rate is ACT/365; one by another count makes the value zero with its functions."""
    flows = ", ".join(f"(date '{day}', {amount})" for day, amount in example["inputs"]["flows"])
    digits = len(f"{abs(example['published']):.15f}".rstrip("0").split(".")[1])
    step = max(10.0**-digits, 1e-9)
    years = f"({example['inputs']['years']})::float8"
    low, high = (f"power({1 + example['published'] + side!r}::float8, -{years})" for side in (-step, step))
    (row,) = query(
        f"""
        select sum(amount * {low}) as below, sum(amount * {high}) as above
        from (select *, min(on_date) over () as first from (values {flows}) as v (on_date, amount)) as f
        """
    )
    assert row["below"] * row["above"] < 0, "the value changes its sign within the printed precision"


def test_an_lp_passes_its_flows_through_the_tiers_of_a_waterfall(query: Query) -> None:
    terms = {item["id"]: item["terms"] for item in example_files.WATERFALLS}
    found = {
        row["vehicle_id"]: row
        for row in query(
            f"""
            select f.vehicle_id, (finance.waterfall(f.amount, f.effective_on, t.terms)).*
            from fct_cash_flows as f
            inner join jsonb_each('{json.dumps(terms)}') as t (vehicle_id, terms)
                on f.vehicle_id = t.vehicle_id
            group by f.vehicle_id
            """
        )
    }
    for item in example_files.WATERFALLS:
        for name, number in item["expected"].items():
            assert float(found[item["id"]][name]) == float(number), (item["id"], name)


def test_whatever_is_no_column_of_a_mart_is_one_statement_over_marts_and_functions(query: Query) -> None:
    asks = all_asks()
    parts = [
        f"select '{key}' as id, (select to_jsonb(x) from ({sql}) as x) as answer"
        for key, (sql, _) in asks.items()
    ]
    answers = {row["id"]: row["answer"] for row in query(" union all ".join(parts), MANAGER)}
    for key, (_, wanted) in asks.items():
        found = answers[key]
        if "round" in found:
            found = named_figures(found["round"], found["cap_table"])
        for name, value in wanted.items():
            if not isinstance(value, str | None):
                # recomputed answers are given to twelve digits
                value = pytest.approx(value, rel=5e-12, abs=1e-9)
            assert found[name] == value, (key, name)


@pytest.mark.parametrize("slug", KINDS)
def test_every_golden_case_of_the_register_is_met_where_it_is_served(query: Query, slug: str) -> None:
    asked = [answer for answer in golden_cases.answers() if answer.tenant == slug]
    parts = []
    for number, answer in enumerate(asked):
        (column,) = answer.columns
        parts.append(
            f"select {number} as number, array_agg({column}::text) as found "
            f"from {answer.mart} where {answer.condition}"
        )
    rows = query(" union all ".join(parts) + " order by 1", f"manager@{slug}.example", slug)
    faults = []
    for answer, row in zip(asked, rows, strict=True):
        told = f"{answer.case}: {answer.metric} in {answer.mart} where {answer.condition}"
        if row["found"] is None or len(row["found"]) != 1:
            faults.append(f"{told}: {row['found']} instead of one row")
            continue
        (found,) = row["found"]
        if not answer.is_met_by(None if found is None else Decimal(found), metric(answer.metric).unit):
            faults.append(f"{told}: {found}, must be {answer.value}")
    assert not faults, "\n".join(faults)


def test_an_answer_is_met_to_the_cent_or_the_ninth_digit_and_no_further() -> None:
    said = {
        answer.metric: answer
        for answer in golden_cases.answers()
        if answer.case == "ilpa-derived-dpi-recallable"
    }
    nav, netted, none = said["nav_amount"], said["dpi_netted"], said["tvpi"]
    assert nav.is_met_by(Decimal("45673600.005"), "money")
    assert not nav.is_met_by(Decimal("45673600.01"), "money") and not nav.is_met_by(None, "money")
    assert none.is_met_by(None, "multiple") and not none.is_met_by(Decimal(0), "multiple")
    assert netted.is_met_by(Decimal(15) / 31, "multiple")
    assert not netted.is_met_by(Decimal("0.48387097"), "multiple")


def test_every_metric_names_the_golden_cases_that_answer_it() -> None:
    """A metric without one fails here: write a case in tests/data/golden and name it in metrics.yml."""
    cases: dict[str, dict[str, None]] = {}
    for answer in golden_cases.answers():
        cases.setdefault(answer.metric, {})[answer.case] = None
    for one in metrics():
        assert one.golden_cases, f"{one.name} has no golden case"
        assert list(one.golden_cases) == list(cases.get(one.name, ())), one.name


@pytest.mark.parametrize("slug", KINDS)
def test_golden_cases_are_explained_from_rows_that_give_them_again(books: Database, slug: str) -> None:
    explained = {
        "rpt_fee_accruals", "rpt_value_bridge", "fct_vehicle_capital_account", "fct_capital_account",
        "fct_document_views", "fct_pooled_performance", "rpt_holdings",
    }  # fmt: skip
    faults, seen = [], set()
    with (
        Sessions(books) as sessions,
        sessions.read(viewer_for(books, f"manager@{slug}.example", slug)) as reader,
    ):
        for answer in golden_cases.answers():
            (column,) = answer.columns
            if (
                answer.tenant != slug
                or answer.mart not in explained
                or answer.at.get("currency_basis") == "tenant"
            ):
                continue
            if answer.at.get("party", "total") != "total":
                continue
            about = {name: value for name, value in answer.at.items() if name in IDS}
            found = explain(
                reader, text_of(answer.metric, f"{answer.mart}.{column}"), **about, as_of=answer.as_of
            )
            seen.add(answer.mart)
            told = f"{answer.case}: {answer.metric} of {about}: {found.value}, again {found.recomputed}"
            if found.agrees is not True or not answer.is_met_by(
                None if found.recomputed is None else Decimal(found.recomputed), found.metric.unit
            ):
                faults.append(f"{told} ({found.reason})")
            if found.value and not any(row.source_file and row.row_number for row in found.inputs):
                faults.append(f"{told}: no row")
    assert not faults, "\n".join(faults)
    assert seen == ({"fct_document_views"} if slug == "company" else explained - {"fct_document_views"})


def test_a_number_as_known_then_is_explained_from_the_rows_and_rates_known_then(books: Database) -> None:
    """Asked at the instant of its own publication, when other marts of that refresh were still to come."""
    with Sessions(books) as sessions, sessions.read(viewer_for(books, MANAGER, SLUG)) as reader:
        published = reader.rows(
            "select known_from, nav_amount from fct_investor_performance_versions "
            "where investor_id = 'revised-bob' and as_of = '2020-12-31' order by known_from"
        )
        assert [row["nav_amount"] for row in published] == [160, 158]
        then = KnownAt(reader, published[0]["known_from"])
        for marts, worth, paid in ((then, 160, 615), (reader, 158, 616)):
            nav = text_of("nav_amount", "fct_investor_performance.nav_amount")
            found = explain(marts, nav, "revised", investor_id="revised-bob", as_of=date(2020, 12, 31))
            assert (found.value, found.recomputed, found.agrees) == (worth, worth, True)
            assert [row.amount for row in found.inputs if row.used_for == "value"] == [worth]
            total = text_of("contributed_amount", "rpt_investor_portfolio.contributed_amount")
            found = explain(marts, total, investor_id="revised-ann", as_of=date(2020, 12, 31))
            assert (found.value, found.recomputed, found.agrees) == (paid, paid, True)
            rate = next(
                row for row in found.inputs if row.used_for == "rate" and row.on_date == date(2020, 11, 2)
            )
            assert rate.amount == (Decimal("1.15") if marts is then else Decimal("1.16"))
        late = text_of("late_corrections_amount", "rpt_value_bridge.late_corrections_amount")
        found = explain(reader, late, "revised", investor_id="revised-bob")
        told = {
            (row.amount, "as known at" in row.label)
            for row in found.inputs
            if row.on_date == date(2020, 12, 31)
        }
        assert told == {(Decimal(160), True), (Decimal(158), False)}


def test_a_query_reads_marts_as_known_at_a_time_and_refuses_what_it_could_only_read_as_of_now(
    books: Database, query: Query, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = query("select min(known_from) as at from fct_investor_performance_versions", MANAGER)
    first = datetime.fromisoformat(row["at"]).isoformat()
    sql = """
        with recursive days (day) as (
            select date '2020-12-31' union select day + 90 from days where day < '2021-03-01'
        )
        select p.nav_amount from fct_investor_performance p join days on day = as_of
        where investor_id = 'revised-bob'
    """
    asked = ["query", SLUG, "--as", MANAGER, "--format", "json"]
    for more, worth in (([], [158, 190]), (["--known-at", first], [160])):
        capsys.readouterr()
        assert main([*asked, *more, sql]) == 0
        found = json.loads(capsys.readouterr().out)
        rows = found["rows"] if isinstance(found, dict) else found
        assert sorted(Decimal(str(row["nav_amount"])) for row in rows) == worth
    for refused in ("select * from marts.fct_investor_performance", "select * from rpt_investor_engagement"):
        assert main([*asked, refused]) == 0
        assert main([*asked, "--known-at", first, refused]) == 2
        assert "as known at a time" in capsys.readouterr().err


def text_of(name: str, place: str) -> MetricText:
    one = metric(name)
    return MetricText(one.name, one.title, one.question, one.formula, one.unit, (place,))
