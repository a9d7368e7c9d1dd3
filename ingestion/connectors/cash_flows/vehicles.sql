-- stream: vehicles
-- header: no
-- columns: date, amount
-- One vehicle a file, so that each file's return stands alone. The file names no currency: US dollars are assumed.
-- A file is a complete series, so the vehicle is closed on its last day.
select
    min(_row_number) as _row_number,
    'cash-flows-' || min(_file_name) as vehicle_id,
    'Cash flows ' || min(_file_name) as name,
    'fund' as kind,
    'USD' as currency_code,
    left(min(date), 4) as vintage_year,
    max(date) as closed_on,
    'closed' as status
from input
