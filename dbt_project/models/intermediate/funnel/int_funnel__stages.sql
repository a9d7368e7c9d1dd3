-- The stages of a round in order. `passed` lies outside the order: nobody advances by passing.
select
    stage,
    stage_order,
    probability
from (
    values
    {%- for stage, probability in var('stage_probability').items() %}
    ('{{ stage }}', {{ loop.index }}, {{ probability }}::numeric){% if not loop.last %},{% endif %}
    {%- endfor %}
) as stages (stage, stage_order, probability)
