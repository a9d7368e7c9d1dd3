-- Public market equivalents of one series of gross dated flows against the levels of an index on the flows' dates.
-- METRICS section 6. The index level of the as-of date cancels in each of them, so only levels on the flows' dates are needed.

create or replace function finance._pme_append(state text, amount numeric, on_date date, level double precision) returns text
language plpgsql immutable parallel safe
as $$
begin
    -- like finance._flows_append; a level that is missing or no level is written as NaN and told by pme_status
    return case
        when amount is null and on_date is null then state
        else state || (
            ',' || amount || ',' || (on_date - date '2000-01-01')
            || ',' || case when level > 0 and level < 'infinity' then level else 'NaN' end
        )
    end;
end
$$;

comment on function finance._pme_append(text, numeric, date, double precision) is
'Internal. Transition function of the public market equivalents.';

create or replace function finance._pme_detail_of(state text) returns finance.pme_result
language plpgsql immutable strict parallel safe
as $$
declare
    given constant numeric [] := ('{' || substr(state, 2) || '}')::numeric [];
    totals record;
    flows record;
    single double precision [];
    alpha finance.irr_result;
    answer finance.pme_result;
begin
    select
        -- in one order, so that the order of rows does not reach the last digit
        sum(given[k]::double precision / given[k + 2]::double precision order by given[k + 1], given[k + 2], given[k])
        filter (where given[k] > 0) as received,
        -sum(given[k]::double precision / given[k + 2]::double precision order by given[k + 1], given[k + 2], given[k])
        filter (where given[k] < 0) as paid,
        coalesce(bool_or(given[k + 2] = 'NaN') filter (where given[k] <> 0), false) as is_level_missing
    into totals
    from generate_series(1, cardinality(given), 3) as k;
    if totals.is_level_missing then
        answer.pme_status := 'missing_level';
        return answer;
    end if;

    -- flows of one day net before they are divided by the day's level, in exact arithmetic
    select
        array_agg(d.net order by d.day) filter (where d.net <> 0) as amounts,
        array_agg(d.day order by d.day) filter (where d.net <> 0) as days,
        string_agg(d.net || ',' || d.day, ',' order by d.day) as pairs,
        min(d.day) as first_day,
        max(d.day) as last_day,
        finance._status_without_sign_change(
            coalesce(sum(d.entries), 0)::bigint,
            count(*) filter (where d.entries > 0),
            count(*) filter (where d.net <> 0),
            bool_and(d.net <= 0),
            max(d.day) filter (where d.net = 0),
            max(d.day) filter (where d.net <> 0)
        ) as status_if_flat
    into flows
    from (
        select
            p.day,
            sum(p.net order by p.level) as net,
            sum(p.entries) as entries
        from (
            select
                given[k + 1]::integer as day,
                given[k + 2] as level,
                case when sum(given[k]) = 0 then 0 else sum(given[k])::double precision / given[k + 2]::double precision end as net,
                count(*) filter (where given[k] <> 0) as entries
            from generate_series(1, cardinality(given), 3) as k
            group by given[k + 1], given[k + 2]
        ) as p
        group by p.day
    ) as d;
    -- the short way first, as finance.xirr does: the search for every root costs twenty times as much
    single := finance._single_root(('{' || flows.pairs || '}')::double precision []);
    if coalesce(single[1] between -36.7 and 9.21, false) then
        alpha.irr := exp(single[1]) - 1;
        alpha.irr_status := 'ok';
        answer.direct_alpha := single[1];
    else
        alpha := finance._irr_of_series(flows.amounts, flows.days, flows.first_day, flows.last_day, flows.status_if_flat);
        answer.direct_alpha := ln(1 + alpha.irr);
    end if;

    if totals.paid > 0 then
        answer.ks_pme := coalesce(totals.received, 0) / totals.paid;
        answer.pme_status := alpha.irr_status;
    else
        answer.pme_status := case when flows.status_if_flat = 'no_flows' then 'no_flows' else 'no_contributions' end;
    end if;
    answer.direct_alpha_rate := alpha.irr;
    return answer;
end
$$;

comment on function finance._pme_detail_of(text) is 'Internal. Final function of finance.pme_detail.';

create or replace function finance._ks_pme_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._pme_detail_of(state)).ks_pme;
end
$$;

comment on function finance._ks_pme_of(text) is 'Internal. Final function of finance.ks_pme.';

create or replace function finance._direct_alpha_of(state text) returns double precision
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._pme_detail_of(state)).direct_alpha;
end
$$;

comment on function finance._direct_alpha_of(text) is 'Internal. Final function of finance.direct_alpha.';

create or replace aggregate finance.pme_detail(amount numeric, on_date date, level double precision) (
    sfunc = finance._pme_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._pme_detail_of,
    parallel = safe
);

comment on aggregate finance.pme_detail(numeric, date, double precision) is
'KS-PME and direct alpha with a status. amount: gross flows of one currency, never netted; paid in negative, received and the '
'value held (as a last flow) positive. level: total-return index in that currency on the date or the last before it, see '
'finance.index_level. Source: METRICS section 6 (Kaplan-Schoar 2005; Gredil, Griffiths, Stucke 2014).';

create or replace aggregate finance.ks_pme(amount numeric, on_date date, level double precision) (
    sfunc = finance._pme_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._ks_pme_of,
    parallel = safe
);

comment on aggregate finance.ks_pme(numeric, date, double precision) is
'Kaplan-Schoar public market equivalent: received and value held over paid in, each grown with the index; above 1 beats it. '
'Arguments as in finance.pme_detail. Null when a level is missing or nothing was paid in. Source: METRICS section 6.';

create or replace aggregate finance.direct_alpha(amount numeric, on_date date, level double precision) (
    sfunc = finance._pme_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._direct_alpha_of,
    parallel = safe
);

comment on aggregate finance.direct_alpha(numeric, date, double precision) is
'Direct alpha ln(1+a), annual, as a fraction: a is the IRR of the flows divided by the index. Arguments as in '
'finance.pme_detail. Null where that IRR has no single investment root. Source: METRICS section 6.';
