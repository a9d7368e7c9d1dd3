-- Modified PME: an index account that pays out, at each receipt, the share of itself that the fund paid out of itself.

create or replace function finance._mpme_account(given finance._valued_flows) returns finance.mpme_result
language plpgsql immutable strict parallel safe
as $$
declare
    epoch constant date := date '2000-01-01';
    -- variables of their own: an element of an argument's field is found from the array's start each time
    paid constant double precision [] := given.paid;
    received constant double precision [] := given.received;
    levels constant double precision [] := given.levels;
    navs constant double precision [] := given.navs;
    days constant integer [] := given.days;
    n constant integer := cardinality((given).days);
    account double precision := 0;
    invested double precision := 0;
    share double precision;
    sold double precision [] := '{}';
    path_dates date [] := '{}';
    path_values double precision [] := '{}';
    indexed finance.irr_result;
    answer finance.mpme_result;
begin
    answer.mpme_status := given.status;
    answer.mpme_roots := '{}';
    answer.missing_on := case when given.status = 'missing_level' then given.missing_on end;
    answer.irr := (given.own).irr;
    answer.irr_status := coalesce((given.own).irr_status, 'no_flows');
    if given.status is not null then
        return answer;
    end if;

    for i in 1..n loop
        -- what is paid in on a day is invested before the share of that day's receipt is sold
        if i > 1 then
            account := account * (levels[i] / levels[i - 1]);
        end if;
        account := account + paid[i];
        share := 0;
        if received[i] > 0 then
            if navs[i] is null or navs[i] < 0 then
                answer.mpme_status := case when navs[i] < 0 then 'negative_nav' else 'missing_nav' end;
                answer.missing_on := epoch + days[i];
                return answer;
            end if;
            share := received[i] / (received[i] + navs[i]);
        end if;
        sold := sold || share * account;
        account := account - share * account;
        -- hundreds of receipts halve an account beyond what double precision can multiply: by then it is nothing
        invested := invested + paid[i];
        if account < 1e-30 * invested then
            account := 0;
        end if;
        path_dates := path_dates || (epoch + days[i]);
        path_values := path_values || account;
    end loop;
    answer.path_dates := path_dates;
    answer.path_values := path_values;
    answer.index_value := account;
    indexed := finance._irr_with_value(given.paid, sold, given.days, account);
    answer.mpme := indexed.irr;
    answer.mpme_status := indexed.irr_status;
    answer.mpme_roots := indexed.irr_roots;
    answer.is_annualized := indexed.is_annualized;
    answer.mpme_spread := (given.own).irr - indexed.irr;
    return answer;
end
$$;

comment on function finance._mpme_account(finance._valued_flows) is
'Internal. The answer of finance.mpme_detail for flows in order by day.';

create or replace function finance._mpme_detail_of(state text) returns finance.mpme_result
language plpgsql immutable strict parallel safe
as $$
begin
    return finance._mpme_account(finance._valued_flows_of(state));
end
$$;

comment on function finance._mpme_detail_of(text) is 'Internal. Final function of finance.mpme_detail.';

create or replace function finance._mpme_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._mpme_detail_of(state)).mpme;
end
$$;

comment on function finance._mpme_of(text) is 'Internal. Final function of finance.mpme.';

create or replace aggregate finance.mpme_detail(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._valued_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._mpme_detail_of,
    parallel = safe
);

comment on aggregate finance.mpme_detail(numeric, date, double precision, numeric) is
'Modified PME with its spread, the account''s path, every root and a status: see finance.mpme_result. Arguments as in '
'finance.ln_pme_detail; a nav is needed on every day of a receipt, after that receipt. Values of several holders on one day '
'add up, so pool only holders who are all valued on those days. Source: METRICS section 6 (Cambridge Associates).';

create or replace aggregate finance.mpme(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._valued_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._mpme_of,
    parallel = safe
);

comment on aggregate finance.mpme(numeric, date, double precision, numeric) is
'Modified PME rate: annual, a fraction, of the index account of finance.mpme_detail; null unless its status is ok. Arguments '
'as in finance.ln_pme_detail. Source: METRICS section 6.';
