-- The stages of a round in order. `passed` lies outside the order: nobody advances by passing.
select
    stage,
    stage_order,
    probability
from (
    values
    {%- for stage in ['contacted', 'meeting', 'dd', 'term_sheet', 'committed', 'passed'] %}
        ('{{ stage }}', {{ loop.index }}, '{{ var('stage_probability')[stage] }}'::numeric){% if not loop.last %},{% endif %}
    {%- endfor %}
) as stages (stage, stage_order, probability)
