{{ config(unique_key=['tenant_id', 'setting']) }}

-- The variables of dbt_project.yml that numbers rest on, as they were when the numbers were computed.
{%- set settings = [
        'rate_max_weekdays', 'quartile_min_members', 'pacing_contribution_rates', 'pacing_life_years', 'pacing_bow', 'pacing_growth',
        'pacing_yield', 'stage_probability', 'visit_gap_minutes', 'retry_days'
    ] %}
with tenants as (
    select * from {{ ref('stg_control__tenants') }} {{ for_tenants() }}
)

select
    t.tenant_id,
    s.setting,
    s.value::jsonb as value
from tenants as t
cross join (
    values
    {%- for setting in settings %}
    ('{{ setting }}', '{{ var(setting) | string | replace("'", '"') }}'){% if not loop.last %},{% endif %}
    {%- endfor %}
) as s (setting, value)
