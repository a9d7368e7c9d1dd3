{{ config(
    unique_key=['tenant_id', 'metric', 'entity_type', 'entity_id', 'as_of', 'vehicle_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'metric', 'as_of']]}
) }}

{#- Column, unit and the status that the number rests on; what investor and vehicle have in common. -#}
{%- set performance_metrics = [
        ('commitment_amount', 'money', 'fx_status'), ('contributed_amount', 'money', 'fx_status'), ('distributed_amount', 'money', 'fx_status'),
        ('recallable_amount', 'money', 'fx_status'), ('nav_amount', 'money', 'nav_status'), ('nav_age_days', 'days', 'nav_status'),
        ('unfunded_amount', 'money', 'fx_status'), ('dpi', 'multiple', 'fx_status'), ('rvpi', 'multiple', 'nav_status'), ('tvpi', 'multiple', 'nav_status'), ('pic', 'multiple', 'fx_status'),
        ('irr', 'fraction', 'irr_status'), ('period_return', 'fraction', 'irr_status'),
        ('ks_pme', 'multiple', 'pme_status'), ('direct_alpha', 'fraction', 'pme_status')
    ] -%}
{%- set portfolio_metrics = [
        ('commitment_amount', 'money', 'fx_status'), ('contributed_amount', 'money', 'fx_status'), ('distributed_amount', 'money', 'fx_status'),
        ('nav_amount', 'money', 'fx_status'), ('unfunded_amount', 'money', 'fx_status'),
        ('dpi', 'multiple', 'fx_status'), ('rvpi', 'multiple', 'fx_status'), ('tvpi', 'multiple', 'fx_status'), ('pic', 'multiple', 'fx_status'),
        ('irr', 'fraction', 'irr_status'), ('period_return', 'fraction', 'irr_status'), ('vehicles', 'count', 'null')
    ] %}

-- The long form of the marts: the same numbers under the names of their columns, one row a number.
-- An investor's row without a vehicle is the whole portfolio in the tenant's currency.
with latest_dates as materialized (
    select * from {{ ref('int_portfolio__latest_dates') }} {{ for_tenants() }}
),

investor_values as (
    {{ unpivot_metrics(
        ref('fct_investor_performance'), "'investor'", 'investor_id', 'vehicle_id', 'investor_id', 'as_of', 'currency_code',
        performance_metrics
    ) }}
),

vehicle_values as (
    {{ unpivot_metrics(
        ref('fct_vehicle_performance'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        performance_metrics + [('gross_irr', 'fraction', 'gross_irr_status'), ('gross_moic', 'multiple', 'gross_irr_status'), ('investors', 'count', 'null')]
    ) }}
),

portfolio_values as (
    {{ unpivot_metrics(
        ref('rpt_investor_portfolio'), "'investor'", 'investor_id', 'null::text', 'investor_id', 'as_of', 'currency_code',
        portfolio_metrics
    ) }}
),

holding_values as (
    {{ unpivot_metrics(
        ref('rpt_holdings'), "'holding'", 'holding_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        [('invested_amount', 'money', 'null'), ('proceeds_amount', 'money', 'null'), ('nav_amount', 'money', 'nav_status'),
         ('moic', 'multiple', 'nav_status'), ('irr', 'fraction', 'irr_status')]
    ) }}
),

round_values as (
    {{ unpivot_metrics(
        ref('rpt_commitment_progress'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'null::date', 'currency_code',
        [('target_amount', 'money', 'null'), ('hard_cap_amount', 'money', 'null'), ('soft_circled_amount', 'money', 'null'), ('signed_amount', 'money', 'null'),
         ('funded_amount', 'money', 'null'), ('collected_amount', 'money', 'null'), ('committed_amount', 'money', 'null'),
         ('committed_pct', 'fraction', 'null')]
    ) }}
    union all
    {{ unpivot_metrics(
        ref('rpt_round_velocity'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'null::date', 'currency_code',
        [('opportunities', 'count', 'null'), ('won', 'count', 'null'), ('lost', 'count', 'null'), ('open', 'count', 'null'),
         ('win_rate', 'fraction', 'null'), ('won_amount', 'money', 'null'), ('average_won_amount', 'money', 'null'),
         ('median_days_to_close', 'days', 'null'), ('velocity_per_day', 'money', 'null')]
    ) }}
),

all_values as (
    select * from investor_values
    union all
    select * from vehicle_values
    union all
    select * from portfolio_values
    union all
    select * from holding_values
    union all
    select * from round_values
)

select
    a.tenant_id,
    a.metric,
    a.entity_type,
    a.entity_id,
    coalesce(a.as_of, d.latest_known_on) as as_of,
    a.vehicle_id,
    a.investor_id,
    a.unit,
    a.value,
    case when a.unit = 'money' then a.currency_code end as currency_code,
    a.status
from all_values as a
inner join latest_dates as d on a.tenant_id = d.tenant_id
where coalesce(a.as_of, d.latest_known_on) is not null
