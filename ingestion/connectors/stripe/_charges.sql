-- Charges wherever Stripe puts them: alone, in a list (`data`), in an event (`data.object`), in its fixtures. One row a charge.
-- Stripe counts minor units: 1099 is 10.99 USD, but 1099 JPY and 1.099 KWD.
with documents as (
    select
        _row_number,
        document::json as body
    from input
),

found as (
    select _row_number, body as charge from documents where body ->> '$.object' = 'charge'
    union all
    select _row_number, unnest(json_extract(body, '$.data[*]')) from documents
    union all
    select _row_number, json_extract(body, '$.data.object') from documents where body ->> '$.object' = 'event'
    union all
    select _row_number, json_extract(body, '$.resources.charge') from documents
),

minor_units (currency_code, unit) as (
    values
    ('BIF', 1.000), ('CLP', 1.000), ('DJF', 1.000), ('GNF', 1.000), ('JPY', 1.000),
    ('KMF', 1.000), ('KRW', 1.000), ('MGA', 1.000), ('PYG', 1.000), ('RWF', 1.000),
    ('VND', 1.000), ('VUV', 1.000), ('XAF', 1.000), ('XOF', 1.000), ('XPF', 1.000),
    ('BHD', 0.001), ('JOD', 0.001), ('KWD', 0.001), ('OMR', 0.001), ('TND', 0.001)
)

select
    _row_number,
    charge ->> '$.id' as charge_id,
    upper(charge ->> '$.currency') as currency_code,
    cast(charge ->> '$.amount' as decimal(18, 0)) * coalesce(unit, 0.010) as amount,
    cast(coalesce(charge ->> '$.amount_refunded', '0') as decimal(18, 0)) * coalesce(unit, 0.010) as refunded_amount,
    case
        when charge ->> '$.refunded' = 'true' then 'refunded'
        when charge ->> '$.status' = 'succeeded' and charge ->> '$.captured' = 'false' then 'pending'
        else charge ->> '$.status'
    end as status,
    coalesce(charge ->> '$.captured', 'true') <> 'false' as is_captured,
    to_timestamp(cast(charge ->> '$.created' as bigint)) as attempted_at,
    charge ->> '$.metadata.commitment_id' as commitment_id,
    charge ->> '$.customer' as customer_id,
    charge ->> '$.billing_details.name' as payer_name,
    charge ->> '$.billing_details.email' as payer_email,
    coalesce(
        charge ->> '$.failure_message', charge ->> '$.failure_code', charge ->> '$.outcome.reason'
    ) as failure_reason
from found
left join minor_units on upper(charge ->> '$.currency') = minor_units.currency_code
where charge ->> '$.object' = 'charge'
