{{ config(
    unique_key=['tenant_id', 'investor_id', 'index_code', 'on_date'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'index_code', 'on_date']]}
) }}

-- The level of the benchmark on each day that it was needed for: days of flows, and days that a position is shown for.
with used as materialized (
    select
        tenant_id,
        investor_id,
        benchmark_code as index_code,
        effective_on as on_date
    from {{ ref('int_portfolio__flows_measured') }}
    where benchmark_code is not null {{ for_tenants('and') }}
    union
    select
        tenant_id,
        investor_id,
        benchmark_code,
        as_of
    from {{ ref('fct_investor_benchmarks') }}
    where benchmark_code is not null {{ for_tenants('and') }}
    union
    select
        tenant_id,
        null,
        benchmark_code,
        as_of
    from {{ ref('fct_vehicle_benchmarks') }}
    where benchmark_code is not null {{ for_tenants('and') }}
),

days as materialized (
    select distinct
        index_code,
        on_date
    from used
),

levels as materialized (
    select
        d.index_code,
        d.on_date,
        q.level,
        q.level_on,
        q._batch_id,
        q._row_number
    from days as d
    cross join lateral (
        select
            i.level,
            i.on_date as level_on,
            i._batch_id,
            i._row_number
        from {{ ref('stg_capstan__index_levels') }} as i
        where i.index_code = d.index_code and {{ is_recent('i', 'd.on_date') }}
        order by i.on_date desc
        limit 1
    ) as q
),

batches as (
    select * from {{ ref('stg_capstan__batches') }}
    where tenant_id = 0
)

select
    u.tenant_id,
    u.investor_id,
    u.index_code,
    u.on_date,
    l.level_on,
    l.level,
    l._batch_id as batch_id,
    b.file_name as source_file,
    l._row_number as source_row
from used as u
inner join levels as l on u.index_code = l.index_code and u.on_date = l.on_date
left join batches as b on l._batch_id = b.batch_id
