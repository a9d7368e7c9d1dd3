-- stream: index_levels
-- Total return of the S&P 500 from Shiller's monthly file: each month's price and a twelfth of its yearly dividend,
-- over the month before, reinvested; 100 in the first month. Prices are monthly averages dated the first.
-- 0 means missing: after the last month with a dividend the index would quietly become a price index, so it stops.
with months as (
    select
        _row_number,
        "Date" as on_date,
        "SP500"::double as price,
        "Dividend"::double as dividend
    from input
),

priced as (
    select
        *,
        (price + dividend / 12) / lag(price) over (order by on_date) as growth
    from months
    where on_date <= (select max(on_date) from months where dividend > 0)
)

select
    _row_number,
    'SP500TR' as index_code,
    on_date,
    cast(100 * product(coalesce(growth, 1)) over (order by on_date) as decimal(24, 8)) as level
from priced
