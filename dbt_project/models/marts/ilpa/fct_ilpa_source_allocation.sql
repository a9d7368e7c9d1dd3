{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'line'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with {{ ilpa_imports() }},

{{ ilpa_positions() }},

{{ ilpa_footnotes() }},

-- The share of a fee that offsets the fees of investors: what the newest statement of the period says.
rates as materialized (
    select distinct on (s.tenant_id, s.vehicle_id, p.period_end, s.line)
        s.tenant_id,
        s.vehicle_id,
        p.period_end,
        s.line,
        s.offset_rate
    from {{ ref('int_ilpa__amounts_stated') }} as s
    inner join periods as p on s.tenant_id = p.tenant_id and s.vehicle_id = p.vehicle_id and s.effective_on <= p.period_end
    where s.offset_rate is not null {{ for_tenants('and', 's.tenant_id') }}
    order by s.tenant_id asc, s.vehicle_id asc, p.period_end asc, s.line asc, s.effective_on desc, s.stated_in desc
),

parts as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        period_end,
        part,
        qtd,
        ytd,
        itd,
        is_estimate
    from spans
),

{{ filled_rows('B.1') }},

grouped as materialized (
    select
        tenant_id,
        vehicle_id,
        period_end,
        line,
        {%- for span in ['qtd', 'ytd', 'itd'] %}
        {{ strict_sum(span, 'not is_affiliated and investor_id is not null') }} as lps_{{ span }},
        {{ strict_sum(span, 'is_affiliated') }} as affiliates_{{ span }}{{ ',' if not loop.last }}
        {%- endfor %}
    from filled
    group by tenant_id, vehicle_id, period_end, line
)

select
    f.tenant_id,
    f.vehicle_id,
    f.investor_id,
    f.period_end,
    f.line,
    d.vehicle_name,
    h.investor_name,
    h.is_general_partner,
    t.block,
    t.line_order,
    t.line_name,
    t.role,
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    f.{{ span }} as investor_{{ span }}_amount,
    {%- endfor %}
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    g.lps_{{ span }} as lps_{{ span }}_amount,
    {%- endfor %}
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    g.affiliates_{{ span }} as affiliates_{{ span }}_amount,
    {%- endfor %}
    r.offset_rate::double precision as offset_rate,
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    f.{{ span }} * r.offset_rate as offset_at_rate_{{ span }}_amount,
    {%- endfor %}
    f.is_estimate,
    n.words as footnote,
    d.currency_code
from filled as f
inner join periods as d on f.tenant_id = d.tenant_id and f.vehicle_id = d.vehicle_id and f.period_end = d.period_end
inner join holders as h on f.tenant_id = h.tenant_id and f.vehicle_id = h.vehicle_id and f.investor_id = h.investor_id
inner join template as t on f.line = t.line
inner join grouped as g
    on f.tenant_id = g.tenant_id and f.vehicle_id = g.vehicle_id and f.period_end = g.period_end and f.line = g.line
left join rates as r
    on f.tenant_id = r.tenant_id and f.vehicle_id = r.vehicle_id and f.period_end = r.period_end and f.line = r.line
left join footnotes as n
    on
        f.tenant_id = n.tenant_id and f.vehicle_id = n.vehicle_id and f.period_end = n.period_end
        and f.investor_id = n.investor_id and f.line = n.line
