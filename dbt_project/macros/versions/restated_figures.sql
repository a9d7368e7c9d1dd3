{#-
  Figures of a mart that were published for a date and later read otherwise: one row per key, metric and time of change.
  `date_column` is the date that a figure holds for, `is_period_end` the condition under which a vanished row was withdrawn (the
  row of the latest known date goes whenever that date moves on), `metrics` a list of (column, unit, status column or none).
  What was said of a change once is said of it for ever: a row that comes back later is a change of its own, at that time.
-#}
{% macro restated_figures(mart, key, date_column, is_period_end, metrics) -%}
    select
        o.tenant_id,
        '{{ mart.identifier }}' as mart,
        figure.metric,
        {{ 'o.vehicle_id' if 'vehicle_id' in key else 'null::text' }} as vehicle_id,
        {{ 'o.vehicle_name' if 'vehicle_id' in key else 'null::text' }} as vehicle_name,
        {{ 'o.investor_id' if 'investor_id' in key else 'null::text' }} as investor_id,
        o.{{ date_column }} as as_of,
        figure.unit,
        case when figure.unit = 'money' then coalesce(n.currency_code, o.currency_code) end as currency_code,
        figure.old_value,
        figure.new_value,
        figure.old_status,
        figure.new_status,
        o.known_from as published_at,
        case when step.is_return then n.known_from else o.known_to end as known_from,
        n.tenant_id is null as is_withdrawn,
        coalesce(n.data_version, o.data_version) as data_version,
        case when step.is_return then n.seen_batch_seq else o.closing_seen_seq end as seen_batch_seq,
        case when step.is_return then n.batch_seq else o.closing_batch_seq end as batch_seq,
        coalesce(n.platform_seq > n.seen_platform_seq, false) as had_new_rates,
        n.seen_platform_seq,
        n.platform_seq,
        coalesce(n.is_deployed, false) as is_deployed
    from (
        select
            v.*,
            lead(v.known_from) over (partition by {% for name in key %}v.{{ name }}{{ ', ' if not loop.last }}{% endfor %} order by v.known_from) as next_from
        from {{ versions_of(mart) }} as v
        {{ for_tenants('where', 'v.tenant_id') }}
    ) as o
    -- one change where the next version begins as this one ends, else it goes and comes back
    cross join lateral (
        select false as is_return
        union all
        select true
        where o.next_from > o.known_to
    ) as step
    left join {{ versions_of(mart) }} as n
        on
            {% for name in key %}o.{{ name }} = n.{{ name }} and {% endfor %}o.next_from = n.known_from
            and (step.is_return or o.next_from = o.known_to) {{ for_tenants('and', 'n.tenant_id') }}
    cross join lateral (select step.is_return and o.{{ is_period_end }} as was_withdrawn) as before
    cross join lateral (
        values
        {%- for name, unit, status in metrics %}
        ('{{ name }}', '{{ unit }}', case when not before.was_withdrawn then o.{{ name }}::text::numeric end, n.{{ name }}::text::numeric, {{ 'case when not before.was_withdrawn then o.' ~ status ~ ' end' if status else 'null' }}, {{ 'n.' ~ status if status else 'null' }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as figure (metric, unit, old_value, new_value, old_status, new_status)
    where o.known_to < {{ end_of_knowledge() }}
        and (n.tenant_id is not null or o.{{ is_period_end }})
        and figure.old_value is distinct from figure.new_value
        -- the last digits of a rate depend on the order in which doubles were added: that is no news
        and (figure.unit <> 'money' and abs(figure.old_value - figure.new_value) <= 1e-12 * greatest(1, abs(figure.old_value))) is not true
{%- endmacro %}
