{{ config(
    unique_key=['tenant_id', 'stream', 'row_key'],
    meta={'audience': ['gp'], 'indexes': [['tenant_id', 'vehicle_id', 'effective_on']]}
) }}

with unassigned as materialized (
    select distinct
        tenant_id,
        vehicle_id,
        vehicle_name,
        case when left(stated_in, 1) in ('a', 'o') then 'allocations' else 'transactions' end as stream,
        substr(stated_in, 3) as row_key
    from {{ ref('fct_ilpa_amounts') }}
    where investor_id is null {{ for_tenants('and') }}
),

source_rows as (
    select
        tenant_id,
        'transactions' as stream,
        transaction_id as row_key,
        kind as line,
        effective_on,
        signed_amount as amount,
        currency_code,
        description,
        _batch_id as batch_id,
        _row_number as source_row
    from {{ ref('stg_capstan__transactions') }}
    {{ for_tenants() }}
    union all
    select
        tenant_id,
        'allocations' as stream,
        allocation_id as row_key,
        line,
        effective_on,
        amount,
        currency_code,
        description,
        _batch_id as batch_id,
        _row_number as source_row
    from {{ ref('stg_capstan__allocations') }}
    {{ for_tenants() }}
),

batches as (
    select * from {{ ref('stg_capstan__batches') }} {{ for_tenants() }}
)

select
    u.tenant_id,
    u.stream,
    u.row_key,
    u.vehicle_id,
    u.vehicle_name,
    case
        when s.line in ('contribution', 'distribution', 'partner_transfers') then 'cash_without_investor'
        else 'no_commitment_to_share_by'
    end as reason,
    s.line,
    s.effective_on,
    s.amount,
    s.currency_code,
    s.description,
    s.batch_id,
    b.file_name as source_file,
    s.source_row
from unassigned as u
inner join source_rows as s on u.tenant_id = s.tenant_id and u.stream = s.stream and u.row_key = s.row_key
left join batches as b on s.tenant_id = b.tenant_id and s.batch_id = b.batch_id
