-- Sharing an amount among holders to the cent: the LPs' part of a distribution, a fee, a call.

create or replace function finance.allocate(total numeric, weights numeric [], decimals integer default 2) returns numeric []
language plpgsql immutable strict parallel safe
as $$
declare
    weight_sum constant numeric := (select sum(w) from unnest(weights) as w);
    left_over numeric := abs(total);
    largest integer := 1;
    parts numeric [] := '{}';
begin
    if array_position(weights, null) is not null or coalesce(weight_sum, 0) = 0 then
        return null;
    end if;
    for k in 1..cardinality(weights) loop
        if weights[k] < 0 then
            raise invalid_parameter_value using
                message = format('finance.allocate: weight %s of %s is %s', k, cardinality(weights), weights[k]),
                hint = 'Weights are not negative: commitments, shares, capital.';
        end if;
        if weights[k] > weights[largest] then
            largest := k;
        end if;
        parts := parts || round(round(abs(total) * weights[k], 30) / weight_sum, 30);
        left_over := left_over - parts[k];
    end loop;
    -- the divisions' last digit; then whole cents
    parts[largest] := parts[largest] + left_over;
    parts := finance._round_to_sum(parts, decimals);
    return case when total < 0 then array(select -p from unnest(parts) with ordinality as x (p, k) order by x.k) else parts end;
end
$$;

comment on function finance.allocate(numeric, numeric [], integer) is
'total shared in proportion to weights, rounded to decimals by largest remainder so that the parts sum to total; in the order of '
'weights, the earlier first among equal remainders. total: any sign, its currency; weights: not negative. What total has below a unit '
'stays with the largest part. Null when a weight is null, all are 0 or there is none. Source: METRICS section 8 (cents so that the sum of LPs is the fund).';
