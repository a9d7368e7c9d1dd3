-- PME+: receipts scaled so that the index account ends at the value that the fund holds.

create or replace function finance._pme_plus_account(given finance._valued_flows) returns finance.pme_plus_result
language plpgsql immutable strict parallel safe
as $$
declare
    -- variables of their own: an element of an argument's field is found from the array's start each time
    paid constant double precision [] := given.paid;
    received constant double precision [] := given.received;
    levels constant double precision [] := given.levels;
    n constant integer := cardinality((given).days);
    bought double precision := 0;
    sold double precision := 0;
    kept double precision;
    scaled double precision [] := '{}';
    indexed finance.irr_result;
    answer finance.pme_plus_result;
begin
    answer.pme_plus_status := given.status;
    answer.pme_plus_roots := '{}';
    answer.missing_on := case when given.status = 'missing_level' then given.missing_on end;
    answer.irr := (given.own).irr;
    answer.irr_status := coalesce((given.own).irr_status, 'no_flows');
    if given.status is not null then
        return answer;
    end if;
    if given.navs[n] is null then
        answer.pme_plus_status := 'missing_nav';
        answer.missing_on := date '2000-01-01' + given.days[n];
        return answer;
    end if;

    -- in units of the index: the level of the last day cancels in the scale
    for i in 1..n loop
        bought := bought + paid[i] / levels[i];
        sold := sold + received[i] / levels[i];
    end loop;
    if sold = 0 then
        answer.pme_plus_status := 'no_distributions';
        return answer;
    end if;
    kept := bought - given.navs[n] / levels[n];
    answer.scale := case when abs(kept) <= 1e-13 * bought then 0 else kept / sold end;
    if answer.scale < 0 then
        answer.pme_plus_status := 'negative_scale';
        return answer;
    end if;
    for i in 1..n loop
        scaled := scaled || answer.scale * received[i];
    end loop;
    indexed := finance._irr_with_value(given.paid, scaled, given.days, given.navs[n]);
    answer.pme_plus := indexed.irr;
    answer.pme_plus_status := indexed.irr_status;
    answer.pme_plus_roots := indexed.irr_roots;
    answer.is_annualized := indexed.is_annualized;
    answer.pme_plus_spread := (given.own).irr - indexed.irr;
    return answer;
end
$$;

comment on function finance._pme_plus_account(finance._valued_flows) is
'Internal. The answer of finance.pme_plus_detail for flows in order by day.';

create or replace function finance._pme_plus_detail_of(state text) returns finance.pme_plus_result
language plpgsql immutable strict parallel safe
as $$
begin
    return finance._pme_plus_account(finance._valued_flows_of(state));
end
$$;

comment on function finance._pme_plus_detail_of(text) is 'Internal. Final function of finance.pme_plus_detail.';

create or replace function finance._pme_plus_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._pme_plus_detail_of(state)).pme_plus;
end
$$;

comment on function finance._pme_plus_of(text) is 'Internal. Final function of finance.pme_plus.';

create or replace aggregate finance.pme_plus_detail(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._valued_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._pme_plus_detail_of,
    parallel = safe
);

comment on aggregate finance.pme_plus_detail(numeric, date, double precision, numeric) is
'PME+ with its scale (lambda), spread, every root and a status: see finance.pme_plus_result. Arguments as in '
'finance.ln_pme_detail; a nav on the last day is needed (0 for a fund that is wound up). Source: METRICS section 6 '
'(Rouvinez 2003; US patent 7,698,196).';

create or replace aggregate finance.pme_plus(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._valued_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._pme_plus_of,
    parallel = safe
);

comment on aggregate finance.pme_plus(numeric, date, double precision, numeric) is
'PME+ rate: annual, a fraction, of payments, receipts scaled to the index and the value held; null unless the status of '
'finance.pme_plus_detail is ok. Arguments as in finance.ln_pme_detail. Source: METRICS section 6.';
