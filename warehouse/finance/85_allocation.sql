-- Sharing an amount among holders to the cent: the LPs' part of a distribution, a fee, a call.

create or replace function finance.allocate(total numeric, weights numeric [], decimals integer default 2) returns numeric []
language plpgsql immutable strict parallel safe
as $$
declare
    n constant integer := cardinality(weights);
    weight_sum constant numeric := (select sum(w) from unnest(weights) as w);
    unit constant numeric := ('1e-' || greatest(decimals, 0))::numeric;
    step numeric;
    left_over numeric := abs(total);
    largest integer := 1;
    next_one integer;
    parts numeric [] := '{}';
    remainders numeric [] := '{}';
begin
    if decimals not between 0 and 12 then
        raise invalid_parameter_value using
            message = format('finance.allocate cannot round to %s decimals', decimals),
            hint = 'Decimals of the currency: from 0 to 12.';
    end if;
    if array_position(weights, null) is not null or coalesce(weight_sum, 0) = 0 then
        return null;
    end if;
    -- whole units first; remainders stay exact, in units of 1 / weight_sum, so that equal ones are equal
    step := weight_sum * unit;
    for k in 1..n loop
        if weights[k] < 0 then
            raise invalid_parameter_value using
                message = format('finance.allocate: weight %s of %s is %s', k, n, weights[k]),
                hint = 'Weights are not negative: commitments, shares, capital.';
        end if;
        if weights[k] > weights[largest] then
            largest := k;
        end if;
        parts := parts || round(div(abs(total) * weights[k], step) * unit, decimals);
        remainders := remainders || (abs(total) * weights[k] - parts[k] * weight_sum);
        left_over := left_over - parts[k];
    end loop;
    while left_over >= unit loop
        next_one := 1;
        for k in 2..n loop
            if remainders[k] > remainders[next_one] then
                next_one := k;
            end if;
        end loop;
        parts[next_one] := parts[next_one] + unit;
        remainders[next_one] := -1;
        left_over := left_over - unit;
    end loop;
    if left_over > 0 then
        parts[largest] := trim_scale(parts[largest] + left_over);
    end if;
    return case when total < 0 then array(select -p from unnest(parts) with ordinality as x (p, k) order by x.k) else parts end;
end
$$;

comment on function finance.allocate(numeric, numeric [], integer) is
'total shared in proportion to weights, rounded to decimals by largest remainder so that the parts sum to total; in the order of '
'weights, the earlier first among equal remainders. total: any sign, its currency; weights: not negative. What total has below a unit '
'stays with the largest part. Null when a weight is null, all are 0 or there is none. Source: METRICS section 8 (cents so that the sum of LPs is the fund).';
