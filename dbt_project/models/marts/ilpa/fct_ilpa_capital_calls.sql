{{ config(
    unique_key=['tenant_id', 'vehicle_id', 'investor_id', 'effective_on', 'transaction_type', 'is_inside_commitment'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'effective_on']]}
) }}

with flows as materialized (
    select
        *,
        is_within_commitment or is_recallable as is_inside
    from {{ ref('int_ilpa__investor_flows') }}
    {{ for_tenants() }}
),

vehicles as materialized (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
),

notices as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        transaction_type,
        is_inside,
        max(due_on) as due_on,
        {{ strict_sum('amount') }} as amount,
        {{ strict_sum('unfunded_effect_amount') }} as unfunded_effect_amount,
        string_agg(distinct description, '; ' order by description) as description
    from flows
    group by tenant_id, vehicle_id, investor_id, effective_on, transaction_type, is_inside
),

totals as materialized (
    select
        tenant_id,
        vehicle_id,
        effective_on,
        transaction_type,
        is_inside,
        {{ strict_sum('amount') }} as amount
    from flows
    group by tenant_id, vehicle_id, effective_on, transaction_type, is_inside
),

-- What changes the unfunded commitment, day by day: promises (a cancelled one with what it sets free), calls, recalls, releases and
-- other adjustments that are stated.
changes as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        counts_from as on_date,
        amount as promised_amount,
        case when is_cancelled then amount else 0 end as cancelled_amount,
        0 as stated_amount,
        false as is_release
    from {{ ref('int_ilpa__promises') }}
    {{ for_tenants() }}
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        unfunded_effect_amount,
        0,
        0,
        false
    from flows
    where unfunded_effect_amount is distinct from 0
    union all
    select
        tenant_id,
        vehicle_id,
        investor_id,
        effective_on,
        0,
        0,
        amount,
        line = 'commitment_released'
    from {{ ref('fct_ilpa_amounts') }}
    where line in ('commitment_released', 'commitment_other') and investor_id is not null {{ for_tenants('and') }}
),

running as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        on_date,
        sum({{ strict_sum('promised_amount') }}) over one as uncalled_amount,
        sum({{ strict_sum('cancelled_amount') }}) over one as cancelled_amount,
        sum({{ strict_sum('stated_amount') }}) over one as stated_amount,
        bool_or(bool_or(promised_amount is null or stated_amount is null)) over one as is_unknown,
        bool_or(bool_or(is_release)) over (partition by tenant_id, vehicle_id, investor_id) as is_release_stated
    from changes
    group by tenant_id, vehicle_id, investor_id, on_date
    window one as (partition by tenant_id, vehicle_id, investor_id order by on_date)
),

balances as materialized (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        on_date,
        lead(on_date, 1, 'infinity') over (partition by tenant_id, vehicle_id, investor_id order by on_date) as next_on,
        uncalled_amount + stated_amount
        - case when is_release_stated then 0 else {{ released_of('cancelled_amount', 'uncalled_amount') }} end as after_amount,
        is_unknown
    from running
)

select
    n.tenant_id,
    n.vehicle_id,
    n.investor_id,
    n.effective_on,
    n.transaction_type,
    n.is_inside as is_inside_commitment,
    n.transaction_type not in ('deemed_contribution', 'deemed_distribution') as is_inside_fund,
    v.name as vehicle_name,
    n.due_on,
    n.amount as investor_amount,
    t.amount as total_amount,
    n.unfunded_effect_amount,
    case when not before.is_unknown then before.after_amount end as unfunded_before_amount,
    case when not after.is_unknown then after.after_amount end as unfunded_after_amount,
    n.description,
    v.currency_code
from notices as n
inner join vehicles as v on n.tenant_id = v.tenant_id and n.vehicle_id = v.vehicle_id
inner join totals as t
    on
        n.tenant_id = t.tenant_id and n.vehicle_id = t.vehicle_id and n.effective_on = t.effective_on
        and n.transaction_type = t.transaction_type and n.is_inside = t.is_inside
left join balances as before
    on
        n.tenant_id = before.tenant_id and n.vehicle_id = before.vehicle_id and n.investor_id = before.investor_id
        and n.effective_on > before.on_date and n.effective_on <= before.next_on
left join balances as after
    on
        n.tenant_id = after.tenant_id and n.vehicle_id = after.vehicle_id and n.investor_id = after.investor_id
        and n.effective_on >= after.on_date and n.effective_on < after.next_on
