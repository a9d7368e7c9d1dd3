{#- Words of `investors.kind` that name the general partner: its account is the GP's Allocation of the templates. -#}
{% macro general_partner_kinds() -%}
    ('gp', 'general partner', 'general_partner', 'general-partner', 'carry vehicle', 'carry_vehicle')
{%- endmacro %}

{#- Words of `investors.kind` for positions of people related to the manager; with the GP: "affiliated positions" of B.1. -#}
{% macro affiliate_kinds() -%}
    ('affiliate', 'gp affiliate', 'gp_affiliate', 'related person', 'related_person', 'employee', 'team')
{%- endmacro %}

{#- Whether an amount of the fund as a whole on this line may be shared by commitment; cash of investors may not. -#}
{% macro is_shared_by_commitment(line) -%}
    {{ line }} not in ('contributions', 'distributions', 'partner_transfers', 'commitment_contributions', 'commitment_recallable')
{%- endmacro %}
