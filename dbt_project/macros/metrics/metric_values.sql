{#-
  The long form of the marts: the same numbers under the names of their columns, one row a number. In two parts, because LPs read the
  marts of the first only: `investors`, whose numbers without a vehicle are of the whole portfolio in the tenant's currency, and `funds`
  (vehicles, pools, holdings, rounds). Of the marts themselves or, with `versions`, of what they said from when until when.
-#}
{% macro metric_values_of(part, versions=false) -%}
    {#- Column, unit and the status that the number rests on; what investor and vehicle have in common. -#}
    {%- set performance_metrics = [
        ('commitment_amount', 'money', 'fx_status'), ('contributed_amount', 'money', 'fx_status'), ('distributed_amount', 'money', 'fx_status'),
        ('recallable_amount', 'money', 'fx_status'), ('nav_amount', 'money', 'nav_status'), ('nav_age_days', 'days', 'nav_status'),
        ('unfunded_amount', 'money', 'unfunded_status'), ('dpi', 'multiple', 'fx_status'), ('rvpi', 'multiple', 'nav_status'), ('tvpi', 'multiple', 'nav_status'), ('pic', 'multiple', 'fx_status'),
        ('irr', 'fraction', 'irr_status'), ('period_return', 'fraction', 'irr_status'),
        ('ks_pme', 'multiple', 'pme_status'), ('direct_alpha', 'fraction', 'pme_status'),
        ('irr_without_facility', 'fraction', 'irr_without_facility_status'), ('tvpi_without_facility', 'multiple', 'irr_without_facility_status'),
        ('dpi_netted', 'multiple', 'fx_status'), ('tvpi_netted', 'multiple', 'nav_status'), ('total_exposure_amount', 'money', 'nav_status')
    ] -%}
    {%- set benchmark_metrics = [
        ('ln_pme', 'fraction', 'ln_pme_status'), ('ln_pme_spread', 'fraction', 'ln_pme_status'),
        ('pme_plus', 'fraction', 'pme_plus_status'), ('pme_plus_spread', 'fraction', 'pme_plus_status'), ('pme_plus_scale', 'multiple', 'pme_plus_status'),
        ('mpme', 'fraction', 'mpme_status'), ('mpme_spread', 'fraction', 'mpme_status')
    ] -%}
    {%- set portfolio_metrics = [
        ('commitment_amount', 'money', 'fx_status'), ('contributed_amount', 'money', 'fx_status'), ('distributed_amount', 'money', 'fx_status'),
        ('nav_amount', 'money', 'fx_status'), ('unfunded_amount', 'money', 'unfunded_status'),
        ('dpi', 'multiple', 'fx_status'), ('rvpi', 'multiple', 'fx_status'), ('tvpi', 'multiple', 'fx_status'), ('pic', 'multiple', 'fx_status'),
        ('irr', 'fraction', 'irr_status'), ('period_return', 'fraction', 'irr_status'), ('vehicles', 'count', 'null'),
        ('irr_without_facility', 'fraction', 'irr_without_facility_status'), ('tvpi_without_facility', 'multiple', 'irr_without_facility_status')
    ] -%}
    {%- if part == 'investors' %}
    {{ unpivot_metrics(
        ref('fct_investor_performance'), "'investor'", 'investor_id', 'vehicle_id', 'investor_id', 'as_of', 'currency_code',
        performance_metrics, versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('fct_investor_benchmarks'), "'investor'", 'investor_id', 'vehicle_id', 'investor_id', 'as_of', 'currency_code',
        benchmark_metrics, versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('rpt_investor_portfolio'), "'investor'", 'investor_id', 'null::text', 'investor_id', 'as_of', 'currency_code',
        portfolio_metrics, versions=versions
    ) }}
    {%- else %}
    {{ unpivot_metrics(
        ref('fct_vehicle_performance'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        performance_metrics + [('gross_irr', 'fraction', 'gross_irr_status'), ('gross_moic', 'multiple', 'gross_irr_status'), ('investors', 'count', 'null')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('fct_vehicle_benchmarks'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        benchmark_metrics, versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('fct_j_curve'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        [('net_cash_amount', 'money', 'fx_status'), ('trough_amount', 'money', 'fx_status'), ('trough_pct', 'fraction', 'fx_status')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('rpt_concentration'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        [('holdings', 'count', 'null'), ('holdings_held', 'count', 'concentration_status'), ('holdings_nav_amount', 'money', 'concentration_status'),
         ('loss_ratio_cost', 'fraction', 'loss_status'), ('loss_ratio_loss', 'fraction', 'loss_status'), ('loss_ratio_count', 'fraction', 'loss_status'),
         ('invested_share', 'fraction', 'concentration_status'), ('top_1_share', 'fraction', 'concentration_status'), ('top_5_share', 'fraction', 'concentration_status'),
         ('top_10_share', 'fraction', 'concentration_status'), ('hhi', 'fraction', 'concentration_status'), ('effective_holdings', 'count', 'concentration_status')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('rpt_pacing'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'year_ends_on', 'currency_code',
        [('projected_contribution_amount', 'money', 'pacing_status'), ('projected_distribution_amount', 'money', 'pacing_status'),
         ('projected_nav_amount', 'money', 'pacing_status'), ('projected_unfunded_amount', 'money', 'pacing_status'), ('projected_net_amount', 'money', 'pacing_status')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('rpt_fee_accruals'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        [('management_fee_amount', 'money', 'fee_status'), ('management_fee_accrued_amount', 'money', 'fee_status'), ('management_fee_charged_amount', 'money', 'fx_status'),
         ('carry_distributed_amount', 'money', 'carry_status'), ('carry_accrued_amount', 'money', 'carry_status'), ('clawback_amount', 'money', 'carry_status'),
         ('nav_after_carry_amount', 'money', 'carry_status')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('fct_pooled_performance'), "'pool'", 'pool_id', 'null::text', 'null::text', 'as_of', 'currency_code',
        portfolio_metrics + [
         ('mean_irr', 'fraction', 'null'), ('median_irr', 'fraction', 'null'), ('members_with_irr', 'count', 'null'), ('mean_tvpi', 'multiple', 'null'), ('median_tvpi', 'multiple', 'null'),
         ('irr_p25', 'fraction', 'quartile_status'), ('irr_p50', 'fraction', 'quartile_status'), ('irr_p75', 'fraction', 'quartile_status'),
         ('tvpi_p25', 'multiple', 'quartile_status'), ('tvpi_p50', 'multiple', 'quartile_status'), ('tvpi_p75', 'multiple', 'quartile_status'),
         ('dpi_p25', 'multiple', 'quartile_status'), ('dpi_p50', 'multiple', 'quartile_status'), ('dpi_p75', 'multiple', 'quartile_status'),
         ('holdings', 'count', 'null'), ('gross_irr', 'fraction', 'gross_irr_status'), ('gross_moic', 'multiple', 'gross_irr_status')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('fct_holding_performance'), "'holding'", 'holding_id', 'vehicle_id', 'null::text', 'as_of', 'currency_code',
        [('invested_amount', 'money', 'null'), ('proceeds_amount', 'money', 'null'), ('nav_amount', 'money', 'nav_status'),
         ('moic', 'multiple', 'nav_status'), ('irr', 'fraction', 'irr_status'), ('period_return', 'fraction', 'irr_status')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('rpt_commitment_progress'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'latest_known_on', 'currency_code',
        [('target_amount', 'money', 'null'), ('hard_cap_amount', 'money', 'null'), ('soft_circled_amount', 'money', 'null'), ('signed_amount', 'money', 'null'),
         ('funded_amount', 'money', 'null'), ('collected_amount', 'money', 'null'), ('committed_amount', 'money', 'null'),
         ('committed_pct', 'fraction', 'null')], versions=versions
    ) }}
    union all
    {{ unpivot_metrics(
        ref('rpt_round_velocity'), "'vehicle'", 'vehicle_id', 'vehicle_id', 'null::text', 'latest_known_on', 'currency_code',
        [('opportunities', 'count', 'null'), ('won', 'count', 'null'), ('lost', 'count', 'null'), ('open', 'count', 'null'),
         ('win_rate', 'fraction', 'null'), ('won_amount', 'money', 'null'), ('average_won_amount', 'money', 'null'),
         ('median_days_to_close', 'days', 'null'), ('velocity_per_day', 'money', 'null')], versions=versions
    ) }}
    {%- endif %}
{%- endmacro %}
