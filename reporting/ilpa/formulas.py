"""Which rows of ILPA's Reporting Template are sums of which others: the workbook's own formulas.

Rows are named by the codes of the marts. The marts compute the same sums in SQL from what sources stated;
that both
ways agree is tested, so nothing here is copied from there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """A row that adds `plus` and takes off `minus`; both name rows of the same section."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()


def _blocks(rows: list[dict[str, object]], block: str, *roles: str) -> tuple[str, ...]:
    return tuple(str(row["line"]) for row in rows if row["block"] == block and row["role"] in roles)


def sums_of(rows: list[dict[str, object]]) -> dict[str, Sum]:
    """The sums of a section, by line; `rows` are its rows in order (line, block, role)."""
    lines = {str(row["line"]) for row in rows}
    internal = tuple(line for line in _blocks(rows, "internal", "part") if line != "internal_offsets")
    external = tuple(line for line in _blocks(rows, "external", "part") if line != "external_offsets")
    received = tuple(line for line in _blocks(rows, "received", "part") if line.startswith("received_"))
    costs = ("management_fees_net", "internal_net", "external_net")
    found = {
        "total_flows": Sum(_blocks(rows, "flows", "part")),
        "management_fees_net": Sum(_blocks(rows, "management_fees", "part")),
        "internal_gross": Sum(internal),
        "internal_net": Sum(("internal_gross", "internal_offsets")),
        "external_gross": Sum(external),
        "external_net": Sum(("external_gross", "external_offsets")),
        "total_net_expenses": Sum(costs),
        "offsets_recognized": Sum(_blocks(rows, "offsets", "part")),
        "offsets_applied": Sum((), ("management_fee_offsets", "internal_offsets", "external_offsets")),
        "unapplied_offsets_end": Sum(("unapplied_offsets_start", "offsets_recognized", "offsets_applied")),
        "total_costs_net": Sum(costs),
        "total_costs_gross": Sum(("management_fees", "internal_gross", "external_gross")),
        "total_costs_reductions": Sum(
            (
                "management_fee_rebates",
                "management_fee_waivers",
                "management_fee_offsets",
                "internal_offsets",
                "external_offsets",
            )
        ),
        "total_income": Sum(_blocks(rows, "income", "part")),
        "net_operating_income": Sum(("total_net_expenses", "total_income")),
        "total_gain": Sum(_blocks(rows, "gains", "part")),
        "ending_nav_net": Sum(("beginning_nav", "total_flows", "net_operating_income", "total_gain")),
        "carry_end": Sum(("carry_start", *_blocks(rows, "carry", "part"))),
        "ending_nav_gross": Sum(("ending_nav_net",), ("carry_end",)),
        "unfunded_end": Sum(("unfunded_start", *_blocks(rows, "commitment", "part"))),
        "received_fees": Sum(received),
        "received_total": Sum(("received_fees", "reimbursed_travel_and_administration")),
    }
    return {line: total for line, total in found.items() if line in lines}


def formula(total: Sum, place: dict[str, int], column: str) -> str:
    """The formula of a sum in a column; `place` is the row number of each line.

    Runs of rows become SUM(a:b).
    """
    rows = sorted(place[line] for line in total.plus)
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    terms = [
        f"SUM({column}{run[0]}:{column}{run[-1]})" if len(run) > 1 else f"{column}{run[0]}" for run in runs
    ]
    minus = "".join(f"-{column}{place[line]}" for line in total.minus)
    return f"={'+'.join(terms)}{minus}"
