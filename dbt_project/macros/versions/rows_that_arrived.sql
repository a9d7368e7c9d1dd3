{#-
  Two import CTEs `arrived` and `scoped`: the rows of the books that arrived in the batches of `windows` (tenant_id, vehicle_id,
  investor_id, as_of, seen_batch_seq, batch_seq), and the same once for each figure they can move: the investor's in the vehicle,
  the vehicle's, the investor's over all vehicles. A row about a vehicle or a holding itself moves all of its investors' figures.
-#}
{% macro arrived_and_scoped() -%}
bounds as materialized (
    select
        tenant_id,
        min(seen_batch_seq) as seen_batch_seq,
        max(batch_seq) as batch_seq
    from windows
    group by tenant_id
),

arrived as materialized (
    select a.*
    from {{ ref('int_restatements__rows_arrived') }} as a
    inner join bounds as b on a.tenant_id = b.tenant_id and a.batch_seq > b.seen_batch_seq and a.batch_seq <= b.batch_seq
    {{ for_tenants('where', 'a.tenant_id') }}
),

scoped as materialized (
    select
        arrived.*,
        vehicle_id as scope_vehicle_id,
        coalesce(investor_id, '') as scope_investor_id
    from arrived
    union all
    select
        arrived.*,
        vehicle_id,
        ''
    from arrived
    where investor_id is not null
    union all
    select
        arrived.*,
        '',
        investor_id
    from arrived
    where investor_id is not null
    union all
    select
        arrived.*,
        either.vehicle_id,
        pair.investor_id
    from arrived
    inner join (
        select distinct tenant_id, vehicle_id, investor_id from windows where vehicle_id is not null and investor_id is not null
    ) as pair
        on arrived.tenant_id = pair.tenant_id and arrived.vehicle_id = pair.vehicle_id
    cross join lateral (values (pair.vehicle_id), ('')) as either (vehicle_id)
    where arrived.stream in ('vehicles', 'holdings')
)
{%- endmacro %}


{#- Whether an arrival `s` of `scoped` can have moved the figures of a window `w`. -#}
{% macro can_have_moved(s, w) -%}
    {{ s }}.tenant_id = {{ w }}.tenant_id
            and {{ s }}.scope_vehicle_id = coalesce({{ w }}.vehicle_id, '')
            and {{ s }}.scope_investor_id = coalesce({{ w }}.investor_id, '')
            and {{ s }}.batch_seq > {{ w }}.seen_batch_seq
            and {{ s }}.batch_seq <= {{ w }}.batch_seq
            and ({{ s }}.dated_on is null or {{ s }}.dated_on <= {{ w }}.as_of or {{ s }}.stream = 'commitments')
{%- endmacro %}


{#- Whether a figure and a cause are of the same date and range of batches. -#}
{% macro same_window(f, c) -%}
    {{ f }}.tenant_id = {{ c }}.tenant_id
            and coalesce({{ f }}.vehicle_id, '') = coalesce({{ c }}.vehicle_id, '')
            and coalesce({{ f }}.investor_id, '') = coalesce({{ c }}.investor_id, '')
            and {{ f }}.as_of = {{ c }}.as_of
            and {{ f }}.seen_batch_seq = {{ c }}.seen_batch_seq
            and {{ f }}.batch_seq = {{ c }}.batch_seq
{%- endmacro %}
