-- The stages of a round in order. `passed` lies outside the order: nobody advances by passing. Who stands at a stage that is
-- decided is neither open nor has a stage left to advance to.
select
    stage,
    stage_order,
    probability,
    stage in ('committed', 'passed') as is_decided
from (
    values
    {%- for stage in ['contacted', 'meeting', 'dd', 'term_sheet', 'committed', 'passed'] %}
        ('{{ stage }}', {{ loop.index }}, '{{ var('stage_probability')[stage] }}'::numeric){% if not loop.last %},{% endif %}
    {%- endfor %}
) as stages (stage, stage_order, probability)
