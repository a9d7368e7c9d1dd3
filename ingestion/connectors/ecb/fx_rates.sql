-- stream: fx_rates
-- The wide history (eurofxref-hist.csv): one row a day, one column a currency, units of it for one euro.
-- "N/A" says that no rate was fixed: it yields no row. The empty last column has no values, so it yields none either.
select
    _row_number,
    'EUR' as base_currency_code,
    quote_currency_code,
    "Date" as on_date,
    rate,
    'ECB' as source
from (
    unpivot input
    on columns(* exclude (_row_number, _file_name, "Date"))
    into name quote_currency_code value rate
)
where rate <> 'N/A'
