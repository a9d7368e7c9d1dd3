"""What pages show beside plain returns: comparisons, lines, concentration, pools, projections, restatements.

Each figure on a page is the mart's own, an unknown one says why, and nobody sees another's.
"""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from dashboards import wording
from dashboards.connection import connection as portal_connection
from dashboards.listing import in_order
from dashboards.queries import capital_account, comparisons, holdings, ilpa, restatements
from reporting.errors import NothingToReport
from reporting.presentation.metric_register import metric
from tests.conftest import Cluster
from tests.integration.portal_world import PASSWORD, served_world
from tests.integration.test_portal_pages import World, figures, opened, text
from warehouse import roles, users
from warehouse.sessions import viewer_for


@pytest.fixture(scope="module")
def world(cluster: Cluster) -> Iterator[World]:
    with served_world(cluster) as served:
        yield served


def test_an_investor_sees_every_market_comparison_of_each_commitment_with_why_one_is_missing(
    world: World,
) -> None:
    said = text(opened(world[0], "lp@halden.example", "lp/portfolio.py"))
    for figure in ("1.01x", "2.1%", "10.1%", "+5.1%", "10.3%", "+4.9%", "10.6%", "+4.7%", "against MSCI-W"):
        assert figure in said, figure
    assert "1.02x" not in said, "that is the comparison of another investor"
    assert "Halden Credit II, KS-PME, Direct alpha, LN-PME, PME+, Modified PME: No benchmark is named" in said
    assert "rests on values of up to 31\u00a0days" in said


def test_a_return_with_a_subscription_line_never_stands_without_the_one_without_it(world: World) -> None:
    investor = text(opened(world[0], "lp@halden.example", "lp/portfolio.py"))
    assert "13.9% without line" in investor
    assert "1.37x without line" in investor
    assert "count the subscription line of Halden Growth Fund I as it was used" in investor
    assert "Net IRR 14.3% 12.2% without line" in investor
    assert "1.29x without line" in investor
    assert "Halden Credit II: No draws of a subscription line are known" in investor
    fund = opened(world[0], "manager@halden.example", "manager/fund.py")
    beside = {figure.label: figure.delta for figure in fund.metric}
    assert (beside["Net IRR"], beside["Net TVPI"]) == ("13.9% without line", "1.37x without line")
    pooled = text(opened(world[0], "manager@halden.example", "manager/track_record.py"))
    assert "count the subscription line of Halden Growth Fund I as it was used" in pooled
    assert "Net IRR 9.1% 8.1% without line" in pooled and "1.34x without line" in pooled
    assert pooled.count("8.1% without line") == 4, "the headline, and the pools that have a line"
    register = text(opened(world[0], "manager@halden.example", "manager/investors.py"))
    assert register.count("12.2% without line") == 8, "every investor, and the headline of one"


def test_an_investor_chooses_what_totals_are_told_in_and_reads_the_rate_behind_them(world: World) -> None:
    app = opened(world[0], "lp@halden.example", "lp/portfolio.py")
    assert figures(app)["Paid in"] == "€1.82m"
    quoted = "values at USD 1.25 a EUR of 30\u00a0Sep\u00a02026 (ECB; rates.csv, row 7)"
    assert f"Told in EUR: cash at the rates of its own days, {quoted}" in text(app)
    assert app.selectbox(key="currency").options == ["EUR", "USD"]
    app = app.selectbox(key="currency").set_value("USD").run()
    shown = figures(app)
    assert shown["Paid in"].startswith("$2.2") and shown["Net IRR"] == "16.9%"
    assert f"Told in USD: cash at the rates of its own days, {quoted}" in text(app)


def test_a_chosen_currency_is_remembered_and_awaited_until_a_refresh_tells_it(world: World) -> None:
    """Of two managers with the same ids, only the one whose people chose is due; a link changes no choice."""
    database, tenants = world
    with database.connect(roles.ADMIN) as connection:
        connection.execute(
            "insert into raw.capstan__fx_rates (tenant_id, base_currency_code, quote_currency_code, on_date, "
            "rate, source, _source, _batch_id, _row_number, _row_hash, _loaded_at) "
            "values (0, 'EUR', 'CHF', '2026-09-30', 0.95, 'ECB', 'capstan', 'b', 1, '', now())"
        )
    app = opened(database, "lp@halden.example", "lp/portfolio.py")
    app = app.selectbox(key="currency").set_value("CHF").run()
    assert (
        "You asked for CHF: figures are told in it from the next refresh on. Until then they are in EUR."
        in text(app)
    )
    assert app.selectbox(key="currency").options == ["EUR", "USD", "CHF"]
    assert figures(app)["Paid in"] == "€1.82m"
    with database.connect(roles.DBT_BUILDER) as connection:
        due = "select tenant_id, investor_id, currency_code from control.told_in where asked_at is not null"
        assert connection.execute(due).fetchall() == [(tenants["halden"].tenant_id, "I-001", "CHF")]
    app = app.selectbox(key="currency").set_value("USD").run()
    assert "You asked for" not in text(app) and figures(app)["Paid in"].startswith("$2.2")
    again = opened(database, "lp@halden.example", "lp/portfolio.py")
    assert again.selectbox(key="currency").value == "USD", "remembered for the next visit"
    assert opened(database, "lp@rival.example", "lp/portfolio.py").selectbox(key="currency").value == "EUR"

    record = opened(database, "analyst@halden.example", "manager/track_record.py")
    assert record.selectbox(key="currency").options == ["EUR", "USD", "CHF"]
    record = record.selectbox(key="currency").set_value("USD").run()
    assert figures(record)["Called"] == "$50.0m" and "pooled in USD" in text(record)
    fund = opened(database, "analyst@halden.example", "manager/fund.py")
    assert fund.selectbox(key="currency").value == "USD" and figures(fund)["Called"] == "$9.00m"
    said = text(fund)
    assert "The figures above and their trend are told in USD" in said
    assert "No rate from EUR to USD on 2018-03-15" in said, "the missing rate is named, no other is taken"


def test_a_list_is_narrowed_sorted_found_in_and_downloaded_as_shown(world: World) -> None:
    app = opened(world[0], "manager@halden.example", "manager/investors.py")
    with world[0].connect(roles.ADMIN) as connection:
        found = connection.execute(
            "select distinct i.name from marts.rpt_investor_portfolio p "
            "join marts.dim_investor i using (tenant_id, investor_id) where p.is_latest and p.tenant_id = %s",
            (world[1]["halden"].tenant_id,),
        ).fetchall()
    names = sorted(name for (name,) in found)
    app.selectbox(key="register-sort").set_value("Name").run()
    listed = text(app)
    assert len(names) > 3 and [listed.index(name) for name in names] == sorted(map(listed.index, names))
    assert in_order([{"a": 2}, {"a": None}, {"a": 3}, {"a": 1}], ("a", True)) == [
        {"a": 3},
        {"a": 2},
        {"a": 1},
        {"a": None},
    ]
    app = opened(world[0], "founder@orrin.example", "founder/round.py")
    whole = text(app)
    app.selectbox(key="round-last_attempt_status").set_value("failed").run()
    shown = text(app)
    assert "Failed" in shown and "Received" in whole and "Received" not in shown
    app.text_input(key="round-find").set_value("nobody of this name").run()
    assert "No rows match." in text(app)


def test_constant_currency_stands_beside_what_was_told_with_its_meaning(world: World) -> None:
    app = opened(world[0], "lp@halden.example", "lp/portfolio.py")
    beside = {figure.label: figure for figure in app.metric}
    assert (beside["TVPI in constant currency"].value, beside["IRR in constant currency"].value) == (
        "1.77x",
        "13.1%",
    )
    assert beside["IRR in constant currency"].delta == "12.2% without line"
    assert beside["IRR in constant currency"].help == metric("irr_constant_currency").help
    assert "every amount at the exchange rates of 30\u00a0Sep\u00a02026" in text(app)


def test_netted_multiples_are_a_footnote_only_where_something_may_be_recalled(world: World) -> None:
    said = text(opened(world[0], "lp@halden.example", "lp/portfolio.py"))
    assert "Halden Growth Fund I: €10,000 may be recalled" in said
    assert "DPI would be 0.21x and TVPI 1.63x" in said
    assert "Halden Credit II: $" not in said


def test_a_fund_shows_its_trough_and_break_even_as_the_mart_has_them(world: World) -> None:
    app = opened(world[0], "manager@halden.example", "manager/fund.py")
    said = text(app)
    assert "−€9,400,000 on 11\u00a0Feb\u00a02021, 33.6% of what was committed" in said
    assert "9\u00a0Jul\u00a02026" in said
    said = text(app.selectbox(key="vehicle").set_value("V-2").run())
    assert "Not yet" in said


def test_a_fund_shows_weights_and_losses_of_its_holdings_or_why_they_are_unknown(world: World) -> None:
    app = opened(world[0], "manager@halden.example", "manager/fund.py")
    shown = figures(app)
    assert [shown[f"Top {count} share"] for count in (1, 5, 10)] == ["40.4%", "94.1%", "95.2%"]
    assert (shown["HHI"], shown["Effective holdings"]) == ("0.270", "3.7")
    assert [shown[f"Loss ratio, by {way}"] for way in ("cost", "amount", "count")] == [
        "8.1%",
        "5.2%",
        "25.0%",
    ]
    app.selectbox(key="vehicle").set_value("V-2").run()
    shown, said = figures(app), text(app)
    assert {shown["Top 1 share"], shown["HHI"], shown["Loss ratio, by cost"]} == {"—"}
    assert "The value of a holding is not known; a missing value is not zero." in said
    assert "No value has been reported, so nothing is projected." in said


def test_holdings_are_filtered_and_sorted_by_the_database(world: World) -> None:
    app = opened(world[0], "manager@halden.example", "manager/fund.py")
    app.selectbox(key="h-sort").set_value("Name").run()
    tables = "".join(element.value for element in app.html if "Halden Holding" in str(element.value))
    places = [tables.index(f"Halden Holding {number}") for number in range(4)]
    assert places == sorted(places)
    app.selectbox(key="h-status").set_value("realized").run()
    said = text(app)
    assert "Halden Holding 2" in said
    assert "Halden Holding 1" not in said
    assert "1–1 of 1" in said


def test_the_track_record_pools_gross_beside_net_and_says_why_there_are_no_quartiles(world: World) -> None:
    app = opened(world[0], "manager@halden.example", "manager/track_record.py")
    shown, said = figures(app), text(app)
    assert (shown["Net IRR"], shown["Gross IRR"]) == ("9.1%", "13.9%")
    assert (shown["Net TVPI"], shown["Gross MOIC"]) == ("1.30x", "1.71x")
    assert "median IRR of 2 vehicles is 8.2% and the equal-weight mean 8.3%" in said
    for figure in ("6.1%", "9.7%", "14.2%", "1.11x", "1.33x", "1.58x", "0.21x", "0.44x", "0.83x"):
        assert figure in said, figure
    assert "No quartiles. Fewer than eight peers have this figure." in said
    assert "A sector has gross figures only" in said


def test_restated_figures_name_file_and_row_and_stay_with_their_investor(world: World) -> None:
    said = text(opened(world[0], "lp@halden.example", "lp/capital_account.py"))
    assert "late-valuations.csv, row 17" in said
    assert "and 1 more row" in said
    assert "€50,000.00" in said or "$50,000.00" in said
    assert "4711" not in said, "that row moved another investor's account"
    fund = text(opened(world[0], "manager@halden.example", "manager/fund.py"))
    assert "Newer exchange rates or index levels" in fund
    assert "Several rates solve these cash flows" in fund
    assert "1–2 of 2" in fund, "a change that no page would print is left out"
    assert "4711" not in fund, "the vehicle's own figures, not those of its investors"


def test_the_capital_account_foots_over_quarter_year_and_inception_as_the_mart_has_it(world: World) -> None:
    database = world[0]
    app = opened(database, "lp@halden.example", "lp/capital_account.py")
    said = text(app)
    viewer = viewer_for(database, "lp@halden.example", "halden")
    with portal_connection().sessions.read(viewer) as reader:
        row = capital_account.roll_forward(reader, viewer.tenant_id, "I-001", "V-2")[0]
    for span in ("", "ytd_", "itd_"):
        for part in ("opening", "contributions", "distributions", "fees", "gain"):
            amount = wording.formats.amount(row[f"{span}{part}_amount"], currency="USD")
            assert f">{amount}<" in said, (span, part)
    assert "Year to date" in said


def test_the_value_bridge_shows_each_step_or_says_that_a_value_is_unknown(world: World) -> None:
    app = opened(world[0], "lp@halden.example", "lp/capital_account.py")
    app.selectbox(key="vehicle").set_value("V-1").run()
    said = text(app)
    for amount in ("611,000.00", "1,234.00", "7,000.00", "3,000.00", "9,876.00", "625,610.00"):
        assert f">{amount}<" in said, amount
    assert "822,000.00" not in said
    assert "as published 10\u00a0Jul\u00a02026" in said


def test_ilpa_templates_are_offered_where_there_are_rows_and_made_of_the_readers_own(world: World) -> None:
    database = world[0]
    app = opened(database, "lp@halden.example", "lp/capital_account.py")
    offered = [getattr(button, "label", "") for button in app.get("download_button")]
    assert "Capital Call & Distribution Template" in offered
    assert "Reporting Template" not in offered
    viewer = viewer_for(database, "lp@halden.example", "halden")
    chosen = ("capital-call", "granular", "V-1")
    with portal_connection().sessions.read(viewer) as reader:
        book = load_workbook(
            BytesIO(ilpa.workbook(reader, viewer.tenant_id, *chosen, "I-001", date(2026, 9, 30)))
        )
        with pytest.raises(NothingToReport):
            ilpa.workbook(reader, viewer.tenant_id, *chosen, "I-002", date(2026, 9, 30))
    values = [cell.value for row in book["Transactions"].iter_rows() for cell in row]
    assert -7000 in values
    assert -35000 not in values


def test_a_manager_reads_the_accounts_of_both_parties_and_what_is_accrued_and_nobodys(world: World) -> None:
    app = opened(world[0], "manager@halden.example", "manager/fund_accounts.py")
    app.selectbox(key="vehicle").set_value("V-1").run()
    shown, said = figures(app), text(app)
    assert {"Whole fund", "Limited partners", "General partner"} <= shown.keys()
    # 90 + 20 - 5 - 1 + 6 = 110 thousand for each of 20 and 2 units
    assert ">2,200,000.00<" in said and ">220,000.00<" in said and ">2,420,000.00<" in said
    app.selectbox(key="span").set_value("itd_").run()
    assert ">1,980,002.00<" in text(app)
    assert ">12,345.00<" in said and "No value is known at the date" in said
    assert ">4,242.00<" in said and "cash.csv, row 17" in said and "Name the investor" in said
    app.selectbox(key="party").set_value("gp").run()
    app.selectbox(key="vehicle").set_value("V-2").run()
    assert "No terms of this vehicle are known" in text(app) and "every amount of a fund is" in text(app)
    offered = [getattr(button, "label", "") for button in app.get("download_button")]
    assert "Capital Call & Distribution Template" in offered


def test_an_investor_who_asks_for_anothers_rows_gets_none(world: World) -> None:
    """The pages only ask for the investor chosen; the database decides even when they ask for another."""
    database = world[0]
    manager, investor = (
        viewer_for(database, f"{role}@halden.example", "halden") for role in ("manager", "lp")
    )
    for viewer, count in ((manager, 2), (investor, 0)):
        with portal_connection().sessions.read(viewer) as reader:
            assert len(comparisons.of_investor(reader, viewer.tenant_id, "I-002")) == count
            found = restatements.page(
                reader, viewer.tenant_id, "V-1", "I-002", None, "Newest change", None, 0
            )
            assert len(found) == count // 2


def test_a_page_before_anything_is_computed_says_so(world: World) -> None:
    database, tenants = world
    users.add_user(database, "manager@empty.example", tenant="empty", role="manager", password=PASSWORD)
    assert "No track record yet" in text(opened(database, "manager@empty.example", "manager/track_record.py"))
    with database.connect(roles.DBT_BUILDER) as builder:
        for mart in (
            "fct_vehicle_benchmarks",
            "fct_j_curve",
            "rpt_concentration",
            "rpt_pacing",
            "rpt_holdings",
        ):
            builder.execute(f"delete from marts.{mart} where tenant_id = %s", (tenants["rival"].tenant_id,))
    said = text(opened(database, "manager@rival.example", "manager/fund.py"))
    for words in (
        "The vehicle has no cash yet that could be compared.",
        "No holdings have been loaded for this vehicle.",
    ):
        assert words in said, words


def test_every_number_of_the_comparison_table_is_the_marts(world: World) -> None:
    database = world[0]
    viewer = viewer_for(database, "manager@halden.example", "halden")
    with portal_connection().sessions.read(viewer) as reader:
        row = comparisons.of_vehicle(reader, viewer.tenant_id, "V-1")
        (latest,) = holdings.concentration(reader, viewer.tenant_id, "V-1")
    assert row is not None
    said = text(opened(database, "manager@halden.example", "manager/fund.py"))
    assert wording.formats.multiple(row["ks_pme"]) in said
    for key in ("direct_alpha", "ln_pme", "pme_plus", "mpme"):
        assert f">{wording.formats.percent(row[key])}<" in said
    for key in ("ln_pme", "pme_plus", "mpme"):
        assert f">{wording.formats.percent(row[f'{key}_spread'], signed=True)}<" in said
    assert wording.formats.percent(latest["top_1_share"]) in said
