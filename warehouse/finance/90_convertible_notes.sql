-- Convertible notes and conversion prices one at a time; a whole round, where they depend on each other, is in 91 to 93.

create or replace function finance.note_balance(
    principal numeric, annual_rate numeric, issued_on date, on_date date, matures_on date default null,
    compounding text default 'simple', day_count text default 'ACT/365F', decimals integer default null
) returns numeric
language plpgsql immutable parallel safe
as $$
declare
    balance numeric;
begin
    if principal < 0 or annual_rate < 0 or on_date < issued_on or matures_on < issued_on then
        raise invalid_parameter_value using
            message = format(
                'finance.note_balance: principal %s at %s from %s to %s, maturity %s', principal, annual_rate, issued_on, on_date, matures_on
            ),
            hint = 'Principal and rate (a fraction a year) are not negative; the note is issued on or before the date and its maturity.';
    end if;
    balance := principal + finance.accrue(principal, annual_rate, issued_on, least(on_date, matures_on), day_count, compounding);
    return case when decimals is null then balance else round(balance, decimals) end;
end
$$;

comment on function finance.note_balance(numeric, numeric, date, date, date, text, text, integer) is
'Principal and accrued interest of a note on on_date, positive, in the currency of principal; interest stops at matures_on. '
'annual_rate: fraction. compounding and day_count: as in finance.accrue. decimals: rounds the balance; null keeps 16. '
'Source: METRICS section 11 (note-accrual-*).';

create or replace function finance.conversion_price(
    round_price numeric, cap numeric default null, cap_shares numeric default null, discount numeric default null
) returns numeric
language plpgsql immutable parallel safe
as $$
begin
    if round_price is null then
        return null;
    end if;
    if round_price <= 0 or cap <= 0 or cap_shares <= 0 or discount < 0 or discount >= 1 or (cap is null) <> (cap_shares is null) then
        raise invalid_parameter_value using
            message = format(
                'finance.conversion_price: round price %s, cap %s over %s shares, discount %s', round_price, cap, cap_shares, discount
            ),
            hint = 'Prices, caps and shares are above 0, a cap comes with its shares, a discount is a fraction below 1.';
    end if;
    -- least() leaves out what is null
    return trim_scale(round(least(round(cap, 40) / cap_shares, round_price * (1 - coalesce(discount, 0))), 20));
end
$$;

comment on function finance.conversion_price(numeric, numeric, numeric, numeric) is
'Price a share at which a SAFE or note converts: the lowest of cap / cap_shares and round_price * (1 - discount); the round price '
'without either. cap_shares: the capitalization that the form names. In a round where price and conversions depend on each other use '
'finance.cap_table. Source: METRICS section 11 (note-fundersclub-*).';
