{#-
  Returns as if no subscription line had been used, for the positions and keys given: two CTEs, `facility` with one row a position
  that knows of facility flows, and `facility_returns`. `positions` has the keys, as_of and nav_amount. A value at the date is taken
  as reported: what the line still owes is inside it, and the contribution that repays it is not yet a flow.
-#}
{% macro without_facility(positions, keys) -%}
facility_flows as materialized (
    select
        f.*,
        bool_or(f.is_of_facility) over (partition by {% for key in keys %}f.{{ key }}{{ ', ' if not loop.last }}{% endfor %}) as is_touched
    from {{ ref('int_portfolio__flows_without_facility') }} as f
    {{ for_tenants('where', 'f.tenant_id') }}
),

facility as materialized (
    select
        {%- for key in keys %}
        p.{{ key }},
        {%- endfor %}
        p.as_of,
        p.nav_amount,
        {{ sum_or_null('f.vehicle_amount', "f.kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('f.vehicle_amount', "f.kind = 'distribution'") }} as distributed_amount,
        min(f.fx_reason) as fx_reason
    from {{ positions }} as p
    inner join facility_flows as f
        on {% for key in keys %}p.{{ key }} = f.{{ key }} and {% endfor %}p.as_of >= f.effective_on
    where f.is_touched
    group by {% for key in keys %}p.{{ key }}, {% endfor %}p.as_of, p.nav_amount
    having bool_or(f.is_of_facility)
),

facility_series as materialized (
    select
        {%- for key in keys %}
        p.{{ key }},
        {%- endfor %}
        p.as_of,
        case f.kind when 'contribution' then -f.vehicle_amount else f.vehicle_amount end as amount,
        f.counted_on as on_date
    from facility as p
    inner join facility_flows as f
        on {% for key in keys %}p.{{ key }} = f.{{ key }} and {% endfor %}p.as_of >= f.effective_on
    where p.nav_amount is not null and f.is_touched
    union all
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        as_of,
        nav_amount,
        as_of
    from facility
    where nav_amount is not null
),

facility_returns as materialized (
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        as_of,
        finance.xirr_detail(amount, on_date order by on_date, amount) as irr_detail
    from facility_series
    group by {{ keys | join(', ') }}, as_of
)
{%- endmacro %}

{#- The columns of both, beside those with the line: never one without the other where facility flows are known. -#}
{% macro without_facility_columns(w, wr) -%}
    {{ w }}.tenant_id is not null as has_facility,
    ({{ wr }}.irr_detail).irr as irr_without_facility,
    case when {{ w }}.tenant_id is null then 'no_facility_flows' else ({{ wr }}.irr_detail).irr_status end as irr_without_facility_status,
    {{ ratio(w ~ '.distributed_amount + ' ~ w ~ '.nav_amount', w ~ '.contributed_amount') }} as tvpi_without_facility
{%- endmacro %}
