-- Long-Nickels PME, the index comparison method: what the same payments and receipts would have earned in the index.

create or replace function finance._ln_pme_account(given finance._valued_flows) returns finance.ln_pme_result
language plpgsql immutable strict parallel safe
as $$
declare
    -- variables of their own: an element of an argument's field is found from the array's start each time
    paid constant double precision [] := given.paid;
    received constant double precision [] := given.received;
    levels constant double precision [] := given.levels;
    n constant integer := cardinality((given).days);
    units double precision := 0;
    bought double precision := 0;
    indexed finance.irr_result;
    answer finance.ln_pme_result;
begin
    answer.ln_pme_status := given.status;
    answer.ln_pme_roots := '{}';
    answer.missing_on := case when given.status = 'missing_level' then given.missing_on end;
    answer.irr := (given.own).irr;
    answer.irr_status := coalesce((given.own).irr_status, 'no_flows');
    if given.status is not null then
        return answer;
    end if;

    for i in 1..n loop
        units := units + (paid[i] - received[i]) / levels[i];
        bought := bought + paid[i] / levels[i];
        -- nothing but what rounding leaves of an account that is sold out
        if abs(units) <= 1e-13 * bought then
            units := 0;
        end if;
        if units < 0 then
            answer.short_on := coalesce(answer.short_on, date '2000-01-01' + given.days[i]);
        end if;
    end loop;
    answer.index_value := units * levels[n];
    indexed := finance._irr_with_value(given.paid, given.received, given.days, answer.index_value);
    answer.ln_pme_roots := indexed.irr_roots;
    answer.is_annualized := indexed.is_annualized;
    if units < 0 then
        answer.ln_pme_status := 'short_index';
        return answer;
    end if;
    answer.ln_pme := indexed.irr;
    answer.ln_pme_status := indexed.irr_status;
    answer.ln_pme_spread := (given.own).irr - indexed.irr;
    return answer;
end
$$;

comment on function finance._ln_pme_account(finance._valued_flows) is
'Internal. The answer of finance.ln_pme_detail for flows in order by day.';

create or replace function finance._ln_pme_detail_of(state text) returns finance.ln_pme_result
language plpgsql immutable strict parallel safe
as $$
begin
    return finance._ln_pme_account(finance._valued_flows_of(state));
end
$$;

comment on function finance._ln_pme_detail_of(text) is 'Internal. Final function of finance.ln_pme_detail.';

create or replace function finance._ln_pme_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._ln_pme_detail_of(state)).ln_pme;
end
$$;

comment on function finance._ln_pme_of(text) is 'Internal. Final function of finance.ln_pme.';

create or replace aggregate finance.ln_pme_detail(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._valued_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._ln_pme_detail_of,
    parallel = safe
);

comment on aggregate finance.ln_pme_detail(numeric, date, double precision, numeric) is
'Long-Nickels PME (index comparison method) with its spread, every root and a status: see finance.ln_pme_result. amount: gross '
'flows of one currency, paid in negative, received positive; never the value held. nav: the value held at the end of on_date, '
'null on rows of flows only (amount null or 0 on rows of values only); several of a day add up. The last date of all rows is '
'the as-of date. level: total-return index in that currency on each day of a flow and on the last. Without a nav on the last '
'day the spread is null. Source: METRICS section 6 (Long and Nickels 1996).';

create or replace aggregate finance.ln_pme(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._valued_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._ln_pme_of,
    parallel = safe
);

comment on aggregate finance.ln_pme(numeric, date, double precision, numeric) is
'Long-Nickels PME: the annual rate, a fraction, that the same flows would have earned in the index; null unless the status of '
'finance.ln_pme_detail is ok. Arguments as there. Source: METRICS section 6.';
