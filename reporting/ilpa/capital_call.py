"""ILPA's Capital Call & Distribution Template v2.0 of one investor and quarter: transactions and unfunded
commitment.
"""

from datetime import date
from decimal import Decimal

from openpyxl.workbook import Workbook

from reporting.errors import NothingToReport
from reporting.ilpa import sheet as paper
from reporting.ilpa.calculations_by_terms import add_calculations, calculation_notes, calculation_rows
from reporting.ilpa.capital_call_supplements import add_supplements
from reporting.ilpa.footnotes import add_footnotes
from reporting.ilpa.reading import ALL_LPS, COMMITMENT, NAV, Row, refuse_whole_fund_to_lps, section_rows
from reporting.packs.periods import Quarter
from warehouse.sessions import Reader

UNVERIFIED = (
    "The official workbook's cells were not at hand: blocks and type names follow public summaries of "
    "version 2.0 (September 2025). Which rows its supplemental calculations show is not known: here they "
    "stand as allocated and, where the agreement's terms are known, by the terms. That the fund was a "
    "conduit (Outside Fund) is taken from what the source calls a deemed contribution or distribution."
)


def capital_call_template(
    reader: Reader, vehicle_id: str, investor_id: str | None, quarter: Quarter, *, prepared_on: date
) -> Workbook:
    """The workbook; no investor: the whole fund, the first amounts being those of all limited partners.

    Raises NothingToReport where the reader sees no call or distribution of the quarter.
    """
    rows = _notices(reader, vehicle_id, investor_id, quarter)
    notices = [row for row in rows if row["effective_on"] >= quarter.first_day]
    whose = f"investor {investor_id!r}" if investor_id else "the whole fund"
    if not notices:
        days = ", ".join(sorted({str(row["effective_on"]) for row in rows})[-4:])
        raise NothingToReport(
            f"{whose} has no capital call or distribution of vehicle {vehicle_id!r} in {quarter.name}; "
            + (
                f"the last days before are {days}"
                if days
                else "you may read none of this vehicle and investor"
            )
        )
    commitment = section_rows(reader, COMMITMENT, vehicle_id, investor_id, quarter)
    named = commitment[0]["investor_name"] if commitment else investor_id or ALL_LPS
    facts = [
        ("Fund", notices[0]["vehicle_name"]),
        ("Investor", named),
        ("Period", f"{quarter.title}, {quarter.first_day} to {quarter.last_day}"),
        ("Currency", f"{notices[0]['currency_code']}; paid in is negative; prepared on {prepared_on}"),
    ]
    title = f"ILPA Capital Call & Distribution Template v2.0 - {notices[0]['vehicle_name']} - {quarter.name}"
    book = paper.new_workbook(title, prepared_on)
    _transactions(book, facts, notices)
    if investor_id:
        _day_by_day(book, facts, rows, quarter)
    add_supplements(
        book,
        facts,
        commitment,
        section_rows(reader, NAV, vehicle_id, investor_id, quarter),
    )
    calculations = calculation_rows(reader, vehicle_id, investor_id, quarter)
    add_calculations(book, facts, calculations)
    notes = [
        (
            "Inside fund",
            "Cash that moved in the fund itself; outside fund: deemed contributions and distributions, of "
            "which the fund was the conduit only.",
        ),
        (
            "Effect on unfunded",
            "What changes the unfunded commitment: calls within it, and distributions that may be "
            "called again.",
        ),
        (
            "Recallable",
            "No type of its own in version 2.0: it shows in the effect on the unfunded commitment.",
        ),
        ("Total fund", "The same type and day over all investors of the fund."),
        *calculation_notes(calculations),
        ("Not verified", UNVERIFIED),
    ]
    add_footnotes(book, facts, notes)
    return book


def _notices(reader: Reader, vehicle_id: str, investor_id: str | None, quarter: Quarter) -> list[Row]:
    """Calls and distributions up to the end of the quarter, oldest first."""
    place = {
        "tenant": reader.viewer.tenant_id, "vehicle": vehicle_id, "investor": investor_id,
        "ends": quarter.last_day,
    }  # fmt: skip
    whose = "tenant_id = %(tenant)s and vehicle_id = %(vehicle)s and effective_on <= %(ends)s"
    order = "order by effective_on, transaction_type, is_inside_commitment desc"
    if investor_id:
        return reader.rows(
            f"select * from fct_ilpa_capital_calls where {whose} and investor_id = %(investor)s {order}",
            place,
        )
    refuse_whole_fund_to_lps(reader)
    return reader.rows(
        f"""
        select c.vehicle_name, c.currency_code, c.effective_on, c.transaction_type, c.is_inside_commitment,
               c.is_inside_fund,
               max(c.due_on) as due_on,
               case when count(*) = count(c.investor_amount)
                    then coalesce(sum(c.investor_amount) filter (where not h.is_general_partner), 0)
               end as investor_amount,
               max(c.total_amount) as total_amount,
               case when count(*) = count(c.unfunded_effect_amount)
                    then coalesce(sum(c.unfunded_effect_amount) filter (where not h.is_general_partner), 0)
               end as unfunded_effect_amount,
               string_agg(distinct c.description, '; ' order by c.description) as description
          from (select * from fct_ilpa_capital_calls where {whose}) as c
          join (select distinct investor_id, is_general_partner from fct_ilpa_commitment
                 where tenant_id = %(tenant)s and vehicle_id = %(vehicle)s) as h using (investor_id)
         group by c.vehicle_name, c.currency_code, c.effective_on, c.transaction_type,
                  c.is_inside_commitment, c.is_inside_fund
         {order}
        """,
        place,
    )


def _transactions(book: Workbook, facts: list[tuple[str, str]], notices: list[Row]) -> None:
    sheet = paper.add_sheet(
        book, "Transactions", "Capital calls & distributions", facts, (14, 14, 46, 18, 18, 20, 60)
    )
    heads = [
        "Effective date",
        "Due date",
        "Transaction type",
        "Investor",
        "Total fund",
        "Effect on unfunded",
        "Description",
    ]
    paper.header(sheet, 7, heads[:-1], words=3)
    paper.header(sheet, 7, heads[-1:], 7, words=7)
    at = 8
    sums: list[int] = []
    for label, is_inside in (("Inside fund", True), ("Outside fund", False)):
        paper.block_row(sheet, at, label, 7)
        start = at = at + 1
        for row in (row for row in notices if row["is_inside_fund"] is is_inside):
            paper.put(sheet, at, 1, row["effective_on"], paper.DAY)
            if row["due_on"]:
                paper.put(sheet, at, 2, row["due_on"], paper.DAY)
            paper.put(sheet, at, 3, _type_words(row["transaction_type"]))
            for number, column in enumerate(
                ("investor_amount", "total_amount", "unfunded_effect_amount"), start=4
            ):
                paper.put(sheet, at, number, row[column], paper.CENTS)
            paper.put(sheet, at, 7, row["description"], wrap=True)
            paper.rule(sheet, at, 7, is_sum=False)
            at += 1
        paper.put(sheet, at, 3, f"Subtotal {label.lower()}", bold=True)
        for number, column in ((4, "D"), (5, "E"), (6, "F")):
            text = f"=SUM({column}{start}:{column}{at - 1})" if at > start else "=0"
            paper.put(sheet, at, number, text, paper.CENTS, bold=True, is_formula=True)
        paper.rule(sheet, at, 7, is_sum=True)
        sums.append(at)
        at += 2
    paper.put(sheet, at, 3, "Total", bold=True)
    for number, column in ((4, "D"), (5, "E"), (6, "F")):
        paper.put(
            sheet,
            at,
            number,
            "=" + "+".join(f"{column}{row}" for row in sums),
            paper.CENTS,
            bold=True,
            is_formula=True,
        )
    paper.rule(sheet, at, 7, is_sum=True)
    paper.finish(sheet, 7, freeze="A8")


def _type_words(name: str) -> str:
    """The type without what version 2.0 lets its reader infer: that a distribution may be called again."""
    return paper.type_words(name.removesuffix("_recallable").removesuffix("_permanent"))


def _day_by_day(book: Workbook, facts: list[tuple[str, str]], rows: list[Row], quarter: Quarter) -> None:
    """Day by day of the quarter: before, effect, other changes between notices, after."""
    sheet = paper.add_sheet(book, "Unfunded by day", "Unfunded commitment by day", facts, (18, *[22] * 5))
    paper.header(
        sheet, 7, ["Date", "Before", "Calls", "Recallable distributions", "Other changes of the day", "After"]
    )
    days = sorted({row["effective_on"] for row in rows if row["effective_on"] >= quarter.first_day})
    for at, day in enumerate(days, start=8):
        of_day = [row for row in rows if row["effective_on"] == day]
        effects = [row["unfunded_effect_amount"] for row in of_day]
        before, after = of_day[0]["unfunded_before_amount"], of_day[0]["unfunded_after_amount"]
        paper.put(sheet, at, 1, day, paper.DAY)
        paper.put(sheet, at, 2, before, paper.CENTS)
        if None in (before, after, *effects):
            for number in (3, 4, 5, 6):
                paper.put(sheet, at, number, None, paper.CENTS)
        else:
            called = sum((effect for effect in effects if effect < 0), Decimal(0))
            recalled = sum((effect for effect in effects if effect > 0), Decimal(0))
            paper.put(sheet, at, 3, called, paper.CENTS)
            paper.put(sheet, at, 4, recalled, paper.CENTS)
            paper.put(sheet, at, 5, after - before - called - recalled, paper.CENTS)
            paper.put(sheet, at, 6, f"=SUM(B{at}:E{at})", paper.CENTS, bold=True, is_formula=True)
        paper.rule(sheet, at, 6, is_sum=False)
    paper.finish(sheet, 7, freeze="A8")
