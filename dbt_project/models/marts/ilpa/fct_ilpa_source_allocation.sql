{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'line'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with {{ ilpa_imports('B.1') }},

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

{{ filled_rows({'lps': "not is_affiliated and investor_id <> ''", 'affiliates': 'is_affiliated'}) }}

select
    f.*,
    r.offset_rate::double precision as offset_rate,
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    f.investor_{{ span }}_amount * r.offset_rate as offset_at_rate_{{ span }}_amount,
    {%- endfor %}
    n.words as footnote
from published as f
left join rates as r
    on f.tenant_id = r.tenant_id and f.vehicle_id = r.vehicle_id and f.period_end = r.period_end and f.line = r.line
left join footnotes as n
    on
        f.tenant_id = n.tenant_id and f.vehicle_id = n.vehicle_id and f.period_end = n.period_end
        and f.investor_id = n.investor_id and f.line = n.line
