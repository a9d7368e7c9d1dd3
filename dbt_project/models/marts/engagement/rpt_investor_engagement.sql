{{ config(unique_key=['tenant_id', 'vehicle_id', 'investor_id']) }}

-- Investors that a round has heard of: a move, a view, a contact or a promise. Machines and the own team are left out.
with views as (
    select * from {{ ref('fct_document_views') }}
    where investor_id is not null and not is_machine and not is_own_team {{ for_tenants('and') }}
),

opportunities as (
    select * from {{ ref('int_funnel__opportunities_summed') }}
    {{ for_tenants() }}
),

communications as (
    select * from {{ ref('stg_capstan__communications') }}
    {{ for_tenants() }}
),

commitments as (
    select * from {{ ref('stg_capstan__commitments') }}
    {{ for_tenants() }}
),

investors as (
    select * from {{ ref('stg_capstan__investors') }}
    {{ for_tenants() }}
),

vehicles as (
    select * from {{ ref('stg_capstan__vehicles') }}
    {{ for_tenants() }}
),

latest_dates as materialized (
    select * from {{ ref('int_portfolio__latest_dates') }}
    {{ for_tenants() }}
),

heard_of as (
    select
        tenant_id,
        vehicle_id,
        investor_id
    from views
    union
    select
        tenant_id,
        vehicle_id,
        investor_id
    from opportunities
    union
    select
        tenant_id,
        vehicle_id,
        investor_id
    from communications
    union
    select
        tenant_id,
        vehicle_id,
        investor_id
    from commitments
),

viewed as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        count(distinct visit_number) as visits,
        count(distinct document_id) as documents_viewed,
        sum(duration_seconds) as seconds,
        max(started_at) as last_viewed_at
    from views
    group by tenant_id, vehicle_id, investor_id
),

touched as (
    select
        tenant_id,
        vehicle_id,
        investor_id,
        max(occurred_at) as last_touch_at
    from communications
    group by tenant_id, vehicle_id, investor_id
)

select
    h.tenant_id,
    h.vehicle_id,
    h.investor_id,
    v.name as vehicle_name,
    i.name as investor_name,
    i.firm,
    coalesce(w.visits, 0)::integer as visits,
    coalesce(w.documents_viewed, 0)::integer as documents_viewed,
    coalesce(w.seconds, 0) as seconds,
    w.last_viewed_at,
    t.last_touch_at,
    d.latest_known_on - (t.last_touch_at at time zone d.timezone)::date as days_since_last_touch,
    o.stage,
    o.amount,
    v.currency_code,
    d.latest_known_on as counted_until
from heard_of as h
inner join vehicles as v on h.tenant_id = v.tenant_id and h.vehicle_id = v.vehicle_id
inner join latest_dates as d on h.tenant_id = d.tenant_id
left join investors as i on h.tenant_id = i.tenant_id and h.investor_id = i.investor_id
left join viewed as w on h.tenant_id = w.tenant_id and h.vehicle_id = w.vehicle_id and h.investor_id = w.investor_id
left join touched as t on h.tenant_id = t.tenant_id and h.vehicle_id = t.vehicle_id and h.investor_id = t.investor_id
left join opportunities as o on h.tenant_id = o.tenant_id and h.vehicle_id = o.vehicle_id and h.investor_id = o.investor_id
