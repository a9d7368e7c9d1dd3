"""ILPA's Reporting Template v2.0 as sums of what is stated (METRICS 9.1 and its machine checks 9.1a).

A function a section: amounts by line in, amounts by row of the template out. Unknown parts make unknown sums.
"""

from collections.abc import Callable, Iterable, Mapping

from orchestration.lib.oracle.standing import Money, total

Lines = Mapping[str, Money]
Rows = dict[str, Money]

FLOWS = ("contributions", "distributions", "offering_costs", "placement_fees", "partner_transfers")
FEE_REDUCTIONS = ("management_fee_rebates", "management_fee_waivers", "management_fee_offsets")
INTERNAL = tuple(
    f"internal_{name}"
    for name in (
        "administration", "accounting", "valuation", "audit_and_tax", "it",
        "legal_and_compliance", "organization",
        "other",
    )
)  # fmt: skip
EXTERNAL = (
    *(
        f"external_{name}"
        for name in (
            "administration_and_accounting", "valuation", "it", "legal_and_compliance",
            "investigation_and_examination", "audit", "tax_preparation", "organization", "taxes",
        )
    ),
    "bank_fees", "subscription_facility_fees", "subscription_facility_interest", "other_credit_facility_fees",
    "other_credit_facility_interest", "other_interest", "custody", "due_diligence", "broken_deals",
    "travel_and_entertainment", "insurance", "unreimbursed_portfolio_costs", "external_other",
    "external_other_2016",
)  # fmt: skip
_CATEGORIES = (
    "advisory_and_consulting", "broken_deal", "transaction_and_deal", "directors", "monitoring",
    "capital_markets",
    "arrangement", "origination",
)  # fmt: skip
OFFSETS = tuple(
    f"offset_{name}" for name in (*_CATEGORIES, "organization_cost", "placement", "other", "other_2016")
)
RECEIVED = tuple(f"received_{name}" for name in (*_CATEGORIES, "other", "other_2016"))
REIMBURSED = "reimbursed_travel_and_administration"
COST_OFFSETS = ("management_fee_offsets", "internal_offsets", "external_offsets")
COSTS = ("management_fees", *FEE_REDUCTIONS, *INTERNAL, "internal_offsets", *EXTERNAL, "external_offsets")
INCOME = ("interest_income", "dividend_income", "other_income")
GAINS = ("realized_gain", "unrealized_gain")
CHARGED = ("carry_charged_realized", "carry_charged_unrealized")
CARRY = (
    "carry_accrued_unrealized", "carry_earned_realized", "carry_accrued_and_earned",
    "carry_paid", "carry_clawback",
)  # fmt: skip
MOVING = (*FLOWS, *COSTS, *INCOME, *GAINS, *CHARGED)
"""What changes a holder's value; carried interest that is charged inside gains is stated beside them."""
COMMITMENT = ("commitment_contributions", "commitment_recallable", "commitment_released", "commitment_other")


def carry_moved(lines: Lines) -> Money:
    """What changes the balance of carried interest; what is held in escrow is part of what was earned."""
    return _sum(lines, (*CARRY, *CHARGED))


def offsets_moved(lines: Lines) -> Money:
    """Offsets recognised less those applied."""
    return _less(_sum(lines, OFFSETS), _sum(lines, COST_OFFSETS))


def nav_reconciliation(lines: Lines, opening: Money, unsplit: Money, carry: Money, offsets: Money) -> Rows:
    """Section A.1 of a span. `carry` and `offsets`: the balances that the span opens with."""
    rows = _shown(
        lines, (*FLOWS, *COSTS, *OFFSETS, "interest_income", "dividend_income", "carry_held_in_escrow")
    )
    rows |= _shown(lines, ("carry_accrued_and_earned", "carry_paid", "carry_clawback"))
    add = _adder(rows)
    rows["beginning_nav"] = opening
    rows["total_flows"] = add(*FLOWS)
    rows["management_fees_net"] = add("management_fees", *FEE_REDUCTIONS)
    rows["internal_gross"], rows["external_gross"] = add(*INTERNAL), add(*EXTERNAL)
    rows["internal_net"] = add("internal_gross", "internal_offsets")
    rows["external_net"] = add("external_gross", "external_offsets")
    rows["total_net_expenses"] = add("management_fees_net", "internal_net", "external_net")
    rows["unapplied_offsets_start"] = offsets
    rows["offsets_recognized"] = add(*OFFSETS)
    rows["offsets_applied"] = _less(total(()), add(*COST_OFFSETS))
    rows["unapplied_offsets_end"] = add("unapplied_offsets_start", "offsets_recognized", "offsets_applied")
    rows["total_costs_net"] = rows["total_net_expenses"]
    rows["total_costs_gross"] = add("management_fees", "internal_gross", "external_gross")
    rows["total_costs_reductions"] = add(*FEE_REDUCTIONS, "internal_offsets", "external_offsets")
    rows["other_income"] = total((lines.get("other_income", total(())), unsplit))
    rows["total_income"] = add(*INCOME)
    rows["net_operating_income"] = add("total_net_expenses", "total_income")
    rows["realized_gain"] = _sum(lines, ("realized_gain", "carry_charged_realized"))
    rows["unrealized_gain"] = _sum(lines, ("unrealized_gain", "carry_charged_unrealized"))
    rows["total_gain"] = add(*GAINS)
    rows["ending_nav_net"] = add("beginning_nav", "total_flows", "net_operating_income", "total_gain")
    rows["carry_start"] = carry
    rows["carry_accrued_unrealized"] = _sum(lines, ("carry_accrued_unrealized", "carry_charged_unrealized"))
    rows["carry_earned_realized"] = _sum(lines, ("carry_earned_realized", "carry_charged_realized"))
    rows["carry_end"] = add("carry_start", *CARRY)
    rows["ending_nav_gross"] = _less(rows["ending_nav_net"], rows["carry_end"])
    return rows


def commitment(lines: Lines, promised: Money, unfunded: Money, released: Money, later: Money) -> Rows:
    """Section A.2 of a span: `unfunded` opens it; `released`, `later`: of cancelled and later promises."""
    rows = _shown(lines, ("commitment_contributions", "commitment_recallable"))
    rows["total_commitment"], rows["unfunded_start"] = promised, unfunded
    rows["commitment_released"] = total((lines.get("commitment_released", total(())), released))
    rows["commitment_other"] = total((lines.get("commitment_other", total(())), later))
    rows["unfunded_end"] = _adder(rows)("unfunded_start", *COMMITMENT)
    return rows


def source_allocation(lines: Lines) -> Rows:
    """Section B.1 of a span: what the general partner and related persons received."""
    rows = _shown(lines, (*RECEIVED, REIMBURSED))
    rows["received_fees"] = _sum(rows, RECEIVED)
    rows["received_total"] = _sum(rows, ("received_fees", REIMBURSED))
    return rows


def _shown(lines: Lines, names: Iterable[str]) -> Rows:
    return {name: lines.get(name, total(())) for name in names}


def _sum(lines: Lines, names: Iterable[str]) -> Money:
    return total(lines[name] for name in names if name in lines)


def _adder(rows: Rows) -> Callable[..., Money]:
    return lambda *names: total(rows[name] for name in names)


def _less(amount: Money, other: Money) -> Money:
    return None if amount is None or other is None else amount - other
