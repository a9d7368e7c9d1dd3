{#-
  Returns as if no subscription line had been used, for the positions and keys given: two CTEs, `facility` with one row a position
  that knows of facility flows, and `facility_returns`. `positions` has the keys, as_of and nav_amount. A value at the date is taken
  as reported: what the line still owes is inside it, and the contribution that repays it is not yet a flow. `flows` is a CTE with the
  keys and kind, effective_on, counted_on, told_amount, is_of_facility and fx_reason; without it, those of the vehicle in its currency.
-#}
{% macro without_facility(positions, keys, flows=none) -%}
facility_flows as materialized (
    select
        f.*,
        {%- if not flows %}
        f.vehicle_amount as told_amount,
        {%- endif %}
        bool_or(f.is_of_facility) over (partition by {% for key in keys %}f.{{ key }}{{ ', ' if not loop.last }}{% endfor %}) as is_touched
    from {{ flows or ref('int_portfolio__flows_without_facility') }} as f
    {% if not flows %}{{ for_tenants('where', 'f.tenant_id') }}{% endif %}
),

facility as materialized (
    select
        {%- for key in keys %}
        p.{{ key }},
        {%- endfor %}
        p.as_of,
        p.nav_amount,
        {{ sum_or_null('f.told_amount', "f.kind = 'contribution'") }} as contributed_amount,
        {{ sum_or_null('f.told_amount', "f.kind = 'distribution'") }} as distributed_amount,
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
        case f.kind when 'contribution' then -f.told_amount else f.told_amount end as amount,
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

{#-
  Flows as if no line had been used, of the positions of `members` that one touches, told in a currency of theirs: a CTE `unlevered_flows`
  for `without_facility`. `members` has the keys, `vehicle_id` and `currency_code`, and the investor where `of_investor`.
  `told_on`: the day whose rate each is told at, the one that it counts on unless said otherwise.
-#}
{% macro unlevered_flows(members, keys, of_investor=false, told_on='f.counted_on') -%}
{%- set same_member = 'm.tenant_id = f.tenant_id and m.vehicle_id = f.vehicle_id' ~ (' and m.investor_id = f.investor_id' if of_investor else '') -%}
lines as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id
    from {{ ref('stg_capstan__transactions') }}
    where
        kind = 'contribution'
        and amount <> 0
        and (facility_drawn_on is not null or category in ('subscription_facility_interest', 'subscription_facility_fees'))
        {{ for_tenants('and') }}
),

touched as materialized (
    select distinct {% for key in keys %}m.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ members }} as m
    inner join lines as f on {{ same_member }}
),

unlevered_flows as materialized (
    select
        {%- for key in keys %}
        m.{{ key }},
        {%- endfor %}
        f.kind,
        f.effective_on,
        f.counted_on,
        {{ sum_or_null(zero_or_converted('f.amount', 'told_rate'), 'true') }} as told_amount,
        bool_or(f.is_of_facility) as is_of_facility,
        min(case when f.amount <> 0 then told_rate.reason end) as fx_reason
    from touched as t
    inner join {{ members }} as m on {% for key in keys %}t.{{ key }} = m.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    inner join {{ ref('int_portfolio__flows_without_facility') }} as f on {{ same_member }}
    {{ fx_join('told_rate', 'f.currency_code', 'm.currency_code', told_on) }}
    group by {% for key in keys %}m.{{ key }}, {% endfor %}f.kind, f.effective_on, f.counted_on
)
{%- endmacro %}

{#- The columns of both, beside those with the line: never one without the other where facility flows are known. -#}
{% macro without_facility_columns(w, wr, no_line="'no_facility_flows'") -%}
    {{ w }}.tenant_id is not null as has_facility,
    ({{ wr }}.irr_detail).irr as irr_without_facility,
    case when {{ w }}.tenant_id is null then {{ no_line }} else ({{ wr }}.irr_detail).irr_status end as irr_without_facility_status,
    {{ ratio(w ~ '.distributed_amount + ' ~ w ~ '.nav_amount', w ~ '.contributed_amount') }} as tvpi_without_facility
{%- endmacro %}
