# ruff: noqa: E501 - rows of data read as lines
"""What was published stays known: versions of marts, restatements and the rows that caused them."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from capstan.cli import main
from orchestration.lib import dbt_runner
from orchestration.lib.dbt_errors import ModelsFailed
from tests.integration.marts_of_two_dates import WITHOUT_A_DATE, digests, marts_of
from tests.integration.marts_world import World, flow, nav, platform_rows
from tests.integration.raw_rows import load
from tests.integration.test_cli import url_of
from tests.integration.told_twice import clock, published, restated, snapshot, two_managers, versioned
from warehouse import roles
from warehouse.explanations import MetricText, explain
from warehouse.known_at import KnownAt
from warehouse.sessions import QueryRefused, Sessions, viewer_for
from warehouse.users import add_user

pytestmark = pytest.mark.long
told_twice = two_managers

EMPTY_HERE = {
    "rpt_restatements", "rpt_restatement_causes",  # as long as no published number has changed
    "fct_ilpa_cash_flows", "rpt_ilpa_fund_performance", "rpt_ilpa_portfolio_performance",
}  # fmt: skip


def test_refreshing_without_news_writes_no_version(told_twice: World) -> None:
    alder = told_twice.tenants["alder"].tenant_id
    before = snapshot(told_twice, alder)
    assert {
        "fct_investor_performance_versions",
        "fct_capital_account_versions",
        "fct_commitments_versions",
    } <= set(before)
    assert dbt_runner.refresh(told_twice.database, ["alder"]) == ["alder"]
    assert snapshot(told_twice, alder) == before


def test_versions_are_under_the_guard_like_their_mart(told_twice: World) -> None:
    """Same policies, same readers, and the key of the mart allows one open version a row only."""
    with told_twice.database.connect(roles.ADMIN) as admin:
        assert admin.execute("select object, problem from guard.violation").fetchall() == []
        for mart in versioned(told_twice):
            rights = [
                admin.execute(
                    "select guard.policies(c.oid), c.relrowsecurity, c.relforcerowsecurity, "
                    "has_table_privilege('gp_reader', c.oid, 'select'), has_table_privilege('lp_reader', c.oid, 'select'), "
                    "has_table_privilege('lp_reader', c.oid, 'insert') "
                    "from pg_class c where c.oid = %s::regclass", (f"marts.{name}",),
                ).fetchone()
                for name in (mart, f"{mart}_versions")
            ]  # fmt: skip
            assert (
                rights[0] == rights[1] and rights[0] is not None and rights[0][1:4] == (True, True, True)
            ), mart
        with pytest.raises(psycopg.errors.UniqueViolation):
            admin.execute(
                "insert into marts.dim_vehicle_versions select v.*  from marts.dim_vehicle_versions v limit 1"
            )


def test_every_mart_of_a_portfolio_is_asked_as_of_a_date_and_as_known_at_a_time(
    told_twice: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A late correction moves what is read; as known before it, every mart says, row for row, what it said before it."""
    alder, birch = (told_twice.tenants[slug].tenant_id for slug in ("alder", "birch"))
    add_user(
        told_twice.database, "gp@alder.example", tenant="alder", role="manager", password="not-a-secret-1"
    )
    monkeypatch.setenv("CAPSTAN_HOME", str(told_twice.database.home))
    monkeypatch.setenv("DATABASE_URL", url_of(told_twice.database))
    marts = marts_of(told_twice.database.home / "dbt")
    assert {mart for mart, dated in marts.items() if dated is None} == {*WITHOUT_A_DATE}

    def ask(*known_at: str) -> dict[str, dict[str, Any]]:
        capsys.readouterr()
        assert main(["query", "alder", "--as", "gp@alder.example", "--json", *known_at, digests(marts)]) == 0
        answer = json.loads(capsys.readouterr().out)
        return {row.pop("mart"): row for row in (answer["rows"] if isinstance(answer, dict) else answer)}

    before, told = ask(), clock(told_twice)
    assert {mart for mart, said in before.items() if not said["rows"]} == EMPTY_HERE
    others = snapshot(told_twice, birch)
    load(told_twice.database, alder, {
        "transactions": [flow(1, "steady", "ann", "contribution", 4500, "2020-02-14", purpose="investments")],
    })  # fmt: skip
    assert dbt_runner.refresh(told_twice.database) == ["alder"]
    after, corrected = ask(), clock(told_twice)
    moved = {mart for mart in marts if before[mart]["then"] != after[mart]["then"]}
    assert moved >= {"fct_cash_flows", "fct_investor_performance", "rpt_restatements", "metric_values"}
    assert len(moved) >= 20, "as of the same date, most marts read otherwise now"
    assert ask("--known-at", told.isoformat()) == before
    assert ask("--known-at", corrected.isoformat()) == after
    assert snapshot(told_twice, birch) == others
    changed = told_twice.select(
        "select vehicle_id, investor_id from marts.fct_investor_performance_versions where tenant_id = %s and known_from > %s",
        alder, told,
    )  # fmt: skip
    assert {(row["vehicle_id"], row["investor_id"]) for row in changed} == {("steady", "ann")}
    results = dbt_runner.run_tests(told_twice.database, select=["assert_versions_end_with_what_is_published"])
    assert [(result.status, result.message) for result in results] == [("pass", "")]


def test_a_restatement_names_the_row_that_caused_it(told_twice: World) -> None:
    """The second file raised the first call of ann in `steady` from 4000 to 4500: every quarter from then on reads otherwise."""
    found = restated(told_twice, "alder")
    assert {key[1:3] for key in found} == {("steady", "ann")}
    paid = {key[3]: row for key, row in found.items() if key[0] == "contributed_amount"}
    quarters = [
        date(2020, 3, 31),
        date(2020, 6, 30),
        date(2020, 9, 30),
        date(2020, 12, 31),
        date(2021, 3, 31),
        date(2021, 6, 30),
    ]
    assert sorted(paid) == [*quarters, date(2021, 8, 2)]
    file, number, batch = (
        told_twice.select(
            "select source_file, source_row, batch_id from marts.fct_cash_flows where tenant_id = %s and transaction_id = 't1'",
            told_twice.tenants["alder"].tenant_id,
        )[0][name] for name in ("source_file", "source_row", "batch_id")
    )  # fmt: skip
    for row in paid.values():
        assert (row["new_value"] - row["old_value"], row["difference"], row["change"]) == (
            500,
            500,
            "changed",
        )
        assert (row["cause"], row["causes"], row["cause_stream"], row["cause_key"]) == (
            "rows",
            1,
            "transactions",
            "t1",
        )
        assert (row["source_file"], row["source_row"], row["batch_id"]) == (file, number, batch)
        assert row["published_at"] < row["known_from"]
    assert {"dpi", "tvpi", "irr", "unfunded_amount"} <= {key[0] for key in found}
    reported = {key[3] for key in found if key[0] == "nav_amount"}
    assert not reported & set(quarters), "values that were reported did not change"
    assert {key[1] for key in restated(told_twice, "alder", mart="fct_vehicle_performance")} == {"steady"}
    assert {key[2] for key in restated(told_twice, "alder", mart="rpt_investor_portfolio")} == {"ann"}
    assert {
        row["cause_key"] for row in restated(told_twice, "alder", mart="fct_capital_account").values()
    } == {"t1"}
    causes = told_twice.select(
        "select * from marts.rpt_restatement_causes where tenant_id = %s order by vehicle_id nulls last, investor_id",
        told_twice.tenants["alder"].tenant_id,
    )  # fmt: skip
    assert [(c["vehicle_id"], c["investor_id"]) for c in causes] == [
        ("steady", "ann"),
        ("steady", None),
        (None, "ann"),
    ]
    for cause in causes:
        assert (cause["stream"], cause["row_key"], cause["change"]) == ("transactions", "t1", "corrected")
        assert (cause["old_amount"], cause["new_amount"], cause["currency_code"]) == (4000, 4500, "USD")
        assert (cause["dated_on"], cause["first_as_of"]) == (date(2020, 2, 14), date(2020, 3, 31))


def test_a_number_is_explained_as_it_was_known_then(told_twice: World) -> None:
    """Value, rows and the computation again are those of the time, and agree with each other."""
    add_user(
        told_twice.database, "gp@alder.example", tenant="alder", role="manager", password="not-a-secret-1"
    )
    viewer = viewer_for(told_twice.database, "gp@alder.example", "alder")
    corrected = restated(told_twice, "alder")["contributed_amount", "steady", "ann", date(2021, 6, 30)]
    words = MetricText("dpi", "DPI", "", "", "multiple", ("fct_investor_performance.dpi",))
    with Sessions(told_twice.database) as sessions, sessions.read(viewer) as reader:
        now = explain(reader, words, "steady", investor_id="ann", as_of=date(2021, 6, 30))
        then = explain(
            KnownAt(reader, corrected["published_at"]),
            words,
            "steady",
            investor_id="ann",
            as_of=date(2021, 6, 30),
        )
        with pytest.raises(ValueError, match="no offset"):
            KnownAt(reader, datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    assert (then.value, now.value) == (1450 / 4200, 1450 / 4700)
    assert then.agrees and now.agrees
    first = [
        next(
            item.amount
            for item in found.inputs
            if item.on_date == date(2020, 2, 14) and (item.amount or 0) < -1000
        )
        for found in (then, now)
    ]
    assert first == [-4000, -4500]


def test_news_of_later_dates_restate_nothing(told_twice: World) -> None:
    birch = told_twice.tenants["birch"].tenant_id
    before = told_twice.select("select * from marts.rpt_restatements where tenant_id = %s", birch)
    load(told_twice.database, birch, {
        "transactions": [flow(950, "unvalued", "ann", "distribution", 7, "2021-09-15")],
        "valuations": [nav("unvalued", "ann", "2021-09-30", 300)],
    })  # fmt: skip
    dbt_runner.refresh(told_twice.database)
    after = told_twice.select("select * from marts.rpt_restatements where tenant_id = %s", birch)
    assert [row for row in after if row not in before and row["vehicle_id"]] == []


def test_a_flow_that_was_anothers_is_withdrawn_here_and_told_of_without_his_amount(told_twice: World) -> None:
    """bob's only call in `shared` turns out to be ann's, and larger: bob learns that it went, not what ann paid."""
    birch = told_twice.tenants["birch"].tenant_id
    load(told_twice.database, birch, {
        "transactions": [flow(23, "shared", "ann", "contribution", 999, "2020-05-15")],
        "valuations": [{**nav("shared", "bob", "2020-12-31", 0)}],
    })  # fmt: skip
    dbt_runner.refresh(told_twice.database)
    causes = {
        (row["investor_id"], row["change"]): (row["old_amount"], row["new_amount"])
        for row in told_twice.select(
            "select * from marts.rpt_restatement_causes where tenant_id = %s and row_key = 't23' and vehicle_id = 'shared'",
            birch,
        )
    }
    assert causes["bob", "moved away"] == (420, None) and causes["ann", "corrected"] == (None, 999)
    assert [change for who, change in causes if who == "bob"] == ["moved away"]
    assert 999 not in [amount for (who, _), pair in causes.items() if who == "bob" for amount in pair]
    gone = restated(told_twice, "birch")["contributed_amount", "shared", "bob", date(2020, 6, 30)]
    assert (gone["change"], gone["old_value"], gone["cause_key"]) == ("withdrawn", 420, "t23")
    load(
        told_twice.database,
        birch,
        {"transactions": [flow(23, "shared", "bob", "contribution", 420, "2020-05-15")]},
    )
    dbt_runner.refresh(told_twice.database)
    told = told_twice.select(
        "select * from marts.rpt_restatements where tenant_id = %s and mart = 'fct_investor_performance' and metric = 'contributed_amount' "
        "and vehicle_id = 'shared' and investor_id = 'bob' and as_of = '2020-06-30' order by known_from",
        birch,
    )
    assert told[0] == gone, "what was said of a change stays said"
    assert [(row["change"], row["old_value"], row["new_value"]) for row in told[1:]] == [
        ("became known", None, 420)
    ]
    assert told[1]["cause_key"] == "t23" and told[1]["known_from"] > gone["known_from"]


def test_new_rates_are_a_cause_of_their_own(told_twice: World) -> None:
    load(
        told_twice.database,
        0,
        {"fx_rates": [{"quote_currency_code": "USD", "on_date": date(2021, 1, 4), "rate": "1.3"}]},
    )
    dbt_runner.refresh(told_twice.database)
    moved = restated(told_twice, "birch")["contributed_amount", "mixed", "ann", date(2021, 3, 31)]
    assert (moved["cause"], moved["causes"], moved["cause_stream"]) == ("rates", 1, "fx_rates")
    assert moved["cause_key"] == "EUR/USD 2021-01-04" and moved["source_row"] == 1
    (named,) = told_twice.select(
        "select * from marts.rpt_restatement_causes where tenant_id = %s and vehicle_id = 'mixed' and investor_id = 'ann' "
        "and platform_seq = %s",
        told_twice.tenants["birch"].tenant_id,
        moved["platform_seq"],
    )
    assert (named["change"], named["label"], named["row_key"]) == (
        "corrected",
        "exchange rate",
        moved["cause_key"],
    )
    assert (named["new_amount"], named["first_as_of"]) == (Decimal("1.3"), date(2021, 3, 31))
    assert named["old_amount"] == next(
        row["rate"]
        for row in platform_rows()["fx_rates"]
        if (row["quote_currency_code"], row["on_date"]) == ("USD", date(2021, 1, 4))
    )
    whole = restated(told_twice, "birch", mart="rpt_investor_portfolio")
    promised = whole["commitment_amount", None, "ann", date(2021, 3, 31)]
    assert (promised["cause"], promised["cause_key"]) == ("rates", "EUR/USD 2021-01-04")


def test_an_lp_reads_his_own_restatements_only(told_twice: World) -> None:
    add_user(
        told_twice.database,
        "bob@birch.example",
        tenant="birch",
        role="lp",
        investor_ids=["bob"],
        password="not-a-secret-1",
    )
    viewer = viewer_for(told_twice.database, "bob@birch.example", "birch")
    with Sessions(told_twice.database) as sessions, sessions.read(viewer) as reader:
        for mart in (
            "rpt_restatements",
            "rpt_restatement_causes",
            "fct_investor_performance_versions",
            "fct_cash_flows_versions",
        ):
            rows = reader.rows(f"select * from {mart}")
            assert rows and {(row["tenant_id"], row["investor_id"]) for row in rows} == {
                (viewer.tenant_id, "bob")
            }, mart
        (now,) = reader.rows("select clock_timestamp() as at")
        asked = "select metric, vehicle_id, investor_id, as_of, value, status from metric_values order by 1, 2, 3, 4"
        found = KnownAt(reader, now["at"]).rows(asked)
        assert found == reader.rows(asked) and {row["investor_id"] for row in found} == {"bob"}
        with pytest.raises(QueryRefused, match="permission denied"):
            reader.rows("select * from fct_vehicle_performance_versions")
    with (
        Sessions(told_twice.database) as sessions,
        sessions.read(viewer) as reader,
        pytest.raises(QueryRefused, match="permission denied"),
    ):
        reader.rows("select * from metric_values__funds_versions")


def test_a_row_that_goes_and_comes_back_has_a_gap_in_its_history(told_twice: World) -> None:
    birch = told_twice.tenants["birch"].tenant_id
    commitment = {
        "commitment_id": "c5",
        "vehicle_id": "unvalued",
        "investor_id": "ann",
        "signed_on": date(2019, 1, 2),
    }
    moments = []
    for amount in (0, 2100):
        moments.append(clock(told_twice))
        load(told_twice.database, birch, {"commitments": [{**commitment, "amount": amount}]})
        dbt_runner.refresh(told_twice.database, ["birch"])
    moments.append(clock(told_twice))
    found = [
        [
            row["amount"]
            for row in published(told_twice, "fct_commitments", birch, moment)
            if row["commitment_id"] == "c5"
        ]
        for moment in moments
    ]
    assert found == [[2100], [0], [2100]]
    assert all(
        row["known_from"] < row["known_to"] for rows in snapshot(told_twice, birch).values() for row in rows
    )


def test_a_column_that_a_mart_gains_widens_its_versions_and_loses_none(told_twice: World) -> None:
    """What the deploy of another version of the project does to the table of versions, seen on a column taken away."""
    birch = told_twice.tenants["birch"].tenant_id
    before = snapshot(told_twice, birch)["dim_investor_versions"]
    with told_twice.database.connect(roles.DBT_BUILDER, autocommit=True) as builder:
        builder.execute("alter table marts.dim_investor_versions drop column firm")
        builder.execute("alter table marts.dim_investor_versions add column former text not null default 'x'")
        builder.execute("alter table marts.dim_investor_versions alter column former drop default")
        builder.execute("update intermediate.deployed_project set sha256 = 'older'")
    assert dbt_runner.deploy(told_twice.database)
    after = snapshot(told_twice, birch)["dim_investor_versions"]
    assert [{**row, "firm": None} for row in after if row["former"] == "x"] == [
        {**row, "former": "x", "firm": None} for row in before
    ]
    assert not [
        row
        for row in after
        if row["former"] is None and row["known_to"].year == 9999 and row["firm"] is not None
    ]
    with told_twice.database.connect(roles.DBT_BUILDER, autocommit=True) as builder:
        builder.execute("alter table marts.dim_investor_versions drop column former")


def test_without_its_table_of_versions_a_mart_is_not_refreshed(told_twice: World) -> None:
    with told_twice.database.connect(roles.DBT_BUILDER, autocommit=True) as builder:
        builder.execute("alter table marts.dim_holding_versions rename to elsewhere")
        try:
            with pytest.raises(ModelsFailed, match="deploy the dbt project"):
                dbt_runner.refresh(told_twice.database, ["alder"])
        finally:
            builder.execute("alter table marts.elsewhere rename to dim_holding_versions")
