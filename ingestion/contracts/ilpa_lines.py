"""The lines of ILPA's Reporting Template v2.0 that a source states, as codes; sums and balances are computed.

One code means one row of the template wherever it stands: as `line` of an allocation and, for rows of
cost and income, as `category` of a transaction. docs/metrics/ilpa.md says what each code is for.
"""

FLOW_LINES = ("offering_costs", "placement_fees", "partner_transfers")
MANAGEMENT_FEE_LINES = (
    "management_fees", "management_fee_rebates", "management_fee_waivers", "management_fee_offsets",
)  # fmt: skip
INTERNAL_COSTS = (
    "internal_administration", "internal_accounting", "internal_valuation", "internal_audit_and_tax",
    "internal_it", "internal_legal_and_compliance", "internal_organization", "internal_other",
)  # fmt: skip
EXTERNAL_COSTS = (
    "external_administration_and_accounting", "external_valuation", "external_it",
    "external_legal_and_compliance", "external_investigation_and_examination", "external_audit",
    "external_tax_preparation", "external_organization", "external_taxes", "bank_fees",
    "subscription_facility_fees", "subscription_facility_interest", "other_credit_facility_fees",
    "other_credit_facility_interest", "other_interest", "custody", "due_diligence", "broken_deals",
    "travel_and_entertainment", "insurance", "unreimbursed_portfolio_costs", "external_other",
    "external_other_2016",
)  # fmt: skip
COST_OFFSETS = ("internal_offsets", "external_offsets")
RECOGNIZED_OFFSETS = (
    "offset_advisory_and_consulting", "offset_broken_deal", "offset_transaction_and_deal",
    "offset_directors", "offset_monitoring", "offset_capital_markets", "offset_arrangement",
    "offset_origination", "offset_organization_cost", "offset_placement", "offset_other",
    "offset_other_2016",
)  # fmt: skip
INCOME_LINES = ("interest_income", "dividend_income", "other_income")
GAIN_LINES = ("realized_gain", "unrealized_gain")
CARRY_LINES = (
    "carry_accrued_unrealized", "carry_earned_realized", "carry_held_in_escrow", "carry_accrued_and_earned",
    "carry_paid", "carry_clawback", "carry_charged_unrealized", "carry_charged_realized",
)  # fmt: skip
COMMITMENT_LINES = ("commitment_released", "commitment_other")
RECEIVED_LINES = (
    "received_advisory_and_consulting", "received_broken_deal", "received_transaction_and_deal",
    "received_directors", "received_monitoring", "received_capital_markets", "received_arrangement",
    "received_origination", "received_other", "received_other_2016", "reimbursed_travel_and_administration",
)  # fmt: skip

ALLOCATION_LINES = (
    *FLOW_LINES, *MANAGEMENT_FEE_LINES, *INTERNAL_COSTS, *EXTERNAL_COSTS, *COST_OFFSETS,
    *RECOGNIZED_OFFSETS, *INCOME_LINES, *GAIN_LINES, *CARRY_LINES, *COMMITMENT_LINES, *RECEIVED_LINES,
)  # fmt: skip

COST_CATEGORIES = ("management_fees", *INTERNAL_COSTS, *EXTERNAL_COSTS, "offering_costs", "placement_fees")
CONTRIBUTION_CATEGORIES = (
    "deemed_contribution",
    "subscription_facility_fees",
    "subscription_facility_interest",
)
DISTRIBUTION_CATEGORIES = (
    "deemed_distribution", "in_kind_distribution", "return_of_excess_capital", "return_of_management_fees",
    "carry_clawback",
)  # fmt: skip
CATEGORIES_BY_KIND: dict[str, tuple[str, ...]] = {
    "contribution": CONTRIBUTION_CATEGORIES,
    "distribution": DISTRIBUTION_CATEGORIES,
    "fee": COST_CATEGORIES,
    "expense": COST_CATEGORIES,
    "interest": INCOME_LINES,
    "tax": ("external_taxes",),
    **dict.fromkeys(("investment", "proceeds", "payment", "refund", "transfer", "conversion"), ()),
}
