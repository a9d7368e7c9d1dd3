-- The investors of a round over all stages of the pipeline are its opportunities, and so are won, lost and open.
-- Why: both count the newest move of each investor; counting moves instead of investors shows here.
-- A returned row is a round where they differ.
with pipeline as (
    select
        tenant_id,
        vehicle_id,
        sum(investors) as investors,
        sum(investors) filter (where stage = 'committed') as committed,
        sum(amount) filter (where stage = 'committed') as committed_amount
    from {{ ref('rpt_pipeline') }}
    {{ for_tenants() }}
    group by tenant_id, vehicle_id
),

velocity as (
    select * from {{ ref('rpt_round_velocity') }} {{ for_tenants() }}
)

select
    v.tenant_id,
    v.vehicle_id,
    v.opportunities,
    p.investors
from velocity as v
full join pipeline as p on v.tenant_id = p.tenant_id and v.vehicle_id = p.vehicle_id
where
    v.opportunities is distinct from p.investors
    or v.won is distinct from p.committed
    or v.won_amount is distinct from p.committed_amount
