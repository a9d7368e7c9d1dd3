{#-
  Import CTEs up to `moved_rates`: the exchange rates and index levels that arrived in the platform's batches of `rate_windows`
  (tenant_id, vehicle_id, investor_id, as_of, is_compared, seen_platform_seq, platform_seq), once for each figure they can have moved: a
  rate into the figure's currency, out of one that its rows are in, for a day up to its date; where `is_compared`, a level of the
  vehicle's benchmark too.
-#}
{% macro rates_that_arrived() -%}
codes_of_vehicles as materialized (
    select tenant_id, vehicle_id, currency_code from {{ ref('stg_capstan__transactions') }} {{ for_tenants() }}
    union
    select tenant_id, vehicle_id, currency_code from {{ ref('stg_capstan__valuations') }} {{ for_tenants() }}
    union
    select tenant_id, vehicle_id, currency_code from {{ ref('stg_capstan__commitments') }} {{ for_tenants() }}
),

quotes_behind as materialized (
    select distinct
        w.tenant_id,
        w.vehicle_id,
        w.investor_id,
        w.as_of,
        w.is_compared,
        w.seen_platform_seq,
        w.platform_seq,
        'fx_rates' as stream,
        u.base_currency_code as code,
        u.quote_currency_code as quote_code,
        u.quoted_on as on_date
    from rate_windows as w
    inner join {{ ref('stg_control__tenants') }} as t on w.tenant_id = t.tenant_id
    left join {{ ref('stg_capstan__vehicles') }} as v on w.tenant_id = v.tenant_id and w.vehicle_id = v.vehicle_id
    inner join {{ ref('fct_rates_used') }} as u
        on
            w.tenant_id = u.tenant_id
            and (w.investor_id is null or w.investor_id = u.investor_id)
            and u.to_currency_code = coalesce(v.currency_code, t.currency_code)
            and u.on_date <= w.as_of
    left join codes_of_vehicles as c
        on w.tenant_id = c.tenant_id and w.vehicle_id = c.vehicle_id and u.from_currency_code = c.currency_code
    where (w.vehicle_id is null or c.tenant_id is not null) {{ for_tenants('and', 'u.tenant_id') }}
    union all
    select distinct
        w.tenant_id,
        w.vehicle_id,
        w.investor_id,
        w.as_of,
        w.is_compared,
        w.seen_platform_seq,
        w.platform_seq,
        'index_levels',
        u.index_code,
        '',
        u.level_on
    from rate_windows as w
    inner join {{ ref('stg_capstan__vehicles') }} as v on w.tenant_id = v.tenant_id and w.vehicle_id = v.vehicle_id
    inner join {{ ref('fct_levels_used') }} as u
        on
            w.tenant_id = u.tenant_id
            and (w.investor_id is null or w.investor_id = u.investor_id)
            and v.benchmark_code = u.index_code
            and u.on_date <= w.as_of
    where w.is_compared {{ for_tenants('and', 'u.tenant_id') }}
),

moved_rates as materialized (
    select
        q.tenant_id,
        q.vehicle_id,
        q.investor_id,
        q.as_of,
        q.is_compared,
        q.seen_platform_seq,
        q.platform_seq,
        q.stream,
        concat_ws(' ', concat_ws('/', q.code, nullif(q.quote_code, '')), to_char(q.on_date, 'YYYY-MM-DD')) as row_key,
        q.on_date,
        nullif(q.quote_code, '') as quote_code,
        r.amount as new_amount,
        before.amount as old_amount,
        r._batch_id as batch_id,
        r._row_number as source_row,
        b.file_name as source_file
    from quotes_behind as q
    inner join {{ ref('stg_capstan__rate_versions') }} as r
        on q.stream = r.stream and q.code = r.code and q.quote_code = r.quote_code and q.on_date = r.on_date
    inner join {{ ref('stg_capstan__batches') }} as b
        on b.tenant_id = 0 and r._batch_id = b.batch_id and b.batch_seq > q.seen_platform_seq and b.batch_seq <= q.platform_seq
    left join lateral (
        select p.amount
        from {{ ref('stg_capstan__rate_versions') }} as p
        where p.stream = q.stream and p.code = q.code and p.quote_code = q.quote_code and p.on_date = q.on_date and p._superseded_at < r._superseded_at
        order by p._superseded_at desc
        limit 1
    ) as before on true
)
{%- endmacro %}
