{{ config(unique_key=['tenant_id', 'vehicle_id']) }}

with vehicles as (
    select * from {{ ref('stg_capstan__vehicles') }} {{ for_tenants() }}
),

latest_dates as materialized (
    select * from {{ ref('int_portfolio__latest_dates') }} {{ for_tenants() }}
),

commitments as (
    select * from {{ ref('int_commitments__amounts_converted') }} {{ for_tenants() }}
),

payments as (
    select * from {{ ref('int_commitments__payments_collected') }} {{ for_tenants() }}
),

flows as (
    select * from {{ ref('int_portfolio__flows_converted') }}
    where investor_id is not null and kind in ('contribution', 'payment', 'refund') {{ for_tenants('and') }}
),

promised as (
    select
        c.tenant_id,
        c.vehicle_id,
        {{ sum_or_null('c.vehicle_amount', "c.status = 'soft_circled'") }} as soft_circled_amount,
        {{ sum_or_null('c.vehicle_amount', "c.status = 'signed'") }} as signed_amount,
        {{ sum_or_null('c.vehicle_amount', "c.status = 'funded'") }} as funded_amount,
        count(distinct c.investor_id) filter (where c.status <> 'cancelled') as investors,
        count(distinct c.investor_id) filter (where c.status in ('signed', 'funded')) as committed_investors,
        count(p.tenant_id) as paying,
        {{ sum_or_null('p.paid_amount * c.vehicle_amount / nullif(c.amount, 0)', 'p.tenant_id is not null') }} as paid_amount
    from commitments as c
    left join payments as p on c.tenant_id = p.tenant_id and c.commitment_id = p.commitment_id
    group by c.tenant_id, c.vehicle_id
),

moved as (
    select
        tenant_id,
        vehicle_id,
        {{ sum_or_null("case kind when 'refund' then -vehicle_amount else vehicle_amount end", 'true') }} as paid_amount
    from flows
    group by tenant_id, vehicle_id
)

select
    v.tenant_id,
    v.vehicle_id,
    v.name as vehicle_name,
    v.kind as vehicle_kind,
    v.currency_code,
    v.target_amount,
    v.hard_cap_amount,
    v.opened_on,
    v.final_close_on,
    {{ known_or_zero('p.tenant_id', 'p.soft_circled_amount') }} as soft_circled_amount,
    {{ known_or_zero('p.tenant_id', 'p.signed_amount') }} as signed_amount,
    {{ known_or_zero('p.tenant_id', 'p.funded_amount') }} as funded_amount,
    case
        when coalesce(p.paying, 0) > 0 then p.paid_amount
        else {{ known_or_zero('m.tenant_id', 'm.paid_amount') }}
    end as collected_amount,
    {{ known_or_zero('p.tenant_id', 'p.signed_amount + p.funded_amount') }} as committed_amount,
    {{ ratio(known_or_zero('p.tenant_id', 'p.signed_amount + p.funded_amount'), 'v.target_amount') }} as committed_pct,
    coalesce(p.investors, 0)::integer as investors,
    coalesce(p.committed_investors, 0)::integer as committed_investors,
    d.latest_known_on
from vehicles as v
left join latest_dates as d on v.tenant_id = d.tenant_id
left join promised as p on v.tenant_id = p.tenant_id and v.vehicle_id = p.vehicle_id
left join moved as m on v.tenant_id = m.tenant_id and v.vehicle_id = m.vehicle_id
