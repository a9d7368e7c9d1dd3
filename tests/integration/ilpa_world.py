# ruff: noqa: E501 - rows read as lines
"""The published sample of ILPA's Reporting Template v2.0 and two published capital accounts, as canonical files that are loaded.

The figures are those of the guidance's template preview (worked examples `ilpa-v2-*`, `pcap-3264`, `kpmg-scpc`): what falls in
the quarter, the year before it and the time before that is what makes QTD, YTD and ITD come out as printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.loading import ingest
from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.ilpa_books import (
    EARLIER,
    PERIOD_END,
    QUARTER_BEFORE,
    THIS_QUARTER,
    THIS_YEAR,
    YEAR_BEFORE,
    Books,
)
from tests.integration.ilpa_terms import fund_with_a_clawback, fund_with_terms
from warehouse.database import Database
from warehouse.sessions import Sessions, viewer_for
from warehouse.tenants import Tenant, add_tenant
from warehouse.users import add_user


def ilpa_sample(books: Books) -> None:
    """The template preview: LP #5, the GP and, as one holder, all other LPs."""
    books.vehicle("v2")
    for who, kind in (("lp5", ""), ("others", ""), ("gp", "General Partner")):
        books.holder(who, kind)
    books.add(
        "commitments",
        vehicle_id="v2",
        investor_id="lp5",
        amount=50_000_000,
        status="signed",
        signed_on="2019-03-01",
    )
    # LP #5: 35m called (30m, 5m, 0), 19m distributed (14m of which 4m recallable, 3.75m, 1.25m), 40,000 of placement fees.
    for on, called, returned in (
        (EARLIER, 30_000_000, 10_000_000),
        (THIS_YEAR, 5_000_000, 3_750_000),
        (THIS_QUARTER, 0, 1_250_000),
    ):
        books.flow("v2", "lp5", called, on)
        books.flow("v2", "lp5", -returned, on)
    books.flow("v2", "lp5", -4_000_000, EARLIER, recallable="true")
    books.line("v2", "lp5", "placement_fees", EARLIER, -40_000)
    books.line("v2", "lp5", "commitment_other", EARLIER, -500_000)
    books.spans("v2", "lp5", "management_fees", -187_500, -750_000, -6_625_000)
    books.spans("v2", "lp5", "management_fee_waivers", 0, 7_500, 25_000)
    books.spans("v2", "lp5", "management_fee_offsets", 82_600, 346_500, 1_538_521)
    books.spans("v2", "lp5", "external_audit", -38_500, -126_400, -324_921)
    books.spans("v2", "lp5", "offset_monitoring", 81_600, 341_500, 1_538_521)
    books.spans("v2", "lp5", "unrealized_gain", 2_000_000, 8_000_000, 35_100_000)
    books.spans("v2", "lp5", "carry_accrued_unrealized", -250_000, -1_250_000, -5_000_000)
    books.spans("v2", "lp5", "carry_earned_realized", -50_000, -250_000, -1_250_000)
    books.spans("v2", "lp5", "carry_paid", 50_000, 250_000, 1_250_000)
    # what the GP is owed beyond LP #5's, so that the fund's carried interest is 0 in total
    books.spans("v2", "others", "carry_accrued_and_earned", 50_000, 250_000, -28_750_000)
    books.spans("v2", "gp", "flows", -2_593_750, -12_500_000, -74_550_000)
    books.spans("v2", "gp", "external_audit", -46_038, -148_830, -501_679)
    books.spans("v2", "gp", "unrealized_gain", 15_106_160, 88_100_000, 426_228_250)
    books.spans("v2", "gp", "carry_accrued_and_earned", 250_000, 1_250_000, 35_000_000)
    # All other LPs: the printed total less LP #5 and the GP, 1,960,000 of the flows being placement fees.
    books.spans(
        "v2",
        "others",
        "flows",
        -62_593_750 + 1_250_000 + 2_593_750,
        12_500_000,
        298_450_000 - 15_960_000 + 74_550_000 + 1_960_000,
    )
    books.spans("v2", "others", "placement_fees", 0, 0, -1_960_000)
    books.spans(
        "v2",
        "others",
        "external_audit",
        -7_087_438 + 143_400 + 46_038,
        -20_579_203 + 522_400 + 148_830,
        -256_118_556 + 5_386_400 + 501_679,
    )
    books.spans(
        "v2",
        "others",
        "unrealized_gain",
        112_668_750 - 2_000_000 - 15_106_160,
        395_767_253 - 8_000_000 - 88_100_000,
        2_495_937_906 - 35_100_000 - 426_228_250,
    )
    for on, lp5, gp, total in (
        (YEAR_BEFORE, 38_196_000, 275_725_401, 2_163_081_300),
        (QUARTER_BEFORE, 45_067_000, 338_710_198, 2_495_281_787),
        (PERIOD_END, 45_673_600, 351_176_571, 2_538_269_350),
    ):
        books.value("v2", "lp5", on, lp5)
        books.value("v2", "gp", on, gp)
        books.value("v2", "others", on, total - lp5 - gp)


def fees_received(books: Books) -> None:
    """Transaction fees of 5,000, 5,000 and 332,520 of which 80 % offset the investors' fees."""
    books.vehicle("fees")
    for on, amount in ((THIS_QUARTER, 5_000), (EARLIER, 327_520)):
        books.line("fees", "lp5", "received_transaction_and_deal", on, amount, offset_rate="0.8")
    books.line("fees", "gp", "received_other", THIS_QUARTER, 100)
    books.line("fees", "lp5", "reimbursed_travel_and_administration", THIS_QUARTER, 30)
    for amount, category in ((7, "deemed_contribution"), (-7, "deemed_distribution")):
        books.flow("fees", "lp5", amount, THIS_QUARTER, category=category)


def capital_account(books: Books) -> None:
    """The account of pcap-3264 for one quarter: no value at its end, so the ending NAV is the roll-forward."""
    books.vehicle("pcap")
    books.value("pcap", "lp5", QUARTER_BEFORE, 41_208_114)
    books.flow("pcap", "lp5", 2_500_000, THIS_QUARTER)
    books.flow("pcap", "lp5", -1_850_000, THIS_QUARTER)
    for line, amount in (
        ("management_fees", -187_500), ("management_fee_offsets", 12_400), ("external_audit", -46_210), ("internal_accounting", -8_900),
        ("unrealized_gain", 1_705_030), ("carry_charged_unrealized", -206_420),
    ):  # fmt: skip
        books.line("pcap", "lp5", line, PERIOD_END, amount)
    books.line("pcap", "gp", "carry_charged_unrealized", PERIOD_END, 206_420)


def partners_capital(books: Books) -> None:
    """KPMG's statement of changes in partners' capital; carried interest of 8,051 moves from the LPs to the GP."""
    books.vehicle("kpmg")
    for who, begin, paid, received, increase, carry in (
        ("gp", 75_884, 250, 373, 8_458, 8_051),
        ("lp5", 682_957, 24_750, 36_888, 32_202, -8_051),
    ):
        books.value("kpmg", who, YEAR_BEFORE, begin * 1000)
        books.flow("kpmg", who, paid * 1000, THIS_YEAR)
        books.flow("kpmg", who, -received * 1000, THIS_QUARTER)
        books.line("kpmg", who, "unrealized_gain", PERIOD_END, (increase - carry) * 1000)
        books.line("kpmg", who, "carry_charged_unrealized", PERIOD_END, carry * 1000)


def plain_fund(books: Books) -> None:
    """A fund without allocations: its fee and expenses are the fund's own, and no source splits its gains."""
    books.vehicle("plain")
    for number, (who, amount) in enumerate((("lp5", 1_000), ("others", 2_000)), start=1):
        books.add(
            "commitments",
            vehicle_id="plain",
            investor_id=who,
            amount=amount,
            status="signed",
            signed_on=f"2024-0{number}-01",
        )
        books.flow("plain", who, amount // 2, EARLIER)
        books.value("plain", who, QUARTER_BEFORE, amount // 2)
        books.value("plain", who, PERIOD_END, amount)
    common = {"vehicle_id": "plain", "investor_id": "", "effective_on": THIS_QUARTER}
    books.add("transactions", **common, kind="fee", amount="0.50")
    books.add(
        "transactions", **common, kind="expense", amount="10", category="subscription_facility_interest"
    )
    books.add("transactions", **common, kind="expense", amount="0.01", description="Courier")


def fund_with_a_line(books: Books) -> None:
    """wf-derived-subline: a deal of 100 paid for by a subscription line for a year at 5 %, sold after two years for 130."""
    books.vehicle("line")
    books.add(
        "commitments",
        vehicle_id="line",
        investor_id="lp5",
        amount=200,
        status="signed",
        signed_on="2024-09-01",
    )
    books.add("holdings", holding_id="deal", vehicle_id="line", name="Deal")
    drawn, called, sold = "2024-09-30", "2025-09-30", "2026-09-30"
    for kind, amount, on in (("investment", 100, drawn), ("proceeds", 130, sold)):
        books.add(
            "transactions",
            vehicle_id="line",
            investor_id="",
            holding_id="deal",
            kind=kind,
            amount=amount,
            effective_on=on,
        )
    books.flow("line", "lp5", 100, called, purpose="investments", facility_drawn_on=drawn)
    books.flow("line", "lp5", 5, called, purpose="other", category="subscription_facility_interest")
    books.flow("line", "lp5", -100, sold, purpose="return_of_capital", recallable="true")
    books.flow("line", "lp5", -30, sold, purpose="realized_gain")
    books.value("line", "lp5", sold, 0)
    books.add("valuations", vehicle_id="line", holding_id="deal", as_of=sold, nav_amount=0)
    books.line("line", "gp", "received_other", sold, 1)
    books.line("line", "lp5", "subscription_facility_interest", called, -5)


def fund_with_plain_calls(books: Books) -> None:
    """A deal of 100 that pays 45 after one year and 110 after two, from which calls and payments to the LP differ:

    the call says nothing of the fee in it (12 less 2 of offsets), an audit of 5 is paid from the income, carried interest of 6
    from the sale. Of 200 promised, 100 were cancelled later.
    """
    books.vehicle("grossed")
    for status in ("signed", "cancelled"):
        books.add(
            "commitments",
            vehicle_id="grossed",
            investor_id="lp5",
            amount=100,
            status=status,
            signed_on="2024-09-01",
        )
    bought, paid, sold = "2024-09-30", "2025-09-30", "2026-09-30"
    books.flow("grossed", "lp5", 110, bought)
    books.flow("grossed", "lp5", -40, paid)
    books.flow("grossed", "lp5", -104, sold)
    for line, on, amount in (
        ("management_fees", bought, -12),
        ("management_fee_offsets", bought, 2),
        ("external_audit", paid, -5),
        ("dividend_income", paid, 45),
        ("realized_gain", sold, 10),
        ("carry_charged_realized", sold, -6),
        ("carry_paid", sold, 6),
    ):
        books.line("grossed", "lp5", line, on, amount)
    books.line("grossed", "gp", "carry_charged_realized", sold, 6)
    books.line("grossed", "gp", "carry_paid", sold, -6)
    books.value("grossed", "lp5", sold, 0)


@dataclass
class IlpaWorld:
    """Two managers with the same ids; the second one's amounts are three times the first one's."""

    database: Database
    tenants: dict[str, Tenant]
    folder: Path
    sessions: Sessions

    def read(self, email: str, sql: str, *parameters: object, slug: str = "alder") -> list[dict[str, Any]]:
        """Rows that this person sees."""
        with self.sessions.read(viewer_for(self.database, email, slug)) as reader:
            return reader.rows(sql, parameters)

    def cells(
        self, vehicle: str, column: str, investor: str = "lp5", mart: str = "fct_ilpa_nav_reconciliation"
    ) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
        """QTD, YTD and ITD of each line in a column group, as the LP's own session reads them (the manager's for others)."""
        email = "lp@investor.example" if investor == "lp5" else "office@manager.example"
        rows = self.read(
            email,
            f"select line, {column}_qtd_amount as q, {column}_ytd_amount as y, {column}_itd_amount as i from {mart} "
            "where vehicle_id = %s and investor_id = %s and period_end = %s",
            vehicle, investor, PERIOD_END,
        )  # fmt: skip
        return {row["line"]: (row["q"], row["y"], row["i"]) for row in rows}


@pytest.fixture(scope="module")
def ilpa_world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IlpaWorld]:
    """Both managers' files loaded as a person would load them, and computed."""
    folder = tmp_path_factory.mktemp("ilpa")
    with clone(cluster, folder / "home", deployed=True) as database:
        tenants = {}
        for slug, scale in (("alder", 1), ("birch", 3)):
            tenants[slug] = add_tenant(database, slug, name=slug.title(), kind="manager", currency_code="USD")
            books = Books(scale)
            for write in (
                ilpa_sample,
                fees_received,
                capital_account,
                partners_capital,
                plain_fund,
                fund_with_a_line,
                fund_with_plain_calls,
                fund_with_terms,
                fund_with_a_clawback,
            ):
                write(books)
            for result in ingest(database, slug, "capstan", books.write(folder / slug)):
                assert (result.status, result.quarantined) == ("loaded", 0), result.reasons
            add_user(database, "office@manager.example", tenant=slug, role="manager")
            add_user(database, "lp@investor.example", tenant=slug, role="lp", investor_ids=["lp5"])
        dbt_runner.refresh(database)
        with Sessions(database) as sessions:
            yield IlpaWorld(database, tenants, folder, sessions)
