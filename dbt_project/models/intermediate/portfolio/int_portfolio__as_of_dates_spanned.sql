-- The dates each vehicle is measured at: every quarter end since its first flow, and its latest known date.
select
    d.tenant_id,
    d.vehicle_id,
    dates.as_of,
    d.vehicle_name,
    d.vehicle_kind,
    d.vintage_year,
    d.strategy,
    d.currency_code,
    d.benchmark_code,
    d.first_flow_on as vehicle_first_flow_on,
    d.closed_from,
    dates.as_of = d.last_known_on as is_latest,
    dates.as_of = {{ quarter_end('dates.as_of') }} as is_quarter_end
from {{ ref('int_portfolio__vehicle_dates_found') }} as d
cross join lateral (
    select {{ quarter_end('quarter_start') }} as as_of
    from
        generate_series(
            date_trunc('quarter', d.first_flow_on::timestamp), d.last_known_on::timestamp, interval '3 months'
        ) as quarter_start
    where {{ quarter_end('quarter_start') }} < d.last_known_on
    union all
    select d.last_known_on
    where d.last_known_on is not null
) as dates
