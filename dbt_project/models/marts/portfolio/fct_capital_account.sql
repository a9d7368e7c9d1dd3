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
    where irr_status is distinct from 'no_flows' {{ for_tenants('and') }}
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
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    quarter,
    vehicle_name,
    closing_on,
    is_complete,
    opening_amount,
    contributions_amount,
    distributions_amount,
    fees_amount,
    closing_amount - opening_amount - contributions_amount + distributions_amount + fees_amount as gain_amount,
    closing_amount,
    nav_status,
    currency_code
from opened
