-- The straight way of 21_irr_single_root for up to 48 flows, written out flow by flow. An element of an array costs PL/pgSQL
-- five times what a variable costs, and a statement of one flow as much as a sum over five: so each flow has two variables
-- (p#, its present value at the anchor; d#, its days after the first row) and each sum is one statement. Nobody would write
-- that by hand: the text below is a template, made into a function for every eight flows more, once for flows that alternate
-- with their days in one array and once for an array each.
--   <<#: … |separator>>  the part before the bar for every flow, with # for its number, joined by the separator
--   <amount>, <day>      the flow itself; beyond the last flow zeros, on the day of the first row

do $generate$
declare
    template constant text := $template$
create or replace function finance.<name>(<arguments>, with_days boolean) returns double precision []
language plpgsql immutable parallel safe
as $body$
declare
    -- See finance._single_root_of_many for the method and its bounds.
    n constant integer := <count>;
    origin constant double precision := <first day>;
    <<#: d# double precision; p# double precision;|>>
    earliest double precision;
    latest double precision;
    horizon double precision;
    anchor double precision := 0.15;  -- 16 %
    u double precision;
    x double precision;
    npv double precision;
    gross double precision;
    paid double precision;
    received double precision;
    paid_mean double precision;  -- days after the first row, weighted by present value, like the variances
    received_mean double precision;
    paid_variance double precision;
    received_variance double precision;
    per_y double precision;  -- u = anchor + (y - y0) * per_y + (y - y0)^2 * bend + (y - y0)^3 * rest(y)
    bend double precision;
    rest double precision;
    rest_before double precision;
    y0 double precision;
    y double precision;
    y_before double precision;
    step double precision;
    step_before double precision;
    first_received double precision;
    last_paid double precision;
    since double precision;
    until double precision;
    parts integer;
    surely_negative double precision;
    is_found boolean := false;
begin
    <<#: d# := <day> - origin;|>>
    earliest := least(<<#: d#|,>>);
    latest := greatest(<<#: d#|,>>);
    horizon := (latest - earliest) / 365;
    for anchors in 1..6 loop
        -- keeps every exponent under 270, and with gross every term inside the range of double precision; 22 copes with more
        if not abs(anchor) * horizon < 250 then
            return null;
        end if;
        x := -anchor / 365;
        <<#: p# := <amount> * exp(d# * x);|>>
        npv := <<#: p#| +>>;
        gross := <<#: abs(p#)| +>>;
        if (gross between 1e-100 and 1e100 and horizon > 0) is not true then
            return null;
        end if;
        if abs(npv) < 0.9999 * gross then
            paid := (gross - npv) / 2;
            received := (gross + npv) / 2;
            npv := <<#: p# * d#| +>>;
            gross := <<#: abs(p#) * d#| +>>;
            paid_mean := (gross - npv) / 2 / paid;
            received_mean := (gross + npv) / 2 / received;
            npv := <<#: p# * d# * d#| +>>;
            gross := <<#: abs(p#) * d# * d#| +>>;
            paid_variance := (gross - npv) / 2 / paid - paid_mean * paid_mean;
            received_variance := (gross + npv) / 2 / received - received_mean * received_mean;
        else
            -- as differences of sums these would have lost their digits: far from the root one side outweighs the other
            paid := -(<<#: least(p#, 0)| +>>);
            received := <<#: greatest(p#, 0)| +>>;
            if paid = 0 or received = 0 then
                return null;
            end if;
            paid_mean := -(<<#: least(p#, 0) * d#| +>>) / paid;
            received_mean := (<<#: greatest(p#, 0) * d#| +>>) / received;
            paid_variance := -(<<#: least(p#, 0) * d# * d#| +>>) / paid - paid_mean * paid_mean;
            received_variance := (<<#: greatest(p#, 0) * d# * d#| +>>) / received - received_mean * received_mean;
        end if;
        -- with mean dates so near each other the rounding of the sums shows in the rate: 23 nets by day first
        if abs(received_mean - paid_mean) <= 1e-4 * (latest - earliest) then
            return null;
        end if;
        y0 := ln(received / paid);
        per_y := 365 / (paid_mean - received_mean);
        bend := -per_y * per_y * per_y * (received_variance - paid_variance) / 266450;
        if abs(y0 * bend) > abs(per_y) / 2 then
            bend := 0;
        end if;
        step := -y0 * (per_y - y0 * bend);
        u := anchor + step;
        is_found := abs(step) * horizon < 1e-5;
        rest := null;
        y := null;
        for looks in 1..4 loop
            exit when is_found or not abs(u - anchor) * horizon < 20;
            x := (anchor - u) / 365;
            npv := (<<#: p# * exp(d# * x)| +>>) / (paid * exp(x * (paid_mean + x * paid_variance / 2)));
            exit when not npv between -0.9 and 9;
            y_before := y;
            y := ln(1 + npv);
            exit when y = y0;
            rest_before := rest;
            rest := ((u - anchor) / (y - y0) - per_y - (y - y0) * bend) / ((y - y0) * (y - y0));
            step_before := step;
            step := anchor - u - y0 * (
                per_y - y0 * (bend - y0 * (rest - y * coalesce((rest - rest_before) / nullif(y - y_before, 0), 0)))
            );
            u := u + step;
            -- far from the anchor what stands for paid outgrows it, and y is small where no root is
            is_found := looks > 1 and step * step < 1e-12 * least(abs(step_before), 1)
                and abs(y) * exp(x * x * paid_variance / 2) < 1e-3;
        end loop;
        exit when is_found;
        anchor := u;
    end loop;
    -- below -99.9999 % a double has so few digits of the rate left that flows are better netted by day first, as 23 does
    if not (is_found and u > -13.8 and abs(u) * horizon < 250) then
        return null;
    end if;
    -- One sign change, one root. Otherwise Soper's condition: before the first receipt and after the last payment the balance
    -- keeps its sign by itself; the time between is cut into 1, 2, 4, 8 parts, in each of which all receipts are taken to come
    -- first and all payments last.
    first_received := least(<<#: case when p# > 0 then d# end|,>>);
    last_paid := greatest(<<#: case when p# < 0 then d# end|,>>);
    if last_paid >= first_received then
        x := (anchor - u) / 365;
        surely_negative := -2e-9 * paid * exp(x * paid_mean);
        foreach parts in array array[1, 2, 4, 8] loop
            until := first_received;
            for part in 1..parts loop
                since := until;
                until := first_received + (last_paid - first_received) * part / parts;
                npv := <<#: case when d# <= case when p# < 0 then since else until end then p# * exp(d# * x) else 0 end| +>>;
                exit when npv > surely_negative;
            end loop;
            exit when npv <= surely_negative;
        end loop;
        -- the condition is one on a root: where the last look was not near enough to it, another one has to show it
        if npv <= surely_negative and coalesce(abs(y), 1) * exp(x * x * paid_variance / 2) > 1e-9 and abs(<<#: p# * exp(d# * x)| +>>) > -1e-3 * surely_negative then
            return null;
        end if;
        if npv > surely_negative and not finance._is_only_root(<alternating>, u) then
            return null;
        end if;
    end if;
    if not with_days then
        return array[u];
    end if;
    return array[
        u,
        origin + least(first_received, <<#: case when p# < 0 then d# end|,>>),
        origin + greatest(last_paid, <<#: case when p# > 0 then d# end|,>>),
        origin + latest
    ];
end
$body$;
comment on function finance.<name>(<arguments>, boolean) is
'Internal. finance._single_root for up to <size> flows. Made from a template.';
$template$;
    form record;
    source text;
    part record;
begin
    for form in
        select *
        from (
            values
            (
                '_single_root_', 'flows double precision []', 'cardinality(flows) / 2', 'flows[2]', 'flows',
                'flows[%2$s]', 'flows[%3$s]'
            ),
            (
                '_single_root_of_arrays_', 'amounts double precision [], dates date []', 'cardinality(amounts)',
                'dates[1] - date ''2000-01-01''', 'finance._alternating(amounts, dates)',
                'amounts[%1$s]', '(dates[%1$s] - date ''2000-01-01'')'
            )
        ) as v (name, arguments, flows, first_day, alternating, amount, day),
            generate_series(8, 48, 8) as size
    loop
        source := template;
        for part in
            select distinct m[1] as whole, m[2] as element, m[3] as separator
            from regexp_matches(template, '(<<#:(.*?)\|([^|]*?)>>)', 'g') as m
        loop
            source := replace(
                source,
                part.whole,
                (
                    select string_agg(replace(replace(replace(part.element, '<amount>', f.amount), '<day>', f.day), '#', f.k::text), part.separator order by f.k)
                    from (
                        -- only the last eight may be missing
                        select
                            k,
                            format(case when k > form.size - 8 then 'case when n < %1$s then 0 else ' || form.amount || ' end' else form.amount end, k, 2 * k - 1, 2 * k) as amount,
                            format(case when k > form.size - 8 then 'case when n < %1$s then origin else ' || form.day || ' end' else form.day end, k, 2 * k - 1, 2 * k) as day
                        from generate_series(1, form.size) as k
                    ) as f
                )
            );
        end loop;
        source := replace(source, '<name>', form.name || form.size);
        source := replace(source, '<arguments>', form.arguments);
        source := replace(source, '<count>', form.flows);
        source := replace(source, '<first day>', form.first_day);
        source := replace(source, '<alternating>', form.alternating);
        execute replace(source, '<size>', form.size::text);
    end loop;
end
$generate$;

create or replace function finance._alternating(amounts double precision [], dates date []) returns double precision []
language sql immutable parallel safe
as $$
    select array_agg(e.element order by f.k, e.place)
    from
        unnest(amounts, dates) with ordinality as f (amount, on_date, k),
        unnest(array[f.amount, f.on_date - date '2000-01-01']) with ordinality as e (element, place)
$$;

comment on function finance._alternating(double precision [], date []) is
'Internal. amount, day, amount, day …, days since 2000-01-01, as finance._single_root takes them.';

create or replace function finance._single_root(flows double precision [], with_days boolean) returns double precision []
language sql immutable parallel safe
as $$
    select case (cardinality(flows) / 2 + 7) / 8
        when 0 then null
        when 1 then finance._single_root_8(flows, with_days)
        when 2 then finance._single_root_16(flows, with_days)
        when 3 then finance._single_root_24(flows, with_days)
        when 4 then finance._single_root_32(flows, with_days)
        when 5 then finance._single_root_40(flows, with_days)
        when 6 then finance._single_root_48(flows, with_days)
        else finance._single_root_of_many(flows)
    end
$$;

comment on function finance._single_root(double precision [], boolean) is
'Internal. The only root u = ln(1+rate) of flows given as amount, day, amount, day … in any order, an odd element at the end '
'being none; null where this short way cannot prove that there is exactly one root. with_days: followed by the first and the '
'last day of a flow other than zero and the last day given.';

create or replace function finance._single_root(flows double precision []) returns double precision []
language sql immutable parallel safe
as $$
    select finance._single_root(flows, true)
$$;

comment on function finance._single_root(double precision []) is 'Internal. finance._single_root with its days.';

create or replace function finance._single_root_of_arrays(
    amounts double precision [], dates date [], with_days boolean
) returns double precision []
language sql immutable parallel safe
as $$
    select case
        when cardinality(amounts) <> cardinality(dates) then null
        else
            case (cardinality(amounts) + 7) / 8
                when 0 then null
                when 1 then finance._single_root_of_arrays_8(amounts, dates, with_days)
                when 2 then finance._single_root_of_arrays_16(amounts, dates, with_days)
                when 3 then finance._single_root_of_arrays_24(amounts, dates, with_days)
                when 4 then finance._single_root_of_arrays_32(amounts, dates, with_days)
                when 5 then finance._single_root_of_arrays_40(amounts, dates, with_days)
                when 6 then finance._single_root_of_arrays_48(amounts, dates, with_days)
                else finance._single_root_of_many(finance._alternating(amounts, dates))
            end
    end
$$;

comment on function finance._single_root_of_arrays(double precision [], date [], boolean) is
'Internal. As finance._single_root, of flows in an array each for amounts and dates; null too where one of them is null.';
