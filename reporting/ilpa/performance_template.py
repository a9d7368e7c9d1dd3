"""ILPA's Performance Template of one fund and quarter: fund and portfolio performance, cash flows, their
mapping.

Figures come from the marts; the cash flows are listed so that a reader can compute them again, and one
sheet does.
"""

from datetime import date
from typing import Any

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from reporting.errors import NothingToReport
from reporting.ilpa import sheet as paper
from reporting.ilpa.footnotes import add_footnotes
from reporting.ilpa.reading import refuse_whole_fund_to_lps
from reporting.packs.periods import Quarter
from reporting.presentation import reasons
from warehouse.sessions import Reader

Row = dict[str, Any]
MONEY_COLUMNS = {
    4: "invested_amount",
    5: "proceeds_amount",
    6: "nav_amount",
    9: "cost_charged_amount",
    10: "carry_charged_amount",
}
BASES = ("net_with_facility", "net_without_facility", "gross_with_facility", "gross_without_facility")
TITLES = {"granular": "Granular methodology", "gross_up": "Gross-Up methodology"}
GROSS = {
    "granular": "Calls for fees, expenses and the line's cost are left out, by the purpose that each call "
    "states; carried interest paid is added to what investors got; the value is before carried interest.",
    "gross_up": "All calls count, whatever they were for; fees and expenses (net of reductions) and carried "
    "interest paid are added back on the day that the Reporting Template's allocations state them; the value "
    "is before carried interest. In the multiple, costs reduce the calls of their quarter, the rest adds to "
    "what investors got.",
}
NET_BY_INVESTMENT = (
    "A model, for no source splits costs by investment, and not verified against ILPA's guidance: all fees "
    "and expenses of the fund to date (net of reductions) are loaded on what was invested, in proportion; "
    "the carried interest charged to date is taken off the proceeds and value of the investments with a "
    "gain, in proportion to their gains. The net gains of all investments are thus the gross gains less "
    "all that was charged."
)
UNVERIFIED = (
    "The official workbook and its closed list of transaction types were not at hand: sheets, type "
    "names and the mapping follow ILPA's public pages and summaries of the guidance of January and April "
    "2025. That Gross-Up adds charges back to calls that are not itemised is ILPA's own description; the "
    "days and the denominator it prescribes were not verified."
)


def performance_template(
    reader: Reader,
    vehicle_id: str,
    investor_id: str | None,
    quarter: Quarter,
    *,
    prepared_on: date,
    method: str = "granular",
) -> Workbook:
    """The workbook; its figures are the fund's whoever reads it, so no investor is the same workbook.

    Raises NothingToReport where the reader sees no such figures, with the reason.
    """
    if investor_id is None:
        refuse_whole_fund_to_lps(reader)
        investor_id = _any_holder(reader, vehicle_id)
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
    _portfolio(book, facts, holdings, figures)
    _flows(book, facts, flows, figures)
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
        ("Gross figures", GROSS[method]),
        (
            "Investments",
            "Gross: cash between the fund and its investments, before fees, expenses, carried interest and "
            "any line.",
        ),
        ("**** Net by investment", NET_BY_INVESTMENT),
    ]
    notes += [
        (f"Net return of {row['holding_name']}", reasons.ILPA_NET[row["net_irr_status"]])
        for row in holdings
        if row["net_irr_status"] in reasons.ILPA_NET
    ]
    if any(row["gross_irr"] is not None and not row["is_annualized"] for row in holdings):
        notes.append(("Young investments", reasons.YOUNG))
    notes += [
        (row["basis"].replace("_", " "), _why(row)) for row in figures.values() if row["irr_status"] != "ok"
    ]
    add_footnotes(book, facts, [*notes, ("Not verified", UNVERIFIED)])
    return book


def _any_holder(reader: Reader, vehicle_id: str) -> str:
    """A holder whose rows tell the fund's figures, as those of every holder do."""
    row = reader.one(
        "select min(investor_id) as investor_id from rpt_ilpa_fund_performance "
        "where tenant_id = %s and vehicle_id = %s",
        (reader.viewer.tenant_id, vehicle_id),
    )
    return str(row["investor_id"]) if row and row["investor_id"] else ""


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


def _portfolio(
    book: Workbook, facts: list[tuple[str, str]], holdings: list[Row], figures: dict[str, Row]
) -> None:
    """Each investment gross and net, their sums as formulas, and the fund's own net return below."""
    sheet = paper.add_sheet(
        book, "Portfolio performance", "Portfolio performance, gross and net", facts,
        (36, 18, 14, *[16] * 3, *[12] * 2, *[18] * 2, *[14] * 2),
    )  # fmt: skip
    heads = (
        "Investment", "Sector", "First invested", "Invested", "Proceeds", "Value", "Gross IRR", "Gross MOIC",
        "Costs charged****", "Carried interest charged****", "Net IRR****", "Net MOIC****",
    )  # fmt: skip
    paper.header(sheet, 6, heads, words=3)
    sheet.row_dimensions[6].height = 28
    at = 6
    for at, row in enumerate((row for row in holdings if row["holding_id"]), start=7):
        paper.put(sheet, at, 1, row["holding_name"])
        paper.put(sheet, at, 2, row["sector"])
        if row["invested_on"]:
            paper.put(sheet, at, 3, row["invested_on"], paper.DAY)
        for number, column in MONEY_COLUMNS.items():
            paper.put(sheet, at, number, row[column], paper.MONEY)
        paper.put(sheet, at, 7, row["gross_irr"], paper.PERCENT)
        paper.put(sheet, at, 11, row["net_irr"], paper.PERCENT)
        _multiples(sheet, at, row)
        paper.rule(sheet, at, 12, is_sum=False)
    total = at + 1
    pooled = next((row for row in holdings if not row["holding_id"]), None)
    paper.put(sheet, total, 1, "All investments", bold=True)
    for number, column in MONEY_COLUMNS.items():
        letter = "ABCDEFGHIJ"[number - 1]
        text = "=0" if pooled is None else f"=SUM({letter}7:{letter}{at})"
        unknown = pooled is not None and pooled[column] is None
        paper.put(
            sheet, total, number, None if unknown else text, paper.MONEY, bold=True, is_formula=not unknown
        )
    if pooled:
        paper.put(sheet, total, 7, pooled["gross_irr"], paper.PERCENT, bold=True)
        paper.put(sheet, total, 11, pooled["net_irr"], paper.PERCENT, bold=True)
        _multiples(sheet, total, pooled, bold=True)
    paper.rule(sheet, total, 12, is_sum=True)
    net = figures["net_with_facility"]
    paper.put(sheet, total + 1, 1, "The fund, net to limited partners", bold=True)
    paper.put(sheet, total + 1, 11, net["irr"], paper.PERCENT, bold=True)
    paper.put(sheet, total + 1, 12, net["multiple"], paper.MULTIPLE, bold=True)
    paper.rule(sheet, total + 1, 12, is_sum=True)
    paper.finish(sheet, 6, freeze="B7")


def _multiples(sheet: Worksheet, at: int, row: Row, *, bold: bool = False) -> None:
    """Gross and net MOIC as formulas over the row's amounts; n/a where the mart has none."""
    texts = {
        8: ("gross_moic", f'=IF(D{at}=0,"n/a",(E{at}+F{at})/D{at})'),
        12: ("net_moic", f'=IF(D{at}+I{at}=0,"n/a",(E{at}+F{at}-J{at})/(D{at}+I{at}))'),
    }
    for number, (name, text) in texts.items():
        is_known = row[name] is not None
        paper.put(
            sheet, at, number, text if is_known else None, paper.MULTIPLE, bold=bold, is_formula=is_known
        )


def _flows(book: Workbook, facts: list[tuple[str, str]], flows: list[Row], figures: dict[str, Row]) -> None:
    """The flows and what counts each; below, what is left, the gain, and the present value at the rate."""
    sheet = paper.add_sheet(book, "Cash flows", "Cash flows", facts, (14, 58, 18, *[24] * 4))
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
    ends = figures["net_with_facility"]["period_end"]
    for below, label in enumerate(
        ("Total", "Value at the end", "Gain", "Present value at the rate, to be 0")
    ):
        paper.put(sheet, total + below, 1, ends if below == 1 else label, paper.DAY if below == 1 else None)
        paper.put(sheet, total + below, 2, label if below == 1 else None)
        paper.rule(sheet, total + below, 7, is_sum=below != 1)
    for number, basis in enumerate(BASES, start=4):
        column = "ABCDEFG"[number - 1]
        figure = figures[basis]
        lines: list[object] = [f"=SUM({column}7:{column}{at})" if flows else "=0"]
        lines.append(figure["nav_amount"])
        lines.append(f"={column}{total}+{column}{total + 1}")
        lines.append(_present_value(column, at, figure["irr"]) if flows else None)
        for below, content in enumerate(lines):
            is_formula = isinstance(content, str)
            is_unknown = below == 2 and figure["nav_amount"] is None
            paper.put(
                sheet, total + below, number, None if is_unknown else content, paper.CENTS,
                bold=below != 1, is_formula=is_formula and not is_unknown,
            )  # fmt: skip
    paper.finish(sheet, 6, freeze="A7")


def _present_value(column: str, last: int, rate: float | None) -> str | None:
    """NPV of a column and the value below it, in plain arithmetic: programs differ in XIRR."""
    if rate is None:
        return None
    days = f"($A$7:$A${last}-$A$7)/365"
    return (
        f"=IFERROR(ROUND(SUMPRODUCT({column}7:{column}{last}*(1+{rate!r})^(-{days}))"
        f'+{column}{last + 2}*(1+{rate!r})^(-($A${last + 2}-$A$7)/365),2),"n/a")'
    )


def _heads() -> list[str]:
    return [basis.replace("_facility", " facility").replace("_", " ").capitalize() for basis in BASES]


def _flag(row: Row, basis: str) -> int:
    return 1 if row[f"is_in_{basis}"] else 0


def _mapping(book: Workbook, facts: list[tuple[str, str]], flows: list[Row]) -> None:
    sheet = paper.add_sheet(book, "Type mapping", "Transaction type mapping", facts, (56, *[20] * 4))
    paper.header(sheet, 6, ["Transaction type", *_heads()], words=5)
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
