-- In every row the total fund is the sum of its holders, the GP included, and of what rpt_unassigned_amounts says is nobody's.
-- Why: all three allocations must foot, to the cent; what no source gives to a holder is a fault of the data that is listed there by
-- file and row, never a difference without a name. A returned row is a row of the template with a difference beyond that. Rows that
-- carry balances or sums are asked of funds without such amounts: where a part foots, sums of parts do (checks 01 to 10).
{%- set spans = {'qtd': "date_trunc('quarter', p.period_end::timestamp)", 'ytd': "date_trunc('year', p.period_end::timestamp)", 'itd': "'-infinity'::timestamp"} %}
with cells as (
    {% for mart in ['fct_ilpa_nav_reconciliation', 'fct_ilpa_commitment'] %}
    select
        m.tenant_id,
        m.vehicle_id,
        m.period_end,
        m.line,
        m.role = 'part' and m.line <> 'other_income' as is_stated,
        {%- for span in spans %}
        case when count(m.investor_{{ span }}_amount) = count(*) then max(m.total_{{ span }}_amount) - sum(m.investor_{{ span }}_amount) end as {{ span }}_difference{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(mart) }} as m
    {{ for_tenants('where', 'm.tenant_id') }}
    group by m.tenant_id, m.vehicle_id, m.period_end, m.line, m.role
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

unassigned as (
    select
        tenant_id,
        vehicle_id,
        line as part,
        effective_on,
        amount
    from {{ ref('fct_ilpa_amounts') }}
    where investor_id is null {{ for_tenants('and') }}
),

incomplete as (
    select distinct
        u.tenant_id,
        u.vehicle_id
    from unassigned as u
    inner join {{ ref('rpt_unassigned_amounts') }} as r on u.tenant_id = r.tenant_id and u.vehicle_id = r.vehicle_id
    {{ for_tenants('where', 'r.tenant_id') }}
),

explained as (
    select
        p.tenant_id,
        p.vehicle_id,
        p.period_end,
        r.line,
        {%- for span, starts in spans.items() %}
        sum(r.factor * u.amount) filter (where u.effective_on >= {{ starts }}) as {{ span }}_amount{{ ',' if not loop.last }}
        {%- endfor %}
    from (select distinct
        c.tenant_id,
        c.vehicle_id,
        c.period_end
    from cells as c) as p
    inner join unassigned as u on p.tenant_id = u.tenant_id and p.vehicle_id = u.vehicle_id and p.period_end >= u.effective_on
    inner join incomplete as i on u.tenant_id = i.tenant_id and u.vehicle_id = i.vehicle_id
    inner join {{ ref('int_ilpa__row_members') }} as r on u.part = r.part
    group by p.tenant_id, p.vehicle_id, p.period_end, r.line
)

select
    c.tenant_id,
    c.vehicle_id,
    c.period_end,
    c.line,
    {%- for span in spans %}
    c.{{ span }}_difference,
    e.{{ span }}_amount as {{ span }}_unassigned{{ ',' if not loop.last }}
    {%- endfor %}
from cells as c
left join explained as e
    on c.tenant_id = e.tenant_id and c.vehicle_id = e.vehicle_id and c.period_end = e.period_end and c.line = e.line
left join incomplete as i on c.tenant_id = i.tenant_id and c.vehicle_id = i.vehicle_id
where
    (c.is_stated or i.tenant_id is null)
    and (
        {%- for span in spans %}
        c.{{ span }}_difference <> coalesce(e.{{ span }}_amount, 0){{ ' or' if not loop.last }}
        {%- endfor %}
    )
