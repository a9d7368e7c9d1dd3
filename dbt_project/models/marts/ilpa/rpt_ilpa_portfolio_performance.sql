{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'holding_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with periods as materialized (
    select * from {{ ref('int_ilpa__periods') }}
    where has_allocations {{ for_tenants('and') }}
),

performance as materialized (
    select * from {{ ref('fct_holding_performance') }}
    {{ for_tenants() }}
),

investors as materialized (
    select * from {{ ref('int_ilpa__holders') }}
    {{ for_tenants() }}
),

holdings as materialized (
    select * from {{ ref('stg_capstan__holdings') }}
    {{ for_tenants() }}
)

select
    p.tenant_id,
    p.vehicle_id,
    i.investor_id,
    p.period_end,
    h.holding_id,
    p.vehicle_name,
    c.name as holding_name,
    c.sector,
    c.invested_on,
    h.invested_amount,
    h.proceeds_amount,
    h.nav_amount,
    h.nav_status,
    h.irr as gross_irr,
    h.irr_status as gross_irr_status,
    h.moic as gross_moic,
    p.currency_code
from periods as p
inner join performance as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id and p.period_end = h.as_of
inner join holdings as c on h.tenant_id = c.tenant_id and h.holding_id = c.holding_id
inner join investors as i on p.tenant_id = i.tenant_id and p.vehicle_id = i.vehicle_id
