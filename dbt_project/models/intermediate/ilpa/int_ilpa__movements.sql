-- The stated amounts by holder. What is stated for the fund as a whole (costs, income, gains, offsets, carry; not flows of
-- investors) is shared by commitment, to the cent by largest remainder, and marked as an estimate: ILPA's ****. Without any
-- commitment, or with one that is not known in the vehicle's currency, it stays the fund's own, without holder.
with stated as (
    select * from {{ ref('int_ilpa__amounts_stated') }}
),

committed as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        committed_amount,
        sum(committed_amount) over (partition by tenant_id, vehicle_id) as committed_by_all,
        bool_and(committed_amount is not null) over (partition by tenant_id, vehicle_id) as is_known
    from {{ ref('int_ilpa__holders') }}
),

shares as (
    select * from committed
    where is_known and committed_amount > 0
),

cut as (
    select
        s.tenant_id,
        s.vehicle_id,
        h.investor_id,
        s.stated_in,
        s.line,
        s.effective_on,
        s.amount,
        trunc(s.amount * h.committed_amount / h.committed_by_all, 2) as part,
        abs(s.amount * h.committed_amount / h.committed_by_all)
        - abs(trunc(s.amount * h.committed_amount / h.committed_by_all, 2)) as remainder
    from stated as s
    inner join shares as h on s.tenant_id = h.tenant_id and s.vehicle_id = h.vehicle_id
    where s.investor_id is null and {{ is_shared_by_commitment('s.line') }}
),

ranked as (
    select
        cut.*,
        abs(amount) - sum(abs(part)) over one as left_over,
        row_number() over (one order by remainder desc, investor_id asc) as place
    from cut
    window one as (partition by tenant_id, vehicle_id, stated_in)
)

select
    tenant_id,
    vehicle_id,
    investor_id,
    stated_in,
    line,
    effective_on,
    amount,
    false as is_estimate
from stated
where investor_id is not null
union all
select
    tenant_id,
    vehicle_id,
    investor_id,
    stated_in,
    line,
    effective_on,
    -- whole cents left over go to the largest remainders, what is less than a cent to the first of them
    part + sign(amount) * (
        case when place <= floor(left_over * 100) then 0.01 else 0 end
        + case when place = 1 then left_over - floor(left_over * 100) / 100 else 0 end
    ),
    true
from ranked
union all
select
    s.tenant_id,
    s.vehicle_id,
    null,
    s.stated_in,
    s.line,
    s.effective_on,
    s.amount,
    false
from stated as s
where
    s.investor_id is null
    and (
        not {{ is_shared_by_commitment('s.line') }}
        or not exists (
            select 1
            from shares as h
            where h.tenant_id = s.tenant_id and h.vehicle_id = s.vehicle_id
        )
    )
