{{ config(unique_key=['tenant_id', 'investor_id', 'as_of'], meta={'audience': ['gp', 'lp']}) }}

-- All of an investor's positions in the tenant's currency.
with portfolios as materialized (
    select * from {{ ref('rpt_portfolio_in_currency') }}
    {{ for_tenants() }}
)

select
    p.tenant_id,
    p.investor_id,
    p.as_of,
    p.is_latest,
    p.is_quarter_end,
    p.currency_code,
    p.vehicles,
    p.commitment_amount,
    p.contributed_amount,
    p.distributed_amount,
    p.nav_amount,
    p.unfunded_amount,
    p.unfunded_status,
    p.dpi,
    p.rvpi,
    p.tvpi,
    p.pic,
    p.irr,
    p.irr_status,
    p.is_annualized,
    p.period_return,
    p.has_facility,
    p.irr_without_facility,
    p.irr_without_facility_status,
    p.tvpi_without_facility,
    p.fx_status,
    p.fx_reason
from portfolios as p
inner join {{ ref('stg_control__tenants') }} as t on p.tenant_id = t.tenant_id and p.currency_code = t.currency_code
