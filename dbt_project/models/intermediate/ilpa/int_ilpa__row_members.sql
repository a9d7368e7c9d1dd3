-- Which stated amounts make up each row of the template, with their sign: a row is the sum of factor × amount. `block` is the
-- block of the template rows; `unsplit` and the carry charged inside gains have no row of their own.
with parts as (
    select
        line as part,
        block
    from {{ ref('int_ilpa__template_rows') }}
    where role in ('part', 'balance', 'memo')
    union all
    select
        part,
        block
    from (
        values
        ('unsplit', 'income'),
        ('carry_charged_realized', 'gains'),
        ('carry_charged_unrealized', 'gains')
    ) as hidden (part, block)
),

-- Rows that show one part, and what is shown inside another row.
shown as (
    select
        part as line,
        part,
        1 as factor
    from parts
    where part not in ('unsplit', 'carry_charged_realized', 'carry_charged_unrealized')
    union all
    select
        line,
        part,
        factor
    from (
        values
        ('other_income', 'unsplit', 1),
        ('realized_gain', 'carry_charged_realized', 1),
        ('unrealized_gain', 'carry_charged_unrealized', 1),
        ('carry_earned_realized', 'carry_charged_realized', 1),
        ('carry_accrued_unrealized', 'carry_charged_unrealized', 1),
        ('management_fees_net', 'management_fees', 1),
        ('management_fees_net', 'management_fee_rebates', 1),
        ('management_fees_net', 'management_fee_waivers', 1),
        ('management_fees_net', 'management_fee_offsets', 1),
        ('internal_net', 'internal_offsets', 1),
        ('external_net', 'external_offsets', 1),
        ('offsets_applied', 'management_fee_offsets', -1),
        ('offsets_applied', 'internal_offsets', -1),
        ('offsets_applied', 'external_offsets', -1),
        ('unapplied_offsets_end', 'unapplied_offsets_start', 1),
        ('unapplied_offsets_end', 'management_fee_offsets', -1),
        ('unapplied_offsets_end', 'internal_offsets', -1),
        ('unapplied_offsets_end', 'external_offsets', -1),
        ('total_costs_gross', 'management_fees', 1),
        ('total_costs_reductions', 'management_fee_rebates', 1),
        ('total_costs_reductions', 'management_fee_waivers', 1),
        ('total_costs_reductions', 'management_fee_offsets', 1),
        ('total_costs_reductions', 'internal_offsets', 1),
        ('total_costs_reductions', 'external_offsets', 1),
        ('ending_nav_net', 'beginning_nav', 1),
        ('ending_nav_gross', 'beginning_nav', 1),
        ('carry_end', 'carry_start', 1),
        ('carry_end', 'carry_charged_realized', 1),
        ('carry_end', 'carry_charged_unrealized', 1),
        ('ending_nav_gross', 'carry_start', -1),
        ('ending_nav_gross', 'carry_charged_realized', -1),
        ('ending_nav_gross', 'carry_charged_unrealized', -1),
        ('unfunded_end', 'unfunded_start', 1)
    ) as named (line, part, factor)
),

-- Sums over whole blocks, without the parts that are listed above or reduce the costs.
summed as (
    select
        s.line,
        p.part,
        s.factor
    from (
        values
        ('total_flows', 'flows', 1),
        ('internal_gross', 'internal', 1),
        ('internal_net', 'internal', 1),
        ('external_gross', 'external', 1),
        ('external_net', 'external', 1),
        ('total_costs_gross', 'internal', 1),
        ('total_costs_gross', 'external', 1),
        ('offsets_recognized', 'offsets', 1),
        ('unapplied_offsets_end', 'offsets', 1),
        ('total_income', 'income', 1),
        ('total_gain', 'gains', 1),
        ('carry_end', 'carry', 1),
        ('ending_nav_gross', 'carry', -1),
        ('unfunded_end', 'commitment', 1),
        ('received_fees', 'received', 1),
        ('received_total', 'received', 1)
    ) as s (line, block, factor)
    inner join parts as p on s.block = p.block
    where
        p.part not in ('internal_offsets', 'external_offsets', 'unapplied_offsets_start', 'carry_start', 'carry_held_in_escrow')
        and p.part not in ('total_commitment', 'unfunded_start')
        and (s.line <> 'received_fees' or p.part <> 'reimbursed_travel_and_administration')
),

-- Sums over blocks with what reduces them: net costs, operating income, ending values.
netted as (
    select
        s.line,
        p.part,
        1 as factor
    from (
        values
        ('total_net_expenses', 'management_fees'), ('total_net_expenses', 'internal'), ('total_net_expenses', 'external'),
        ('total_costs_net', 'management_fees'), ('total_costs_net', 'internal'), ('total_costs_net', 'external'),
        ('net_operating_income', 'management_fees'), ('net_operating_income', 'internal'), ('net_operating_income', 'external'),
        ('net_operating_income', 'income'),
        ('ending_nav_net', 'flows'), ('ending_nav_net', 'management_fees'), ('ending_nav_net', 'internal'),
        ('ending_nav_net', 'external'), ('ending_nav_net', 'income'), ('ending_nav_net', 'gains'),
        ('ending_nav_gross', 'flows'), ('ending_nav_gross', 'management_fees'), ('ending_nav_gross', 'internal'),
        ('ending_nav_gross', 'external'), ('ending_nav_gross', 'income'), ('ending_nav_gross', 'gains')
    ) as s (line, block)
    inner join parts as p on s.block = p.block
)

select
    line,
    part,
    sum(factor)::integer as factor
from (
    select
        line,
        part,
        factor
    from shown
    union all
    select
        line,
        part,
        factor
    from summed
    union all
    select
        line,
        part,
        factor
    from netted
) as members
group by line, part
having sum(factor) <> 0
