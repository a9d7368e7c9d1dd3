-- stream: transactions
-- header: no
-- columns: date, amount
-- Negative is paid in (contribution), positive is paid out (distribution); an amount of 0 moves nothing either way.
-- A file has no ids: the row number makes one, so several flows a day stay apart.
select
    _row_number,
    'cash-flows-' || _file_name || '-' || _row_number as transaction_id,
    'cash-flows-' || _file_name as vehicle_id,
    'cash-flows-' || _file_name as investor_id,
    case when amount like '-%' then 'contribution' else 'distribution' end as kind,
    ltrim(amount, '-') as amount,
    'USD' as currency_code,
    date as effective_on
from input
