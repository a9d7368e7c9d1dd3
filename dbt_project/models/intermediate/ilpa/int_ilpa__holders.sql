-- Who holds a part of a vehicle: a promise that binds, a flow, a value or an allocation; and whether it is the general partner's.
-- What was promised is unknown where the rate of one promise is.
select
    h.tenant_id,
    h.vehicle_id,
    h.investor_id,
    i.name as investor_name,
    coalesce(lower(i.kind) in {{ general_partner_kinds() }}, false) as is_general_partner,
    coalesce(lower(i.kind) in {{ general_partner_kinds() }} or lower(i.kind) in {{ affiliate_kinds() }}, false) as is_affiliated,
    {{ strict_sum('h.committed_amount') }} as committed_amount
from (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        vehicle_amount as committed_amount
    from {{ ref('int_commitments__amounts_converted') }}
    where status in ('signed', 'funded')
    union all
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        0::numeric
    from {{ ref('stg_capstan__transactions') }}
    where investor_id is not null and amount <> 0 and kind in ('contribution', 'distribution', 'fee', 'expense', 'tax')
    union all
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        0::numeric
    from {{ ref('stg_capstan__valuations') }}
    where investor_id is not null
    union all
    select distinct
        tenant_id,
        vehicle_id,
        investor_id,
        0::numeric
    from {{ ref('stg_capstan__allocations') }}
    where investor_id is not null and amount <> 0
) as h
inner join {{ ref('stg_capstan__investors') }} as i on h.tenant_id = i.tenant_id and h.investor_id = i.investor_id
group by h.tenant_id, h.vehicle_id, h.investor_id, i.name, i.kind
