{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'period_end', 'line'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'period_end']]}
) }}

with {{ ilpa_imports('A.2') }},

{{ ilpa_positions() }},

promises as materialized (
    select * from {{ ref('int_ilpa__promises') }}
    {{ for_tenants() }}
),

promised as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        {{ strict_sum('c.amount', 'c.counts_from <= p.quarter_before') }} as before_quarter,
        {{ strict_sum('c.amount', 'c.counts_from <= p.year_before') }} as before_year,
        {{ strict_sum('c.amount') }} as at_end,
        {{ strict_sum('c.amount', 'c.is_cancelled and c.counts_from <= p.quarter_before') }} as cancelled_before_quarter,
        {{ strict_sum('c.amount', 'c.is_cancelled and c.counts_from <= p.year_before') }} as cancelled_before_year,
        {{ strict_sum('c.amount', 'c.is_cancelled') }} as cancelled_at_end
    from positions as p
    inner join promises as c
        on p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.investor_id = c.investor_id and p.period_end >= c.counts_from
    group by p.tenant_id, p.vehicle_id, p.investor_id, p.period_end
),

-- What had moved before each span, and of that calls and recalls alone: they decide what a cancelled promise sets free.
moved as materialized (
    select
        s.tenant_id,
        s.vehicle_id,
        s.investor_id,
        s.period_end,
        {{ strict_sum('s.before_quarter') }} as before_quarter,
        {{ strict_sum('s.before_year') }} as before_year,
        {{ strict_sum('s.before_quarter', "s.part in ('commitment_contributions', 'commitment_recallable')") }} as called_before_quarter,
        {{ strict_sum('s.before_year', "s.part in ('commitment_contributions', 'commitment_recallable')") }} as called_before_year,
        {{ strict_sum('s.itd', "s.part in ('commitment_contributions', 'commitment_recallable')") }} as called_at_end
    from spans as s
    inner join members as r on s.part = r.part and r.line = 'unfunded_end'
    group by s.tenant_id, s.vehicle_id, s.investor_id, s.period_end
),

-- Where the administrator dates the releases itself, a status alone releases nothing more.
releases_stated as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        investor_id
    from amounts
    where line = 'commitment_released'
),

known as materialized (
    select
        p.tenant_id,
        p.vehicle_id,
        p.investor_id,
        p.period_end,
        r.tenant_id is not null as is_release_stated,
        {%- for when in ['before_quarter', 'before_year', 'at_end'] %}
        {{ known_or_zero('c.tenant_id', 'c.' ~ when) }} as promised_{{ when }},
        {{ known_or_zero('c.tenant_id', 'c.cancelled_' ~ when) }} as cancelled_{{ when }},
        {{ known_or_zero('m.tenant_id', 'm.called_' ~ when) }} as called_{{ when }},
        {%- endfor %}
        {{ known_or_zero('m.tenant_id', 'm.before_quarter') }} as moved_before_quarter,
        {{ known_or_zero('m.tenant_id', 'm.before_year') }} as moved_before_year
    from positions as p
    left join promised as c
        on
            p.tenant_id = c.tenant_id and p.vehicle_id = c.vehicle_id and p.period_end = c.period_end
            and p.investor_id = c.investor_id
    left join moved as m
        on
            p.tenant_id = m.tenant_id and p.vehicle_id = m.vehicle_id and p.period_end = m.period_end
            and p.investor_id = m.investor_id
    left join releases_stated as r
        on p.tenant_id = r.tenant_id and p.vehicle_id = r.vehicle_id and p.investor_id = r.investor_id
),

carried as materialized (
    select
        known.*,
        {%- for when in ['before_quarter', 'before_year', 'at_end'] %}
        case when is_release_stated then 0 else {{ released_of('cancelled_' ~ when, 'promised_' ~ when ~ ' + called_' ~ when) }} end as released_{{ when }}{{ ',' if not loop.last }}
        {%- endfor %}
    from known
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
        c.tenant_id,
        c.vehicle_id,
        c.investor_id,
        c.period_end,
        b.part,
        b.qtd,
        b.ytd,
        b.itd,
        false
    from carried as c
    cross join lateral (
        values
        ('total_commitment', c.promised_at_end, c.promised_at_end, c.promised_at_end),
        (
            'unfunded_start',
            c.promised_before_quarter + c.moved_before_quarter - c.released_before_quarter,
            c.promised_before_year + c.moved_before_year - c.released_before_year,
            c.promised_at_end
        ),
        (
            'commitment_released',
            c.released_before_quarter - c.released_at_end,
            c.released_before_year - c.released_at_end,
            -c.released_at_end
        ),
        (
            'commitment_other',
            c.promised_at_end - c.promised_before_quarter,
            c.promised_at_end - c.promised_before_year,
            0
        )
    ) as b (part, qtd, ytd, itd)
),

{{ filled_rows({'total': 'true', 'gp': 'is_general_partner'}) }}

select * from published
