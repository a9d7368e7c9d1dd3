-- finance.xirr and finance.xirr_detail of arrays, for where speed counts: `array_agg` collects flows in compiled code, at a third
-- of what the transition function of an aggregate written in PL/pgSQL costs, and nothing has to be read from text again.

create or replace function finance._flows_of_arrays(amounts numeric [], dates date []) returns text
language sql immutable parallel safe
as $$
    -- one value missing makes the state unknown, as in finance._flows_append
    select case
        when count(*) filter (where (f.amount is null) <> (f.on_date is null)) = 0
            then coalesce(string_agg(f.amount || ',' || (f.on_date - date '2000-01-01') || ',', ''), '')
    end
    from unnest(amounts, dates) as f (amount, on_date)
$$;

comment on function finance._flows_of_arrays(numeric [], date []) is 'Internal. The state that finance.xirr would have after these rows.';

create or replace function finance.xirr_detail(amounts numeric [], dates date []) returns finance.irr_result
language plpgsql immutable parallel safe
as $$
declare
    flows constant double precision [] := amounts;
    single constant double precision [] := finance._single_root_of_arrays(flows, dates, true);
begin
    if single[1] between -36.7 and 9.21 then
        return finance._irr_of_single_root(single);
    end if;
    return finance._irr_of_any_flows(finance._flows_of_arrays(amounts, dates));
end
$$;

comment on function finance.xirr_detail(numeric [], date []) is
'finance.xirr_detail of flows given as two arrays, element by element: write finance.xirr_detail(array_agg(amount), '
'array_agg(on_date)) where many series are solved. Same answers, signs, statuses and treatment of missing values; arrays of '
'different length make the result null. Source: METRICS section A.';

create or replace function finance.xirr(amounts numeric [], dates date []) returns double precision
language plpgsql immutable parallel safe
as $$
declare
    flows constant double precision [] := amounts;
    u constant double precision := (finance._single_root_of_arrays(flows, dates, false))[1];
begin
    if u between -36.7 and 9.21 then
        return exp(u) - 1;
    end if;
    return (finance._irr_of_any_flows(finance._flows_of_arrays(amounts, dates))).irr;
end
$$;

comment on function finance.xirr(numeric [], date []) is
'finance.xirr of flows given as two arrays, element by element: write finance.xirr(array_agg(amount), array_agg(on_date)) where '
'many series are solved. Annual effective rate as a fraction, null where there is not exactly one investment root. '
'Source: METRICS section A.';
