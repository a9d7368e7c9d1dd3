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

create or replace function finance._pme_append_valued(
    state text, amount numeric, on_date date, level double precision, nav numeric
) returns text
language plpgsql immutable parallel safe
as $$
begin
    if amount is null and nav is null then
        return case when on_date is null then state end;
    end if;
    if amount is not null then
        state := finance._pme_append(state, amount, on_date, level);
    end if;
    if nav is not null then
        -- a level below zero marks a value held
        state := state || (
            ',' || nav || ',' || (on_date - date '2000-01-01')
            || ',' || case when level > 0 and level < 'infinity' then -level else 'NaN' end
        );
    end if;
    return state;
end
$$;

comment on function finance._pme_append_valued(text, numeric, date, double precision, numeric) is
'Internal. Transition function of the public market equivalents whose value held stands apart from the flows.';

create or replace function finance._pme_detail_of(state text) returns finance.pme_result
language plpgsql immutable strict parallel safe
as $$
declare
    -- days and levels are read as double precision; money stays exact until what has one day and level is complete
    given constant double precision [] := ('{' || substr(state, 2) || '}')::double precision [];
    money constant numeric [] := ('{' || substr(state, 2) || '}')::numeric [];
    places constant integer [] := (
        select array_agg(k order by given[k + 1], abs(given[k + 2]), given[k + 2])
        from generate_series(1, cardinality(given), 3) as k
    );
    n constant integer := coalesce(cardinality(places), 0);
    k integer;
    next_k integer;
    part_paid numeric := 0;
    part_received numeric := 0;
    part_held numeric := 0;
    paid double precision := 0;
    received double precision := 0;
    net double precision := 0;
    pairs double precision [] := '{}';
    amounts double precision [];
    days integer [];
    entries bigint := 0;
    entries_before bigint := 0;
    days_with_flows bigint := 0;
    only_paid_in boolean := true;
    last_zero_day integer;
    single double precision [];
    alpha finance.irr_result;
    answer finance.pme_result;
begin
    for i in 1..n loop
        k := places[i];
        next_k := places[i + 1];
        if given[k] <> 0 then
            if given[k + 2] = 'NaN' then
                answer.pme_status := 'missing_level';
                return answer;
            end if;
            entries := entries + 1;
            if given[k + 2] < 0 then
                -- a value held is what would be received, also below zero: never a payment
                part_held := part_held + money[k];
            else
                part_paid := part_paid - least(money[k], 0);
                part_received := part_received + greatest(money[k], 0);
            end if;
        end if;
        if given[next_k + 1] = given[k + 1] and given[k + 2] <> 'NaN' and given[next_k + 2] <> 'NaN'
            and abs(given[next_k + 2]) <> abs(given[k + 2]) then
            answer.pme_status := 'mixed_levels';
            return answer;
        end if;
        continue when given[next_k + 1] = given[k + 1] and abs(given[next_k + 2]) = abs(given[k + 2]);
        if part_paid <> 0 or part_received <> 0 or part_held <> 0 then
            paid := paid + part_paid::double precision / abs(given[k + 2]);
            received := received + (part_received + part_held)::double precision / abs(given[k + 2]);
            -- flows of one day net before they are divided by the day's level, in exact arithmetic
            net := net + (part_received + part_held - part_paid)::double precision / abs(given[k + 2]);
            part_paid := 0;
            part_received := 0;
            part_held := 0;
        end if;
        continue when given[next_k + 1] = given[k + 1];
        days_with_flows := days_with_flows + (entries > entries_before)::integer;
        entries_before := entries;
        if net = 0 then
            last_zero_day := given[k + 1];
        else
            pairs := pairs || array[net, given[k + 1]];
            amounts := amounts || net;
            days := days || given[k + 1]::integer;
            only_paid_in := only_paid_in and net < 0;
            net := 0;
        end if;
    end loop;
    -- the short way first, as finance.xirr does: the search for every root costs twenty times as much
    single := finance._single_root(pairs);
    if coalesce(single[1] between -36.7 and 9.21, false) then
        alpha.irr := exp(single[1]) - 1;
        alpha.irr_status := 'ok';
        answer.direct_alpha := single[1];
    else
        alpha := finance._irr_of_series(
            amounts, days, given[places[1] + 1]::integer, given[places[n] + 1]::integer,
            finance._status_without_sign_change(
                entries, days_with_flows, coalesce(cardinality(days), 0), only_paid_in, last_zero_day, days[cardinality(days)]
            )
        );
        answer.direct_alpha := ln(1 + alpha.irr);
    end if;
    if paid > 0 then
        answer.ks_pme := received / paid;
        answer.pme_status := alpha.irr_status;
    else
        answer.pme_status := case when entries > 0 then 'no_contributions' else 'no_flows' end;
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

create or replace aggregate finance.pme_detail(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._pme_append_valued,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._pme_detail_of,
    parallel = safe
);

comment on aggregate finance.pme_detail(numeric, date, double precision, numeric) is
'finance.pme_detail with the value held apart from the flows, in nav on the as-of date (rows of flows: null; rows of values: amount '
'null). A value below zero takes from what was received, as in TVPI; among the flows it would count as paid in. Source: METRICS '
'section 6.';

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

create or replace aggregate finance.ks_pme(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._pme_append_valued,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._ks_pme_of,
    parallel = safe
);

comment on aggregate finance.ks_pme(numeric, date, double precision, numeric) is
'finance.ks_pme with the value held apart from the flows: see finance.pme_detail. Source: METRICS section 6.';

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
