{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'line'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with {{ ilpa_imports('A.1') }},

{{ ilpa_positions() }},

{{ ilpa_footnotes() }},

{{ ilpa_worth() }},

moving as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.investor_id,
        s.period_end,
        {{ strict_sum('r.factor * s.qtd') }} as qtd,
        {{ strict_sum('r.factor * s.ytd') }} as ytd,
        {{ strict_sum('r.factor * s.itd') }} as itd
    from spans as s
    inner join members as r on s.part = r.part and r.line = 'ending_nav_net'
    group by s.tenant_id, s.vehicle_id, s.investor_id, s.period_end
),

-- The value at both ends of each span; what nobody holds is worth nothing, so its movements are wholly unsplit.
valued as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        case when p.investor_id = '' then 0 else at_quarter.value_amount end as quarter_start_amount,
        case when p.investor_id = '' then 0 else at_year.value_amount end as year_start_amount,
        case when p.investor_id = '' then 0 else at_end.value_amount end as end_amount,
        at_end.value_status,
        {{ known_or_zero('m.tenant_id', 'm.qtd') }} as moved_qtd,
        {{ known_or_zero('m.tenant_id', 'm.ytd') }} as moved_ytd,
        {{ known_or_zero('m.tenant_id', 'm.itd') }} as moved_itd
    from positions as p
    left join worth as at_quarter
        on
            p.tenant_id = at_quarter.tenant_id and p.vehicle_id = at_quarter.vehicle_id
            and p.investor_id = at_quarter.investor_id and p.quarter_before = at_quarter.on_date
    left join worth as at_year
        on
            p.tenant_id = at_year.tenant_id and p.vehicle_id = at_year.vehicle_id
            and p.investor_id = at_year.investor_id and p.year_before = at_year.on_date
    left join worth as at_end
        on
            p.tenant_id = at_end.tenant_id and p.vehicle_id = at_end.vehicle_id
            and p.investor_id = at_end.investor_id and p.period_end = at_end.on_date
    left join moving as m
        on
            p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id and p.period_end = m.period_end
            and p.investor_id = m.investor_id
),

unsplit as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        period_end,
        end_amount - quarter_start_amount - moved_qtd as qtd,
        end_amount - year_start_amount - moved_ytd as ytd,
        end_amount - moved_itd as itd
    from valued
),

-- What was carried into each span: what had moved before it.
carried as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.investor_id,
        s.period_end,
        r.line,
        {{ strict_sum('r.factor * s.before_quarter') }} as qtd,
        {{ strict_sum('r.factor * s.before_year') }} as ytd
    from spans as s
    inner join members as r on s.part = r.part and r.line in ('carry_end', 'unapplied_offsets_end')
    group by s.tenant_id, s.vehicle_id, s.investor_id, s.period_end, r.line
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
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        period_end,
        'beginning_nav',
        quarter_start_amount,
        year_start_amount,
        0,
        false
    from valued
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        period_end,
        'unsplit',
        qtd,
        ytd,
        itd,
        false
    from unsplit
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        period_end,
        case line when 'carry_end' then 'carry_start' else 'unapplied_offsets_start' end,
        qtd,
        ytd,
        0,
        false
    from carried
),

{{ filled_rows({'total': 'true', 'gp': 'is_general_partner'}) }}

select
    f.*,
    {%- for span in ['qtd', 'ytd', 'itd'] %}
    case when f.line = 'other_income' then u.{{ span }} else 0 end as unsplit_{{ span }}_amount,
    {%- endfor %}
    n.words as footnote,
    v.value_status as nav_status
from published as f
inner join unsplit as u
    on
        f.tenant_id = u.tenant_id and f.vehicle_id = u.vehicle_id and f.period_end = u.period_end
        and f.investor_id = u.investor_id
inner join valued as v
    on
        f.tenant_id = v.tenant_id and f.vehicle_id = v.vehicle_id and f.period_end = v.period_end
        and f.investor_id = v.investor_id
left join footnotes as n
    on
        f.tenant_id = n.tenant_id and f.vehicle_id = n.vehicle_id and f.period_end = n.period_end
        and f.investor_id = n.investor_id and f.line = n.line
