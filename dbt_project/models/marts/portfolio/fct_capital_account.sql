{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'quarter'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'quarter']]}
) }}

-- Quarters from the cumulative sums at their ends. The quarter of the latest date is there too, open: it closes at that date.
with ends as materialized (
    select
        performance.*,
        {{ quarter_end('as_of') }} as quarter,
        row_number() over (
            partition by tenant_id, vehicle_id, investor_id, {{ quarter_end('as_of') }}
            order by as_of desc
        ) as newest_first
    from {{ ref('fct_investor_performance') }} as performance
    where (irr_status is distinct from 'no_flows' or nav_amount is not null) {{ for_tenants('and') }}
),

moved as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        quarter,
        as_of as closing_on,
        is_quarter_end as is_complete,
        vehicle_name,
        currency_code,
        nav_status,
        nav_amount as closing_amount,
        row_number() over quarters = 1 as is_first,
        lag(nav_amount) over quarters as previous_amount,
        contributed_amount - coalesce(lag(contributed_amount) over quarters, 0) as contributions_amount,
        distributed_amount - coalesce(lag(distributed_amount) over quarters, 0) as distributions_amount,
        fees_amount - coalesce(lag(fees_amount) over quarters, 0) as fees_amount
    from ends
    where newest_first = 1
    window quarters as (partition by tenant_id, vehicle_id, investor_id order by quarter)
),

opened as materialized (
    select
        moved.*,
        case when is_first then 0 else previous_amount end as opening_amount
    from moved
),

periods as materialized (
    {{ account_periods('opened', 'tenant_id, vehicle_id, investor_id') }}
),

investors as materialized (
    select * from {{ ref('stg_capstan__investors') }}
    {{ for_tenants() }}
)

select
    p.tenant_id,
    p.vehicle_id,
    p.investor_id,
    p.quarter,
    p.vehicle_name,
    p.closing_on,
    p.is_complete,
    coalesce(lower(i.kind) in {{ general_partner_kinds() }}, false) as is_general_partner,
    p.opening_amount,
    p.contributions_amount,
    p.distributions_amount,
    p.fees_amount,
    {{ gain_of_period('') }} as gain_amount,
    p.closing_amount,
    p.ytd_opening_amount,
    p.ytd_contributions_amount,
    p.ytd_distributions_amount,
    p.ytd_fees_amount,
    {{ gain_of_period('ytd_') }} as ytd_gain_amount,
    p.itd_opening_amount,
    p.itd_contributions_amount,
    p.itd_distributions_amount,
    p.itd_fees_amount,
    {{ gain_of_period('itd_') }} as itd_gain_amount,
    p.nav_status,
    p.currency_code
from periods as p
left join investors as i on p.tenant_id = i.tenant_id and p.investor_id = i.investor_id
