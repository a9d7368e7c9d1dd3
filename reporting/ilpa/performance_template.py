"""ILPA's Performance Template of one fund and quarter: fund and portfolio performance, cash flows, their
mapping.

Figures come from the marts; the cash flows are listed so that a reader can compute them again, and one
sheet does.
"""

from datetime import date
from typing import Any

from openpyxl.workbook import Workbook

from reporting.errors import NothingToReport
from reporting.ilpa import sheet as paper
from reporting.ilpa.footnotes import add_footnotes
from reporting.packs.periods import Quarter
from reporting.presentation import reasons
from warehouse.sessions import Reader

Row = dict[str, Any]
BASES = ("net_with_facility", "net_without_facility", "gross_with_facility", "gross_without_facility")
TITLES = {"granular": "Granular methodology", "gross_up": "Gross-Up methodology"}
UNVERIFIED = (
    "The official workbook and its closed list of transaction types were not at hand: sheets, type "
    "names and the mapping "
    "follow public summaries of the guidance of January and April 2025. Under Gross-Up, gross figures "
    "are measured on the "
    "fund's cash with its investments as it is; the official grossing-up of each flow was not verified."
)


def performance_template(
    reader: Reader,
    vehicle_id: str,
    investor_id: str,
    quarter: Quarter,
    *,
    prepared_on: date,
    method: str = "granular",
) -> Workbook:
    """The workbook. Raises NothingToReport where the reader sees no such figures, with the reason."""
    place = {
        "tenant": reader.viewer.tenant_id, "vehicle": vehicle_id, "investor": investor_id,
        "ends": quarter.last_day, "method": method,
    }  # fmt: skip
    whose = "tenant_id = %(tenant)s and vehicle_id = %(vehicle)s and investor_id = %(investor)s"
    figures = {
        row["basis"]: row
        for row in reader.rows(
            f"select * from rpt_ilpa_fund_performance where {whose} and period_end = %(ends)s and "
            "method = %(method)s",
            place,
        )
    }
    if not figures:
        raise NothingToReport(
            f"there is no Performance Template of vehicle {vehicle_id!r} for investor {investor_id!r} "
            f"at {quarter.last_day}; "
            "it needs a fund with allocations (capstan ingest … allocations.csv) and a quarter that is over"
        )
    holdings = reader.rows(
        f"select * from rpt_ilpa_portfolio_performance where {whose} and period_end = %(ends)s order by "
        "invested_on, holding_id",
        place,
    )
    flows = reader.rows(
        f"select * from fct_ilpa_cash_flows where {whose} and method = %(method)s and effective_on <= "
        "%(ends)s "
        "order by counted_on, transaction_type, effective_on",
        place,
    )
    first = next(iter(figures.values()))
    facts = [
        ("Fund", first["vehicle_name"]),
        ("Period", f"since inception to {quarter.last_day}; {TITLES[method]}"),
        ("Currency", f"{first['currency_code']}; prepared on {prepared_on}"),
    ]
    book = paper.new_workbook(
        f"ILPA Performance Template - {first['vehicle_name']} - {quarter.name}", prepared_on
    )
    _fund(book, facts, figures)
    _portfolio(book, facts, holdings)
    _flows(book, facts, flows)
    _mapping(book, facts, flows)
    notes = [
        (
            "Whose figures",
            "All LPs of the fund that are not affiliated; the GP's own flows and value are in none of them.",
        ),
        (
            "Rates",
            "Annual effective, ACT/365, on the days listed. Net: after fees, expenses and carried interest.",
        ),
        (
            "Without the line",
            "As if capital had been called when the subscription line was drawn, without its interest "
            "and fees (ILPA 2017).",
        ),
        ("Method", "One method for the life of a fund; edits to the mapping are to be footnoted."),
    ]
    notes += [
        (row["basis"].replace("_", " "), _why(row)) for row in figures.values() if row["irr_status"] != "ok"
    ]
    add_footnotes(book, facts, [*notes, ("Not verified", UNVERIFIED)])
    return book


def _why(row: Row) -> str:
    status = row["irr_status"]
    if status == "no_facility_flows":
        return "No flows of a subscription line are known, so the figure with the line stands alone."
    if status == "missing_nav":
        return "No value is known at the end of the period; a missing value is not zero."
    return reasons.IRR.get(status, f"The rate is not known: {status}.")


def _fund(book: Workbook, facts: list[tuple[str, str]], figures: dict[str, Row]) -> None:
    sheet = paper.add_sheet(
        book, "Fund performance", "Fund performance, since inception", facts, (44, 20, 20)
    )
    paper.header(sheet, 6, ["", "With facility", "Without facility"])
    lines = (
        ("Net IRR", "net", "irr", paper.PERCENT),
        ("Net TVPI", "net", "multiple", paper.MULTIPLE),
        ("Gross IRR (optional)", "gross", "irr", paper.PERCENT),
        ("Gross MOIC (optional)", "gross", "multiple", paper.MULTIPLE),
        ("Net value at the end", "net", "nav_amount", paper.MONEY),
        ("Gross value at the end", "gross", "nav_amount", paper.MONEY),
    )
    for at, (label, basis, column, form) in enumerate(lines, start=7):
        paper.put(sheet, at, 1, label, bold=at == 7)
        for number, side in enumerate(("with", "without"), start=2):
            paper.put(sheet, at, number, figures[f"{basis}_{side}_facility"][column], form, bold=at == 7)
        paper.rule(sheet, at, 3, is_sum=False)
    young = [row for row in figures.values() if row["irr"] is not None and not row["is_annualized"]]
    if young:
        paper.put(sheet, 14, 1, reasons.YOUNG, italic=True)
    paper.finish(sheet, 6, freeze="B7", is_landscape=False)


def _portfolio(book: Workbook, facts: list[tuple[str, str]], holdings: list[Row]) -> None:
    sheet = paper.add_sheet(
        book, "Portfolio performance", "Portfolio performance, gross", facts, (40, 22, 14, *[18] * 3, 14, 14)
    )
    paper.header(
        sheet,
        6,
        [
            "Investment",
            "Sector",
            "First invested",
            "Invested",
            "Proceeds",
            "Value",
            "Gross IRR",
            "Gross MOIC",
        ],
        words=3,
    )
    at = 6
    for at, row in enumerate(holdings, start=7):
        paper.put(sheet, at, 1, row["holding_name"])
        paper.put(sheet, at, 2, row["sector"])
        if row["invested_on"]:
            paper.put(sheet, at, 3, row["invested_on"], paper.DAY)
        for number, column in enumerate(("invested_amount", "proceeds_amount", "nav_amount"), start=4):
            paper.put(sheet, at, number, row[column], paper.MONEY)
        paper.put(sheet, at, 7, row["gross_irr"], paper.PERCENT)
        paper.put(sheet, at, 8, row["gross_moic"], paper.MULTIPLE)
        paper.rule(sheet, at, 8, is_sum=False)
    total = at + 1
    paper.put(sheet, total, 1, "Total", bold=True)
    for number, column in ((4, "D"), (5, "E"), (6, "F")):
        text = f"=SUM({column}7:{column}{at})" if holdings else "=0"
        paper.put(sheet, total, number, text, paper.MONEY, bold=True, is_formula=True)
    if holdings and all(row["nav_amount"] is not None for row in holdings):
        text = f'=IF(D{total}=0,"n/a",(E{total}+F{total})/D{total})'
        paper.put(sheet, total, 8, text, paper.MULTIPLE, bold=True, is_formula=True)
    paper.rule(sheet, total, 8, is_sum=True)
    paper.finish(sheet, 6, freeze="B7")


def _flows(book: Workbook, facts: list[tuple[str, str]], flows: list[Row]) -> None:
    sheet = paper.add_sheet(book, "Cash flows", "Cash flows", facts, (14, 52, 18, *[24] * 4))
    paper.header(sheet, 6, ["Effective date", "Transaction type", "Amount", *_heads()], words=2)
    at = 6
    for at, row in enumerate(flows, start=7):
        paper.put(sheet, at, 1, row["counted_on"], paper.DAY)
        paper.put(sheet, at, 2, paper.type_words(row["transaction_type"]))
        paper.put(sheet, at, 3, row["amount"], paper.CENTS)
        for number, basis in enumerate(BASES, start=4):
            paper.put(sheet, at, number, f"=IF({_flag(row, basis)}=1,C{at},0)", paper.CENTS, is_formula=True)
        paper.rule(sheet, at, 7, is_sum=False)
    total = at + 1
    paper.put(sheet, total, 1, "Total", bold=True)
    for column in "DEFG":
        text = f"=SUM({column}7:{column}{at})" if flows else "=0"
        paper.put(sheet, total, "ABCDEFG".index(column) + 1, text, paper.CENTS, bold=True, is_formula=True)
    paper.rule(sheet, total, 7, is_sum=True)
    paper.finish(sheet, 6, freeze="A7")


def _heads() -> list[str]:
    return [basis.replace("_facility", " facility").replace("_", " ").capitalize() for basis in BASES]


def _flag(row: Row, basis: str) -> int:
    return 1 if row[f"is_in_{basis}"] else 0


def _mapping(book: Workbook, facts: list[tuple[str, str]], flows: list[Row]) -> None:
    sheet = paper.add_sheet(book, "Type mapping", "Transaction type mapping", facts, (56, *[20] * 4))
    paper.header(sheet, 6, ["Transaction type", *_heads()])
    types: dict[str, set[tuple[int, ...]]] = {}
    for row in flows:
        types.setdefault(row["transaction_type"], set()).add(tuple(_flag(row, basis) for basis in BASES))
    for at, (name, ways) in enumerate(sorted(types.items()), start=7):
        paper.put(sheet, at, 1, paper.type_words(name))
        for number in range(4):
            counted = {way[number] for way in ways}
            words = "by flow" if len(counted) > 1 else "counted" if counted == {1} else "-"
            paper.put(sheet, at, number + 2, words)
        paper.rule(sheet, at, 5, is_sum=False)
    paper.finish(sheet, 6, freeze="B7")
