"""The quarterly statement says what the marts say, about the recipient's own investor, and about nobody
else."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from reporting.errors import InvalidPeriod, NothingToReport
from reporting.ilpa.reading import missing_rates
from reporting.packs import lp_statement
from reporting.packs.periods import quarter_named
from reporting.packs.rendered import Brand, Rendered
from reporting.packs.statement_facts import read_statement
from reporting.packs.statement_view import view_statement
from tests.conftest import Cluster, clone
from tests.integration import reporting_world as world
from tests.integration.portal_world import world_clone
from warehouse.database import Database
from warehouse.sessions import Sessions, viewer_for

BRAND = Brand("Halden Capital", "#7a2e3a", "en")
ON = date(2026, 11, 21)


@pytest.fixture(scope="module")
def served(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with world_clone(cluster, tmp_path_factory.mktemp("reports") / "home") as database:
        yield database


@pytest.fixture
def own(cluster: Cluster, served: Database, home) -> Iterator[Database]:
    """A copy of the world that a test may change."""
    with clone(Cluster(cluster.folder, cluster.maintenance, served.name, cluster.counter), home) as copy:
        yield copy


def statement(
    database: Database, email: str = world.LP, slug: str = "halden", period: str = world.QUARTER
) -> Rendered:
    with closing(Sessions(database)) as sessions, sessions.read(viewer_for(database, email, slug)) as reader:
        return lp_statement.render(reader, period, BRAND, prepared_on=ON)


def facts(database: Database, investor: str = "I-001", email: str = world.LP, period: str = world.QUARTER):
    with (
        closing(Sessions(database)) as sessions,
        sessions.read(viewer_for(database, email, "halden")) as reader,
    ):
        return read_statement(reader, investor, quarter_named(period))


def test_the_statement_gives_the_marts_numbers_in_mail_text_and_pdf(served):
    made = statement(served)
    (total,) = world.rows(
        served,
        world.LP,
        "halden",
        "select * from rpt_investor_portfolio where tenant_id = %s and as_of = '2026-09-30'",
        (world.tenant_id(served),),
    )
    assert total["nav_amount"] == Decimal("2738646.76")
    view = view_statement(facts(served), BRAND, ON)
    assert [figure.text for figure in view.headline[:4]] == ["€2.74m", "1.83x", "0.33x", "14.3%"]
    for text in (
        "€2.74m",
        "1.83x",
        "1,523,991",
        "14.3%",
        "as of 30\u00a0Sep\u00a02026",
        "third quarter 2026",
    ):
        assert text.lower() in (made.html + made.subject).lower()
    assert "€2.74m" in made.text
    (pdf,) = made.attachments
    assert pdf.file_name == "Halden-Capital_2026Q3_Halden-Investor-1.pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert made.images[0].content.startswith(b"\x89PNG")
    assert f"cid:{made.images[0].content_id}" in made.html


def test_each_account_adds_up_as_printed_for_quarter_year_and_inception(served):
    for account in view_statement(facts(served, period="2025Q3"), BRAND, ON).accounts:
        for span in range(3):
            shown = [line["amounts"][span].replace(",", "").replace("−", "-") for line in account["lines"]]
            *parts, closing_balance = [Decimal(text) for text in shown]
            assert sum(parts) == closing_balance
    inception = {one.vehicle_id: one.spans["inception"] for one in facts(served).accounts}
    for vehicle in facts(served).vehicles:
        account = inception[vehicle["vehicle_id"]]
        assert account["opening_amount"] == 0
        assert account["contributions_amount"] == vehicle["contributed_amount"]
        assert account["distributions_amount"] == vehicle["distributed_amount"]
        assert account["closing_amount"] == vehicle["nav_amount"]


def test_the_sentence_on_the_quarters_cash_is_that_of_the_accounts_and_counts_no_fee_as_paid_in(own):
    world.change(
        own,
        "insert into marts.fct_cash_flows (tenant_id, vehicle_id, investor_id, transaction_id, vehicle_name, "
        "kind, effective_on, amount, currency_code) "
        "values (%s, 'V-1', 'I-001', 'F-1', 'Fund', 'fee', '2025-09-25', -77, 'EUR')",
        world.tenant_id(own),
    )
    view = view_statement(facts(own, period="2025Q3"), BRAND, ON)
    assert view.quarter_moves == "In the quarter: €60,000.00 and $60,000.00 distributed."
    assert [row["amount"] for row in view.transactions if row["what"] == "Fee"] == ["−77.00"]


def test_the_session_and_not_the_query_keeps_other_investors_out(served):
    leaked = facts(served, "I-002", email=world.MANAGER)
    assert leaked.investor["name"] == "Halden Investor 2", (
        "a tenant-wide session does read the other investor"
    )
    with pytest.raises(NothingToReport, match="nothing is recorded for investor 'I-002'"):
        facts(served, "I-002")


def test_another_tenants_canary_and_another_lps_name_are_nowhere_in_the_output(served):
    theirs, mine = statement(served, "lp@rival.example", "rival"), statement(served)
    assert world.CANARY in theirs.html + theirs.text, "the same ids, the other tenant: its canary shows there"
    view = json.dumps(view_statement(facts(served), BRAND, ON).as_data())
    for hidden in (world.CANARY, "Halden Investor 2", "I-002"):
        assert hidden not in mine.html + mine.text + mine.subject + view
        assert hidden.encode() not in mine.attachments[0].content


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><b>x',
    "#panic(1)",
    "*bold* _it_ $x$ \\ @a <b>",
    '#read("/etc/passwd")',
    "{{ 7*7 }}",
    "{% raise %}",
    '=HYPERLINK("http://x")',
    "\u202eevil",
    "a\r\nBcc: x@y.example",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_is_inert_in_html_and_pdf(own, text):
    tenant = world.tenant_id(own)
    for mart in ("fct_investor_performance", "fct_capital_account", "fct_cash_flows"):
        world.change(own, f"update marts.{mart} set vehicle_name = %s where tenant_id = %s", text, tenant)
    world.change(
        own,
        "update marts.dim_investor set name = %s, firm = %s where tenant_id = %s",
        text,
        text + "!",
        tenant,
    )
    world.change(
        own,
        "update marts.fct_cash_flows set description = %s, effective_on = '2026-08-01' where tenant_id = %s",
        text,
        tenant,
    )
    made = statement(own)
    assert "<script>alert" not in made.html
    assert "<img src=x" not in made.html
    assert "49" not in made.html.split("Your commitments")[1].split("</table>")[0] or "7*7" not in text
    assert made.attachments[0].content.startswith(b"%PDF-"), "the typesetter did not read it as markup"
    assert made.attachments[0].file_name.isascii()
    assert set(made.attachments[0].file_name) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    )


@pytest.mark.parametrize(
    ("name", "plain"), [("Ingrid Sørlie", "Ingrid-Sorlie"), ("Łukasz Groß & Søn", "Lukasz-Gross-Son")]
)
def test_a_name_keeps_its_letters_in_the_name_of_the_file(served, name, plain):
    made = facts(served)
    named = replace(made, investor={**made.investor, "name": name})
    assert lp_statement.file_name(named, BRAND) == f"Halden-Capital_2026Q3_{plain}.pdf"


def test_a_quarter_that_is_not_over_in_the_data_is_not_reported(served):
    with pytest.raises(NothingToReport, match=r"2026Q4 is not complete.*newest data is of 2026-09-30"):
        statement(served, period="2026Q4")
    with pytest.raises(NothingToReport, match="had nothing on 2010-03-31"):
        statement(served, period="2010Q1")
    with pytest.raises(InvalidPeriod, match="write it as 2026Q3"):
        statement(served, period="Q3/2026")


def test_what_is_not_known_is_a_dash_with_its_reason_and_never_zero(own):
    tenant = world.tenant_id(own)
    world.change(
        own,
        "update marts.fct_investor_performance set nav_amount = null, nav_status = 'missing', rvpi = null, "
        "tvpi = null, irr = null, irr_status = null, fx_status = 'missing_rate', "
        "fx_reason = 'No rate from CHF to USD on 2026-09-11' where tenant_id = %s and vehicle_id = 'V-2' "
        "and as_of = '2026-09-30'",
        tenant,
    )
    world.change(
        own,
        "update marts.rpt_investor_portfolio set nav_amount = null, tvpi = null, fx_status = 'missing_rate', "
        "fx_reason = 'no USD rate on 2026-09-30' where tenant_id = %s and as_of = '2026-09-30'",
        tenant,
    )
    world.change(
        own,
        "update marts.fct_capital_account set closing_amount = null, gain_amount = null, "
        "contributions_amount = null, "
        "nav_status = 'missing' where tenant_id = %s and vehicle_id = 'V-2' and quarter = '2026-09-30'",
        tenant,
    )
    view = view_statement(facts(own), BRAND, ON)
    credit = view.vehicles[1]
    assert (credit["nav"], credit["tvpi"], credit["irr"]) == ("—", "—", "—")
    assert view.notes[int(credit["fx_mark"]) - 1] == "No rate from CHF to USD on 2026-09-11."
    with (
        closing(Sessions(own)) as sessions,
        sessions.read(viewer_for(own, world.LP, "halden")) as reader,
    ):
        lacking = {
            vehicle: missing_rates(reader, vehicle, "I-001", quarter_named(world.QUARTER))
            for vehicle in ("V-1", "V-2")
        }
    assert lacking == {"V-1": [], "V-2": ["No rate from CHF to USD on 2026-09-11"]}, "ILPA's footnote"
    assert view.quarter_moves.endswith("in Halden Credit II is not known: an exchange rate is missing.")
    assert "a missing value is not zero" in view.notes[int(credit["nav_mark"]) - 1]
    assert credit["irr_mark"] == credit["nav_mark"], "the rate is unknown for the same reason"
    assert (view.headline[0].text, view.headline[0].note) == ("—", "no USD rate on 2026-09-30.")
    amounts = {line["label"]: line["amounts"][0] for line in view.accounts[1]["lines"]}
    assert (amounts["Closing balance"], amounts["Net gain"]) == ("—", "—")
    assert statement(own).attachments[0].content.startswith(b"%PDF-")


def test_a_rolled_nav_says_how_old_it_is_and_several_rates_say_so(served):
    view = view_statement(facts(served), BRAND, ON)
    credit = view.vehicles[1]
    assert "94\u00a0days before" in view.notes[int(credit["nav_mark"]) - 1]
    assert "Several rates" in view.notes[int(credit["irr_mark"]) - 1]


def test_an_annual_rate_under_a_year_is_not_meaningful(own):
    world.change(
        own,
        "update marts.fct_investor_performance set is_annualized = false where tenant_id = %s",
        world.tenant_id(own),
    )
    view = view_statement(facts(own), BRAND, ON)
    assert view.vehicles[0]["irr"] == "n.m."
    assert "Less than a year" in view.notes[int(view.vehicles[0]["irr_mark"]) - 1]


def test_rendering_the_same_data_again_gives_the_same_bytes(served):
    assert statement(served).attachments[0].content == statement(served).attachments[0].content
