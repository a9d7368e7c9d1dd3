-- On every line of every quarter the total is the limited partners and the general partner together.
-- Why: ILPA's first check; a party that an account was filed under twice or not at all shows here.
-- A returned row is a quarter whose parties do not make the total, or whose total is not the sum of the accounts.
with parties as (
    select
        tenant_id,
        vehicle_id,
        quarter,
        sum(accounts) filter (where party = 'total') as total_accounts,
        sum(accounts) filter (where party <> 'total') as party_accounts,
        sum(closing_amount) filter (where party = 'total') as total_closing_amount,
        sum(closing_amount) filter (where party <> 'total') as party_closing_amount,
        sum(itd_gain_amount) filter (where party = 'total') as total_gain_amount,
        sum(itd_gain_amount) filter (where party <> 'total') as party_gain_amount,
        bool_and(closing_amount is not null) as is_known
    from {{ ref('fct_vehicle_capital_account') }}
    {{ for_tenants() }}
    group by tenant_id, vehicle_id, quarter
)

select *
from parties
where
    total_accounts <> party_accounts
    or (is_known and (total_closing_amount <> party_closing_amount or total_gain_amount <> party_gain_amount))
