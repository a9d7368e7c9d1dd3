"""ILPA's footing rules as formulas over the sheets of the Reporting Template: whoever edits a cell sees what
no longer adds up. The same rules are dbt tests over the marts; those that need another
quarter are only there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.workbook import Workbook

from reporting.ilpa import sheet as paper
from reporting.ilpa.reading import HOLDER

COLUMNS = "BCDEFGHIJ"
TOTAL_COLUMNS, ITD_COLUMNS = "EFG", "DGJ"
FIRST_ROW = 9
NOT_ASKED = "-"


@dataclass(frozen=True)
class Check:
    """A difference that is to be 0. `{column}` in the expression is the column asked, `{itd}` the ITD column
    of its group, `{holder}` and `{gp}` those of the same span beside a total; `columns`: where it is asked.
    """

    label: str
    expression: str
    columns: str = COLUMNS


def _checks(nav: Mapping[str, int], commitment: Mapping[str, int]) -> tuple[Check, ...]:
    def a1(line: str, column: str = "column") -> str:
        return f"'A.1 NAV'!{{{column}}}{nav[line]}"

    def a2(line: str) -> str:
        return f"'A.2 Commitment'!{{column}}{commitment[line]}"

    def rolls(lines: tuple[str, ...], end: str) -> str:
        return "+".join(a1(line) for line in lines) + f"-{a1(end)}"

    return (
        Check(
            "1 Beginning NAV + flows + operating income + gains = ending NAV",
            rolls(
                ("beginning_nav", "total_flows", "net_operating_income", "realized_gain", "unrealized_gain"),
                "ending_nav_net",
            ),
        ),
        Check(
            "2 QTD and YTD end on the NAV of ITD", f"{a1('ending_nav_net')}-{a1('ending_nav_net', 'itd')}"
        ),
        Check("3 NAV since inception begins with nothing", a1("beginning_nav"), ITD_COLUMNS),
        Check(
            "3 Unfunded since inception begins with the commitment",
            f"{a2('unfunded_start')}-{a2('total_commitment')}",
            ITD_COLUMNS,
        ),
        Check(
            "5 Total = limited partners + GP (ending NAV)",
            f"{a1('ending_nav_net')}-{a1('ending_nav_net', 'holder')}-{a1('ending_nav_net', 'gp')}",
            TOTAL_COLUMNS,
        ),
        Check(
            "6 Management fee net = gross + rebates + waivers + offsets",
            rolls(
                (
                    "management_fees",
                    "management_fee_rebates",
                    "management_fee_waivers",
                    "management_fee_offsets",
                ),
                "management_fees_net",
            ),
        ),
        Check(
            "7 Unapplied offsets roll",
            rolls(
                ("unapplied_offsets_start", "offsets_recognized", "offsets_applied"), "unapplied_offsets_end"
            ),
        ),
        Check(
            "8 Gross NAV = net NAV less carried interest",
            f"{a1('ending_nav_net')}-{a1('carry_end')}-{a1('ending_nav_gross')}",
        ),
        Check(
            "9 Carried interest rolls",
            rolls(
                (
                    "carry_start", "carry_accrued_unrealized", "carry_earned_realized",
                    "carry_accrued_and_earned", "carry_paid", "carry_clawback",
                ),
                "carry_end",
            ),
        ),
        Check(
            "10 Unfunded commitment rolls",
            "+".join(
                a2(line)
                for line in (
                    "unfunded_start", "commitment_contributions", "commitment_recallable",
                    "commitment_released", "commitment_other",
                )
            )
            + f"-{a2('unfunded_end')}",
        ),
        Check(
            "11 Carried interest accrued or earned is 0 in total",
            f"{a1('carry_accrued_unrealized')}+{a1('carry_earned_realized')}+{a1('carry_accrued_and_earned')}",
            TOTAL_COLUMNS,
        ),
    )  # fmt: skip


def add_checks(
    book: Workbook,
    facts: list[tuple[str, str]],
    places: Mapping[str, Mapping[str, int]],
    *,
    is_whole_fund: bool,
) -> None:
    """The sheet `Checks`; `places`: the row number of each line by sheet. That the total is LPs and GP (5)
    can be seen in the whole fund's workbook only: another holds one holder's amounts.
    """
    sheet = paper.add_sheet(book, "Checks", "Footing checks", facts, (62, *[16] * 9))
    for number, (_, head) in enumerate(HOLDER):
        first = 2 + 3 * number
        paper.group_header(sheet, FIRST_ROW - 2, head.format(holder=facts[1][1]), first, first + 2)
    paper.header(sheet, FIRST_ROW - 2, [""])
    paper.header(sheet, FIRST_ROW - 1, ["Difference, to be 0 (tolerance 1)", *["QTD", "YTD", "ITD"] * 3])
    checks = [
        check
        for check in _checks(places["A.1 NAV"], places["A.2 Commitment"])
        if is_whole_fund or not check.label.startswith("5 ")
    ]
    for at, check in enumerate(checks, start=FIRST_ROW):
        paper.put(sheet, at, 1, check.label)
        for place, column in enumerate(COLUMNS):
            if column not in check.columns:
                paper.put(sheet, at, place + 2, NOT_ASKED, paper.CENTS)
                continue
            text = check.expression.format(
                column=column,
                itd=COLUMNS[place // 3 * 3 + 2],
                holder=COLUMNS[place % 3],
                gp=COLUMNS[6 + place % 3],
            )
            paper.put(sheet, at, place + 2, f'=IFERROR(ROUND({text},2),"n/a")', paper.CENTS, is_formula=True)
        paper.rule(sheet, at, 10, is_sum=False)
    paper.finish(sheet, FIRST_ROW - 1, freeze=f"B{FIRST_ROW}")
