{{ config(
    unique_key=['tenant_id', 'investor_id', 'from_currency_code', 'to_currency_code', 'on_date', 'quote_currency_code'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'from_currency_code', 'to_currency_code', 'on_date']]}
) }}

-- The quotes of the platform behind each conversion, chosen as by fx_join: the pair or its inverse, else both legs through the euro.
with positions as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        as_of,
        currency_code
    from {{ ref('fct_investor_performance') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select
        tenant_id,
        vehicle_id,
        as_of,
        currency_code
    from {{ ref('fct_vehicle_performance') }}
    {{ for_tenants() }}
),

portfolios as materialized (
    select
        tenant_id,
        investor_id,
        as_of,
        currency_code
    from {{ ref('rpt_portfolio_in_currency') }}
    {{ for_tenants() }}
),

held_in as materialized (
    select distinct
        tenant_id,
        investor_id,
        currency_code
    from positions
),

told_in as materialized (
    select distinct
        tenant_id,
        investor_id,
        currency_code
    from portfolios
),

latest as materialized (
    select
        tenant_id,
        currency_code,
        latest_known_on
    from {{ ref('int_portfolio__latest_dates') }}
    {{ for_tenants() }}
),

pools as materialized (
    select distinct
        tenant_id,
        as_of,
        currency_code
    from {{ ref('fct_pooled_performance') }}
    {{ for_tenants() }}
),

valued as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        currency_code
    from {{ ref('stg_capstan__valuations') }}
    {{ for_tenants() }}
),

promised as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        currency_code
    from {{ ref('stg_capstan__commitments') }}
    {{ for_tenants() }}
),

-- Values at the dates that positions are shown for, a promise without a signature at the latest of them, totals at theirs.
wanted as (
    select
        tenant_id,
        investor_id,
        from_code,
        to_code,
        on_date
    from {{ ref('int_portfolio__conversions_of_rows') }}
    {{ for_tenants() }}
    union
    select
        p.tenant_id,
        p.investor_id,
        n.currency_code as from_code,
        p.currency_code as to_code,
        p.as_of as on_date
    from positions as p
    inner join valued as n on p.tenant_id = n.tenant_id and p.vehicle_id = n.vehicle_id and p.investor_id = n.investor_id
    union
    -- the other way round: what a value in a third currency gained in it
    select
        p.tenant_id,
        p.investor_id,
        p.currency_code as from_code,
        n.currency_code as to_code,
        p.as_of as on_date
    from positions as p
    inner join valued as n on p.tenant_id = n.tenant_id and p.vehicle_id = n.vehicle_id and p.investor_id = n.investor_id
    union
    select
        v.tenant_id,
        null as investor_id,
        v.currency_code as from_code,
        n.currency_code as to_code,
        v.as_of as on_date
    from vehicles as v
    inner join valued as n on v.tenant_id = n.tenant_id and v.vehicle_id = n.vehicle_id and n.investor_id is null
    union
    -- a bridge in the tenant's currency: values at the rates of their own days
    select
        p.tenant_id,
        p.investor_id,
        p.currency_code as from_code,
        d.currency_code as to_code,
        p.as_of as on_date
    from positions as p
    inner join latest as d on p.tenant_id = d.tenant_id
    union
    select
        v.tenant_id,
        null as investor_id,
        v.currency_code as from_code,
        d.currency_code as to_code,
        v.as_of as on_date
    from vehicles as v
    inner join latest as d on v.tenant_id = d.tenant_id
    union
    -- constant currency: values at the rate of one day
    select
        p.tenant_id,
        p.investor_id,
        p.currency_code as from_code,
        t.currency_code as to_code,
        d.latest_known_on as on_date
    from held_in as p
    inner join told_in as t on p.tenant_id = t.tenant_id and p.investor_id = t.investor_id
    inner join latest as d on p.tenant_id = d.tenant_id
    union
    select
        n.tenant_id,
        n.investor_id,
        n.currency_code as from_code,
        t.currency_code as to_code,
        d.latest_known_on as on_date
    from valued as n
    inner join told_in as t on n.tenant_id = t.tenant_id and n.investor_id = t.investor_id
    inner join latest as d on n.tenant_id = d.tenant_id
    union
    select
        p.tenant_id,
        p.investor_id,
        c.currency_code as from_code,
        p.currency_code as to_code,
        p.as_of as on_date
    from positions as p
    inner join promised as c on p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.investor_id = c.investor_id
    union
    select
        v.tenant_id,
        null as investor_id,
        n.currency_code as from_code,
        v.currency_code as to_code,
        v.as_of as on_date
    from vehicles as v
    inner join valued as n on v.tenant_id = n.tenant_id and v.vehicle_id = n.vehicle_id
    union
    select
        t.tenant_id,
        t.investor_id,
        p.currency_code as from_code,
        t.currency_code as to_code,
        t.as_of as on_date
    from portfolios as t
    inner join positions as p on t.tenant_id = p.tenant_id and t.investor_id = p.investor_id
    union
    select
        t.tenant_id,
        null as investor_id,
        v.currency_code as from_code,
        t.currency_code as to_code,
        t.as_of as on_date
    from pools as t
    inner join vehicles as v on t.tenant_id = v.tenant_id
),

used as materialized (
    select * from wanted
    where from_code <> to_code
),

pairs as materialized (
    select distinct
        from_code,
        to_code,
        on_date
    from used
),

rates as (
    select * from {{ ref('stg_capstan__fx_rates') }}
),

direct as materialized (
    select
        p.from_code,
        p.to_code,
        p.on_date,
        q.base_currency_code,
        q.quote_currency_code,
        q.quoted_on,
        q.rate,
        q.is_divisor,
        q.source,
        q._batch_id,
        q._row_number
    from pairs as p
    cross join lateral (
        select
            r.base_currency_code,
            r.quote_currency_code,
            r.on_date as quoted_on,
            r.rate,
            r.base_currency_code = p.to_code as is_divisor,
            r.source,
            r._batch_id,
            r._row_number
        from rates as r
        where
            (
                (r.base_currency_code = p.from_code and r.quote_currency_code = p.to_code)
                or (r.base_currency_code = p.to_code and r.quote_currency_code = p.from_code)
            )
            and {{ is_recent('r', 'p.on_date') }}
        order by r.on_date desc, is_divisor asc
        limit 1
    ) as q
),

legs as materialized (
    select
        p.from_code,
        p.to_code,
        p.on_date,
        q.base_currency_code,
        q.quote_currency_code,
        q.quoted_on,
        q.rate,
        q.is_divisor,
        q.source,
        q._batch_id,
        q._row_number
    from pairs as p
    cross join lateral (
        select distinct on (r.quote_currency_code)
            r.base_currency_code,
            r.quote_currency_code,
            r.on_date as quoted_on,
            r.rate,
            r.quote_currency_code = p.from_code as is_divisor,
            r.source,
            r._batch_id,
            r._row_number
        from rates as r
        where
            r.base_currency_code = 'EUR'
            and r.quote_currency_code in (p.from_code, p.to_code)
            and {{ is_recent('r', 'p.on_date') }}
        order by r.quote_currency_code asc, r.on_date desc
    ) as q
    where
        'EUR' not in (p.from_code, p.to_code)
        and not exists (
            select 1 from direct as d
            where d.from_code = p.from_code and d.to_code = p.to_code and d.on_date = p.on_date
        )
),

quotes as (
    select * from direct
    union all
    select * from legs
),

batches as (
    select * from {{ ref('stg_capstan__batches') }}
    where tenant_id = 0
)

select
    u.tenant_id,
    u.investor_id,
    u.from_code as from_currency_code,
    u.to_code as to_currency_code,
    u.on_date,
    q.base_currency_code,
    q.quote_currency_code,
    q.quoted_on,
    q.rate,
    q.is_divisor,
    q.source,
    q._batch_id as batch_id,
    b.file_name as source_file,
    q._row_number as source_row
from used as u
inner join quotes as q on u.from_code = q.from_code and u.to_code = q.to_code and u.on_date = q.on_date
left join batches as b on q._batch_id = b.batch_id
