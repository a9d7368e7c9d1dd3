-- Which vehicles (net) and which holdings (gross) are pooled with which, and the currency that the pool is told in: the tenant's,
-- but its own for pools of one currency. Peers share vintage, strategy and currency; without one of these there are none. In each
-- currency that somebody chose, all vehicles are told together (told_in) and each by itself (vehicle).
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
    union all
    select
        v.tenant_id,
        v.vehicle_id,
        pool.pool_by,
        pool.pool_value,
        c.currency_code
    from {{ ref('stg_capstan__vehicles') }} as v
    inner join {{ ref('int_portfolio__fund_currencies') }} as c on v.tenant_id = c.tenant_id
    cross join lateral (
        values
        ('told_in', c.currency_code, c.tenant_currency_code),
        ('vehicle', v.vehicle_id || ' / ' || c.currency_code, v.currency_code)
    ) as pool (pool_by, pool_value, own_currency_code)
    where c.currency_code <> pool.own_currency_code
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
