"""Management fee, waterfall, accrued carried interest and clawback of a quarter as the agreement's terms give
them: a sheet of the Capital Call & Distribution Template.

The amounts are those of `rpt_ilpa_supplemental_calculations`; sums, the clawback and the investor's estimated
share are formulas. What was allocated is in `capital_call_supplements`.
"""

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from reporting.ilpa import sheet as paper
from reporting.ilpa.formulas import Sum, formula
from reporting.ilpa.reading import SPANS, Row, refuse_whole_fund_to_lps
from reporting.packs.periods import Quarter
from reporting.presentation import reasons
from warehouse.sessions import Reader

FIRST_ROW = 10
SHARE_ROW = 7
HOLDER, TOTAL, CARRY = "BCD", "EFG", "HIJ"
BLOCKS = {
    "management_fee": "Management fee: rate on base, less reductions",
    "waterfall": "Waterfall: distributions since inception by tier",
    "accrued_carry": "Carried interest accrued, as if all were sold at value",
    "clawback": "Clawback, as if all were sold at value (balances)",
}
SUMS = {
    "fee_by_terms_net": Sum(
        ("fee_by_terms", "management_fee_rebates", "management_fee_waivers", "management_fee_offsets")
    ),
    "fee_difference": Sum(("fee_by_terms_net",), ("management_fees_net",)),
    "distributed": Sum(("tier_return_of_capital", "tier_preferred_return", "tier_catch_up", "tier_split")),
    "accrued_end": Sum(("accrued_start", "accrued_change")),
    "carry_due": Sum(("carry_distributed", "accrued_end")),
}
NOT_THERE = (
    "The agreement's terms are not known (load vehicle_terms), or the books end before this quarter does: "
    "nothing is calculated here, and zeros would be a statement."
)


def calculation_rows(reader: Reader, vehicle_id: str, investor_id: str | None, quarter: Quarter) -> list[Row]:
    """The rows in order, none where no terms are known. No investor: with the share of all limited partners.

    Raises NothingToReport where a limited partner asks for the whole fund.
    """
    if investor_id is None:
        refuse_whole_fund_to_lps(reader)
    return reader.rows(
        """
        with every as (
            select * from rpt_ilpa_supplemental_calculations
             where tenant_id = %(tenant)s and vehicle_id = %(vehicle)s and period_end = %(ends)s
               and (%(investor)s::text is null or investor_id = %(investor)s)
        )
        select distinct on (line_order) every.*, share.of_all
          from every
          join (select line, sum(commitment_share) filter (
                           where not is_general_partner or %(investor)s::text is not null) as of_all
                  from every group by line) as share using (line)
         order by line_order, investor_id
        """,
        {
            "tenant": reader.viewer.tenant_id, "vehicle": vehicle_id, "investor": investor_id,
            "ends": quarter.last_day,
        },
    )  # fmt: skip


def calculation_notes(rows: list[Row]) -> list[tuple[str, str]]:
    """How the sheet is to be read, and why amounts are missing on it."""
    if not rows:
        return []
    notes = [
        (
            "By the terms",
            "What the agreement gives, whatever was charged or paid. The holder's part is an estimate "
            "(****): its share of all commitments, applied to the total less carried interest.",
        )
    ]
    if rows[0]["calculated_on"] < rows[0]["period_end"]:
        notes.append(
            ("By the terms", f"Fee and value reach to {rows[0]['calculated_on']}, the last day of the books.")
        )
    for calculation, status in {row["calculation"]: row["status"] for row in rows}.items():
        if status != "ok":
            notes.append((BLOCKS[calculation], reasons.ACCRUAL.get(status, status)))
    return notes


def add_calculations(book: Workbook, facts: list[tuple[str, str]], rows: list[Row]) -> None:
    """The sheet `By the terms`."""
    sheet = paper.add_sheet(
        book, "By the terms", "Supplemental calculations by the terms", facts, (58, *[16] * 9, 12, 18, 28)
    )
    if not rows:
        paper.put(sheet, SHARE_ROW, 1, NOT_THERE, italic=True)
        return
    paper.put(sheet, SHARE_ROW, 1, "Share of all commitments", italic=True)
    paper.put(sheet, SHARE_ROW, 2, rows[0]["of_all"], "0.000000%")
    paper.header(sheet, FIRST_ROW - 2, [""])
    heads = (f"{facts[1][1]}, estimate****", "Total fund (incl. GP)", "Of which carried interest (GP)")
    for number, head in enumerate(heads):
        paper.group_header(sheet, FIRST_ROW - 2, head, 2 + 3 * number, 4 + 3 * number)
    paper.group_header(sheet, FIRST_ROW - 2, "Terms", 11, 13)
    paper.header(sheet, FIRST_ROW - 1, ["", *["QTD", "YTD", "ITD"] * 3, "Rate", "Base"])
    paper.header(sheet, FIRST_ROW - 1, ["Of what, how counted"], 13, words=13)
    place = _places(rows)
    unknown = {(row["line"], span) for row in rows for span in SPANS if row[f"gp_{span}_amount"] is None}
    for row in rows:
        at = place[row["line"]]
        if at - 1 not in place.values():
            paper.block_row(sheet, at - 1, BLOCKS[row["calculation"]], 13)
        _line(sheet, row, at, place, unknown)
    paper.finish(sheet, FIRST_ROW - 1, freeze=f"B{FIRST_ROW}")


def _places(rows: list[Row]) -> dict[str, int]:
    """The row number of each line; each calculation begins with a row for its name, after a blank one."""
    place: dict[str, int] = {}
    at, calculation = FIRST_ROW - 1, None
    for row in rows:
        if row["calculation"] != calculation:
            at += 1 if calculation is None else 2
            calculation = row["calculation"]
        at += 1
        place[row["line"]] = at
    return place


def _line(sheet: Worksheet, row: Row, at: int, place: dict[str, int], unknown: set[tuple[str, str]]) -> None:
    """One row. A sum that is known although a part of it is not (`unknown`) is told without formula."""
    is_sum = row["role"] in ("sum", "result")
    paper.put(sheet, at, 1, row["line_name"], bold=is_sum, italic=row["role"] == "memo")
    for span, holder, total, carry in zip(SPANS, HOLDER, TOTAL, CARRY, strict=True):
        amounts = {total: row[f"total_{span}_amount"], carry: row[f"gp_{span}_amount"]}
        is_known = None not in amounts.values()
        contents: dict[str, object] = dict(amounts)
        contents[holder] = f"=ROUND(({total}{at}-{carry}{at})*$B${SHARE_ROW},2)"
        total_of = SUMS.get(row["line"])
        if total_of and not any((line, span) in unknown for line in total_of.plus + total_of.minus):
            contents |= {column: formula(total_of, place, column) for column in (holder, total, carry)}
        if row["role"] == "result":
            for column in amounts:
                contents[column] = (
                    f"=MIN(0,{column}{place['carry_due']}-{column}{place['carry_distributed']})"
                )
        for column, content in contents.items():
            is_unknown = not is_known or (column == holder and row["of_all"] is None)
            paper.put(
                sheet, at, ord(column) - ord("A") + 1, None if is_unknown else content, paper.CENTS,
                bold=is_sum, is_formula=isinstance(content, str) and not is_unknown,
            )  # fmt: skip
    if row["rate"] is not None:
        paper.put(sheet, at, 11, row["rate"], paper.PERCENT)
    if row["basis"]:
        paper.put(sheet, at, 13, row["basis"])
    if row["base_amount"] is not None:
        paper.put(sheet, at, 12, row["base_amount"], paper.CENTS)
    paper.rule(sheet, at, 13, is_sum=is_sum)
