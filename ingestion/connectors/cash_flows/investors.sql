-- stream: investors
-- header: no
-- columns: date, amount
-- One investor a file, named after it.
select
    min(_row_number) as _row_number,
    'cash-flows-' || min(_file_name) as investor_id,
    'Investor of ' || min(_file_name) as name
from input
