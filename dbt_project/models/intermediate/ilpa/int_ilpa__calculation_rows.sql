-- The rows of the supplemental calculations of the Capital Call & Distribution Template: what the terms of the agreement give.
-- role as in int_ilpa__template_rows; `result` is what a sum may not be told by adding (the lesser of two). Sign: effect on wealth.
select
    line_order,
    calculation,
    line,
    line_name,
    role
from (
    values
    (1, 'management_fee', 'fee_by_terms', '(Management fee by the terms)', 'part'),
    (2, 'management_fee', 'management_fee_rebates', 'Less: rebates', 'part'),
    (3, 'management_fee', 'management_fee_waivers', 'Less: waivers', 'part'),
    (4, 'management_fee', 'management_fee_offsets', 'Less: offsets applied to management fees', 'part'),
    (5, 'management_fee', 'fee_by_terms_net', '(Management fee by the terms - net)', 'sum'),
    (6, 'management_fee', 'management_fees_net', '(Management fees - net, as allocated in A.1)', 'memo'),
    (7, 'management_fee', 'fee_difference', 'Difference: by the terms less as allocated', 'sum'),
    (8, 'waterfall', 'contributed', 'Paid in by all investors', 'memo'),
    (9, 'waterfall', 'tier_return_of_capital', 'Distributed: return of capital', 'part'),
    (10, 'waterfall', 'tier_preferred_return', 'Distributed: preferred return', 'part'),
    (11, 'waterfall', 'tier_catch_up', 'Distributed: catch-up', 'part'),
    (12, 'waterfall', 'tier_split', 'Distributed: split', 'part'),
    (13, 'waterfall', 'distributed', 'Distributed, all tiers', 'sum'),
    (14, 'accrued_carry', 'accrued_start', 'Accrued on the value held - beginning', 'balance'),
    (15, 'accrued_carry', 'accrued_change', 'Accrued in period', 'part'),
    (16, 'accrued_carry', 'accrued_end', 'Accrued on the value held - end', 'sum'),
    (17, 'clawback', 'carry_distributed', 'Carried interest distributed, since inception', 'balance'),
    (18, 'clawback', 'carry_due', 'Carried interest due on the whole result', 'sum'),
    (19, 'clawback', 'clawback', 'Clawback: distributed beyond what is due', 'result')
) as calculations (line_order, calculation, line, line_name, role)
