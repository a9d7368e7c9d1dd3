{{ config(unique_key=['tenant_id', 'vehicle_id', 'quarter', 'party']) }}

-- Limited partners, general partner and both, as sums of their accounts. One unknown value makes the sum unknown.
with accounts as materialized (
    select * from {{ ref('fct_capital_account') }}
    {{ for_tenants() }}
)

select
    a.tenant_id,
    a.vehicle_id,
    a.quarter,
    p.party,
    a.vehicle_name,
    a.closing_on,
    a.is_complete,
    count(*)::integer as accounts,
    {{ sum_or_null('a.opening_amount', 'true') }} as opening_amount,
    {{ sum_or_null('a.contributions_amount', 'true') }} as contributions_amount,
    {{ sum_or_null('a.distributions_amount', 'true') }} as distributions_amount,
    {{ sum_or_null('a.fees_amount', 'true') }} as fees_amount,
    {{ sum_or_null('a.gain_amount', 'true') }} as gain_amount,
    {{ sum_or_null('a.closing_amount', 'true') }} as closing_amount,
    {{ sum_or_null('a.ytd_opening_amount', 'true') }} as ytd_opening_amount,
    {{ sum_or_null('a.ytd_contributions_amount', 'true') }} as ytd_contributions_amount,
    {{ sum_or_null('a.ytd_distributions_amount', 'true') }} as ytd_distributions_amount,
    {{ sum_or_null('a.ytd_fees_amount', 'true') }} as ytd_fees_amount,
    {{ sum_or_null('a.ytd_gain_amount', 'true') }} as ytd_gain_amount,
    {{ sum_or_null('a.itd_opening_amount', 'true') }} as itd_opening_amount,
    {{ sum_or_null('a.itd_contributions_amount', 'true') }} as itd_contributions_amount,
    {{ sum_or_null('a.itd_distributions_amount', 'true') }} as itd_distributions_amount,
    {{ sum_or_null('a.itd_fees_amount', 'true') }} as itd_fees_amount,
    {{ sum_or_null('a.itd_gain_amount', 'true') }} as itd_gain_amount,
    a.currency_code
from accounts as a
cross join lateral (values (case when a.is_general_partner then 'gp' else 'lps' end), ('total')) as p (party)
group by a.tenant_id, a.vehicle_id, a.quarter, p.party, a.vehicle_name, a.closing_on, a.is_complete, a.currency_code
