-- finance.waterfall as aggregates and finance.waterfall_tiers as rows: distributions through the tiers of an agreement.
-- The state of an aggregate is text: the terms, a line break, then ',[amount,day,deal,realised cost]' a row.

create or replace function finance._waterfall_append(
    state text, amount numeric, on_date date, deal text, realised_cost numeric, terms jsonb
) returns text
language plpgsql immutable parallel safe
as $$
declare
    header text;
begin
    if amount is null and on_date is null and coalesce(realised_cost, 0) = 0 then
        -- an outer join's row is no flow, yet may be the only one that brings the terms
        return case when state = '' and terms is not null then terms::text || E'\n' else state end;
    end if;
    if state is null or terms is null or amount is null or on_date is null or amount in ('NaN', 'Infinity', '-Infinity')
        or (amount > 0 and realised_cost is null) then
        return null;
    end if;
    if realised_cost < 0 or (amount < 0 and realised_cost > 0) then
        raise invalid_parameter_value using
            message = format('finance.waterfall: realised cost %s with amount %s on %s', realised_cost, amount, on_date),
            hint = 'realised_cost is not negative, and comes with what was received (amount above 0) or a write-down (amount 0).';
    end if;
    header := terms::text || E'\n';
    if state = '' then
        state := header;
    elsif not starts_with(state, header) then
        raise invalid_parameter_value using
            message = 'finance.waterfall was given two different terms in one group',
            hint = 'Group by whatever distinguishes the agreements; the terms are the same on each row.';
    end if;
    return state || ',[' || amount || ',' || (on_date - date '2000-01-01') || ','
        || coalesce(to_json(deal)::text, 'null') || ',' || coalesce(realised_cost, 0) || ']';
end
$$;

comment on function finance._waterfall_append(text, numeric, date, text, numeric, jsonb) is
'Internal. Transition function of finance.waterfall.';

create or replace function finance._waterfall_append_fund(
    state text, amount numeric, on_date date, terms jsonb
) returns text
language plpgsql immutable parallel safe
as $$
begin
    if terms ->> 'basis' = 'american' then
        raise invalid_parameter_value using
            message = 'finance.waterfall: basis american needs the deals',
            hint = 'Call finance.waterfall(amount, on_date, deal, realised_cost, terms), or say basis european.';
    end if;
    return finance._waterfall_append(state, amount, on_date, null, 0, terms);
end
$$;

comment on function finance._waterfall_append_fund(text, numeric, date, jsonb) is
'Internal. Transition function of finance.waterfall without deals.';

create or replace function finance._waterfall_run(
    state text, value numeric, as_of date, wants_tiers boolean
) returns finance._waterfall_outcome
language plpgsql immutable parallel safe
as $$
declare
    terms constant finance.waterfall_terms := finance.waterfall_terms(split_part(state, E'\n', 1)::jsonb);
    flows constant jsonb := ('[' || substr(split_part(state, E'\n', 2), 2) || ']')::jsonb;
begin
    return (
        select
            finance._waterfall_walk(
                array_agg((f ->> 0)::numeric order by k),
                array_agg(date '2000-01-01' + (f ->> 1)::integer order by k),
                array_agg(f ->> 2 order by k),
                array_agg((f ->> 3)::numeric order by k),
                terms,
                value,
                as_of,
                wants_tiers
            )
        from jsonb_array_elements(flows) with ordinality as e (f, k)
    );
end
$$;

comment on function finance._waterfall_run(text, numeric, date, boolean) is 'Internal. The walk through an aggregate''s state.';

create or replace function finance._waterfall_of(state text) returns finance.waterfall_result
language plpgsql immutable strict parallel safe
as $$
begin
    if state = '' then
        return null;
    end if;
    return (finance._waterfall_run(state, null, null, false)).result;
end
$$;

comment on function finance._waterfall_of(text) is 'Internal. Final function of finance.waterfall.';

create or replace aggregate finance.waterfall(amount numeric, on_date date, terms jsonb) (
    sfunc = finance._waterfall_append_fund,
    stype = text,
    initcond = '',
    finalfunc = finance._waterfall_of,
    parallel = safe
);

comment on aggregate finance.waterfall(numeric, date, jsonb) is
'A whole-fund (european) waterfall: who received what of dated cash, and what the GP owes back, as finance.waterfall_result. '
'amount: paid in by LPs negative (fees and expenses included), cash to be distributed positive (before carry), one currency; '
'on_date: the date from which the agreement''s preferred return runs; terms: see finance.waterfall_terms, the same on each row. '
'Null when half a flow or the terms are null. Source: METRICS 8.1.';

create or replace aggregate finance.waterfall(
    amount numeric, on_date date, deal text, realised_cost numeric, terms jsonb
) (
    sfunc = finance._waterfall_append,
    stype = text,
    initcond = '',
    finalfunc = finance._waterfall_of,
    parallel = safe
);

comment on aggregate finance.waterfall(numeric, date, text, numeric, jsonb) is
'A waterfall with deals: basis american in terms pays carry deal by deal (realised cost, write-downs and the share of fees and '
'expenses that falls on them come back first), basis european ignores the deals. amount: as without deals; paid in without a deal '
'is fees and expenses. realised_cost: the cost of the part of the deal that was sold (with amount above 0; 0 for income, null is '
'unknown and makes the result null) or written down (with amount 0). Source: METRICS section 8.';

create or replace function finance.waterfall_tiers(
    amounts numeric [], dates date [], terms jsonb, deals text [] default null, realised_costs numeric [] default null
) returns setof finance.waterfall_tier
language plpgsql immutable parallel safe
as $$
declare
    state text := '';
begin
    if cardinality(amounts) <> cardinality(dates) or cardinality(amounts) <> cardinality(deals)
        or cardinality(amounts) <> cardinality(realised_costs) then
        raise invalid_parameter_value using
            message = format(
                'finance.waterfall_tiers: %s amounts, %s dates, %s deals, %s realised costs',
                cardinality(amounts), cardinality(dates), cardinality(deals), cardinality(realised_costs)
            ),
            hint = 'The arrays are columns of the same rows; aggregate them with array_agg in one query.';
    end if;
    for i in 1..coalesce(cardinality(amounts), 0) loop
        state := case
            when deals is null then finance._waterfall_append_fund(state, amounts[i], dates[i], terms)
            else finance._waterfall_append(state, amounts[i], dates[i], deals[i], realised_costs[i], terms)
        end;
    end loop;
    if state <> '' then
        return query select t.* from unnest((finance._waterfall_run(state, null, null, true)).tiers) as t;
    end if;
end
$$;

comment on function finance.waterfall_tiers(numeric [], date [], jsonb, text [], numeric []) is
'One row for each distribution and tier, as finance.waterfall_tier; arguments are the columns of finance.waterfall as arrays. '
'Several flows of one day are one distribution, after what was paid in that day. No rows when half a flow is null. '
'Source: METRICS 8.1.';

create or replace function finance.full_catch_up(preferred_return numeric, terms jsonb) returns numeric
language plpgsql immutable strict parallel safe
as $$
declare
    t constant finance.waterfall_terms := finance.waterfall_terms(terms);
    size constant numeric := finance._catch_up_size(preferred_return, t);
begin
    if preferred_return < 0 then
        raise invalid_parameter_value using
            message = format('finance.full_catch_up: the preferred return is %s', preferred_return),
            hint = 'Give what was paid or is owed as preferred return, 0 or more.';
    end if;
    return case when size < 'Infinity' then round(t.catch_up_rate * size, t.decimals) end;
end
$$;

comment on function finance.full_catch_up(numeric, jsonb) is
'What the GP receives in the catch-up tier until it is full, for a preferred return paid in full: c * carry * pref / (c - carry), '
'or carry * pref where terms say catch_up_to preferred_return. Null when a catch-up rate c at or below carry never completes. '
'In the currency of preferred_return, not negative. Source: METRICS section 8 (KPMG 2023 and CohnReznick 2024 wordings).';
