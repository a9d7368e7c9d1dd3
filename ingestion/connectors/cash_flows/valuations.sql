-- stream: valuations
-- header: no
-- columns: date, amount
-- A file is a complete series: what is left after its last flow is nothing.
select
    arg_max(_row_number, date) as _row_number,
    'cash-flows-' || min(_file_name) as vehicle_id,
    'cash-flows-' || min(_file_name) as investor_id,
    max(date) as as_of,
    '0' as nav_amount,
    'USD' as currency_code,
    'reported' as basis
from input
