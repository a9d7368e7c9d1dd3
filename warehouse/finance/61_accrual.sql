-- Interest, fees and preferred returns that accrue over time by a day count, simple or compounding.

create or replace function finance._day_counts() returns text []
language sql immutable parallel safe
as $$
    select array[
        'ACT/365F', 'ACT/360', '30/360', '30E/360', 'ACT/ACT',
        'ACT/365.25', 'ACT/364', 'NL/365', 'NL/360', '30U/360', '30E+/360', '30E/360 ISDA'
    ]
$$;

comment on function finance._day_counts() is 'Internal. The day counts of finance.year_fraction by name; the default of terms first.';

create or replace function finance._accrual_days(
    day_count text, from_date date, to_date date, out days numeric, out basis numeric
)
language plpgsql immutable strict parallel safe
as $$
begin
    -- whole numbers, so that an amount is divided once and a cent is never lost on the way
    case day_count
        when 'ACT/365F' then
            days := to_date - from_date;
            basis := 365;
        when 'ACT/360' then
            days := to_date - from_date;
            basis := 360;
        when '30/360' then
            days := round(finance.years_30_360(from_date, to_date) * 360);
            basis := 360;
        when '30E/360' then
            days := round(finance.years_30e_360(from_date, to_date) * 360);
            basis := 360;
        when 'ACT/ACT' then
            -- days of leap years in units of 1/366, the others of 1/365
            basis := 365 * 366;
            days := round(finance.years_act_act_isda(from_date, to_date) * (365 * 366));
        when 'ACT/365.25' then
            days := 100 * (to_date - from_date);
            basis := 36525;
        when 'ACT/364' then
            days := to_date - from_date;
            basis := 364;
        when 'NL/365' then
            days := finance._days_without_leap_days(from_date, to_date);
            basis := 365;
        when 'NL/360' then
            days := finance._days_without_leap_days(from_date, to_date);
            basis := 360;
        else
            if day_count <> all(finance._day_counts()) then
                raise invalid_parameter_value using
                    message = format('the day count %L is not known', day_count),
                    hint = format('Day counts are %s.', array_to_string(finance._day_counts(), ', '));
            end if;
            days := finance._days_by_months_of_30(day_count, from_date, to_date);
            basis := 360;
    end case;
end
$$;

comment on function finance._accrual_days(text, date, date) is
'Internal. The days between two dates by a day count and the days of its year, both whole.';

create or replace function finance.year_fraction(day_count text, from_date date, to_date date) returns double precision
language sql immutable strict parallel safe
as $$
    select (a.days / a.basis)::double precision from finance._accrual_days(day_count, from_date, to_date) as a
$$;

comment on function finance.year_fraction(text, date, date) is
'Years between two dates by the name of a day count: ACT/365F, ACT/360, 30/360 (bond basis), 30E/360, ACT/ACT (ISDA); also ACT/365.25, '
'ACT/364, NL/365 and NL/360 (no 29 February counts), 30U/360 (US, with the end of February), 30E+/360, 30E/360 ISDA (every end of a '
'month counts as 30). Negative when the second date is earlier. See finance.years_act_365f and its siblings. Source: ISDA 2006 4.16.';

create or replace function finance.accrue(
    principal numeric, rate numeric, from_date date, to_date date, day_count text, compounding text default 'simple'
) returns numeric
language plpgsql immutable strict parallel safe
as $$
declare
    months constant integer := case compounding
        when 'monthly' then 1
        when 'quarterly' then 3
        when 'semiannual' then 6
        when 'annual' then 12
    end;
    balance numeric := principal;
    since date := from_date;
    until date;
    part record;
begin
    if months is null and compounding not in ('simple', 'exponential') then
        raise invalid_parameter_value using
            message = format('finance.accrue does not know the compounding %L', compounding),
            hint = 'Compounding is simple, annual, semiannual, quarterly, monthly or exponential.';
    end if;
    select * into part from finance._accrual_days(day_count, from_date, to_date);
    if to_date <= from_date then
        return 0;
    end if;
    if compounding = 'exponential' then
        if rate <= -1 then
            raise numeric_value_out_of_range using
                message = format('finance.accrue cannot compound at the rate %s', rate),
                hint = 'A rate is a fraction above -1: 0.08 is 8 %.';
        end if;
        return round(principal * (power(1 + rate, round(part.days, 24) / part.basis) - 1), 16);
    end if;
    for period in 1..coalesce((to_date - from_date) / 28, 0) loop
        exit when months is null;
        until := from_date + make_interval(months => months * period);
        exit when until > to_date;
        select * into part from finance._accrual_days(day_count, since, until);
        -- a quotient of numeric has at least the decimals of what is divided
        balance := round(balance + round(balance * rate * part.days, 24) / part.basis, 16);
        since := until;
    end loop;
    select * into part from finance._accrual_days(day_count, since, to_date);
    return round(balance + round(balance * rate * part.days, 24) / part.basis - principal, 16);
end
$$;

comment on function finance.accrue(numeric, numeric, date, date, text, text) is
'What principal has earned from the end of from_date to the end of to_date, in its currency, 16 decimals, 0 when to_date is not '
'later. rate: nominal, a year, fraction. day_count: as in finance.year_fraction. compounding: simple; annual, semiannual, '
'quarterly, monthly: interest by the day count joins the balance each so many months after from_date (the last of the month '
'where there is no such day), and the rest of time, the stub, is simple on that balance; exponential: (1 + rate) ^ years, the '
'clock of an IRR hurdle. An agreement that counts both days: pass to_date + 1. Source: METRICS sections 8 and 11.';
