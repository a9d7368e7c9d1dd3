-- Which vehicles (net) and which holdings (gross) are pooled with which, and the currency that the pool is told in: the tenant's,
-- but its own for pools of one currency. Peers share vintage, strategy and currency; without one of these there are none.
with tenants as (
    select * from {{ ref('stg_control__tenants') }}
),

vehicle_pools as (
    select
        v.tenant_id,
        v.vehicle_id,
        pool.pool_by,
        pool.pool_value,
        pool.currency_code
    from {{ ref('stg_capstan__vehicles') }} as v
    inner join tenants as t on v.tenant_id = t.tenant_id
    cross join lateral (
        values
        ('all', null, t.currency_code),
        ('vintage', v.vintage_year::text, t.currency_code),
        ('strategy', v.strategy, t.currency_code),
        ('currency', v.currency_code, v.currency_code),
        ('peers', v.vintage_year::text || ' / ' || v.strategy || ' / ' || v.currency_code, v.currency_code)
    ) as pool (pool_by, pool_value, currency_code)
    where pool.pool_by <> 'peers' or pool.pool_value is not null
),

members as (
    select
        tenant_id,
        'net' as basis,
        vehicle_id as member_id,
        pool_by,
        pool_value,
        currency_code
    from vehicle_pools
    union all
    select
        p.tenant_id,
        'gross',
        h.holding_id,
        p.pool_by,
        p.pool_value,
        p.currency_code
    from vehicle_pools as p
    inner join {{ ref('stg_capstan__holdings') }} as h on p.tenant_id = h.tenant_id and p.vehicle_id = h.vehicle_id
    union all
    select
        h.tenant_id,
        'gross',
        h.holding_id,
        'sector',
        h.sector,
        t.currency_code
    from {{ ref('stg_capstan__holdings') }} as h
    inner join tenants as t on h.tenant_id = t.tenant_id
)

select
    tenant_id,
    basis,
    member_id,
    concat_ws(':', pool_by, pool_value) as pool_id,
    pool_by,
    pool_value,
    currency_code
from members
