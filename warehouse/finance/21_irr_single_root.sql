-- The common case: one root, found in three sweeps over the flows as they came and proved to be the only one.
-- Everything else goes to 22.

create or replace function finance._is_only_root(
    flows double precision [], u double precision, is_in_order boolean
) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    -- Soper 1959: when the balance of payments and receipts, discounted at the root, keeps the sign of the first flow until
    -- the last, there is no other root. Proof by Laguerre's rule: the partial sums change sign nowhere, so no root lies
    -- above; the sums from the other end are their opposites, so none lies below.
    x constant double precision := -u / 365;
    n constant integer := cardinality(flows);
    day double precision;
    day_before double precision;
    pv double precision;
    balance double precision := 0;
    gross double precision := 0;
    opening_sign double precision;
begin
    for i in 1..n by 2 loop
        continue when flows[i] = 0;
        day := flows[i + 1];
        if day <> day_before then
            opening_sign := coalesce(opening_sign, sign(balance));
            if day < day_before or balance * opening_sign <= 1e-9 * gross then
                -- flows mostly come in order: sort them only when what was taken for granted does not hold
                return not is_in_order and finance._is_only_root(
                    (
                        select array_agg(f.v)
                        from (
                            select unnest(array[flows[s.k], flows[s.k + 1]]) as v
                            from (select k from generate_series(1, n, 2) as k order by flows[k + 1]) as s
                        ) as f
                    ), u, true
                );
            end if;
        end if;
        day_before := day;
        pv := flows[i] * exp(day * x);
        balance := balance + pv;
        gross := gross + abs(pv);
    end loop;
    return abs(balance) < 1e-12 * gross;
end
$$;

comment on function finance._is_only_root(double precision [], double precision, boolean) is
'Internal. Whether u = ln(1+rate) is a root of flows (amount, day, amount, day …) and provably the only one; false when '
'unsure. is_in_order: days are known not to descend.';

create or replace function finance._single_root(flows double precision []) returns double precision []
language plpgsql immutable strict parallel safe
as $$
declare
    -- flows: amount, day, amount, day … in any order, not netted: neither changes where NPV is zero. Answers with u, the
    -- first and the last day of a flow other than zero, and the last day given.
    -- y(u) = ln(received / paid), both discounted at u = ln(1 + rate), is almost a straight line with the distance between
    -- the mean dates as its slope. One step of Newton from u = 0, then the inverse cubic through the last two points with
    -- their slopes (Hermite).
    n constant integer := cardinality(flows);
    amount double precision;
    day double precision;
    paid double precision := 0;
    paid_days double precision := 0;
    received double precision := 0;
    received_days double precision := 0;
    first_day double precision := 'infinity';
    last_day double precision := '-infinity';
    first_received double precision := 'infinity';
    last_paid double precision := '-infinity';
    last_zero double precision := '-infinity';
    horizon double precision;
    farthest double precision;
    u double precision := 0;
    x double precision;
    y double precision;
    y_before double precision;
    per_y double precision;  -- du/dy at the last point, at the one before, and between the two
    per_y_before double precision;
    per_y_between double precision;
    bend double precision;
    step double precision := 0;
    step_before double precision;
    is_near boolean;
begin
    for i in 1..n by 2 loop
        amount := flows[i];
        day := flows[i + 1];
        if amount < 0 then
            paid := paid - amount;
            paid_days := paid_days - amount * day;
            last_paid := greatest(last_paid, day);
            first_day := least(first_day, day);
        elsif amount > 0 then
            received := received + amount;
            received_days := received_days + amount * day;
            first_received := least(first_received, day);
            last_day := greatest(last_day, day);
        else
            last_zero := greatest(last_zero, day);
        end if;
    end loop;
    if paid = 0 or received = 0 then
        return null;
    end if;
    first_day := least(first_day, first_received);
    last_day := greatest(last_day, last_paid);
    -- within one day there is no time to earn a rate in: what nets to zero has every rate as its root
    if first_day = last_day then
        return null;
    end if;
    horizon := (last_day - first_day) / 365;
    farthest := greatest(abs(first_day), abs(last_day), 7300);
    for sweep in 1..9 loop
        y := ln(received / paid);
        per_y := paid_days / paid - received_days / received;
        if per_y = 0 then
            return null;
        end if;
        per_y := 365 / per_y;
        step_before := step;
        step := -y * per_y;
        if sweep > 1 and y <> y_before then
            per_y_between := step_before / (y - y_before);
            bend := (per_y_between - per_y) / (y_before - y);
            step := step + y * y * (
                bend - y_before * ((per_y_before - per_y_between) / (y_before - y) - bend) / (y_before - y)
            );
        end if;
        y_before := y;
        per_y_before := per_y;
        u := u + step;
        -- 22 copes with what exp() cannot reach
        if not abs(u) * farthest < 200000 then
            return null;
        end if;
        -- the error left is about (step * step before)^2 * horizon^3; of the first step, which is Newton's alone, step^2 * horizon
        is_near := abs(step) * horizon * case when sweep > 1 then abs(step_before) * horizon else 1 end < 1e-7;
        exit when is_near;
        x := -u / 365;
        paid := 0;
        paid_days := 0;
        received := 0;
        received_days := 0;
        for i in 1..n by 2 loop
            day := flows[i + 1];
            amount := flows[i] * exp(day * x);
            if amount < 0 then
                paid := paid - amount;
                paid_days := paid_days - amount * day;
            else
                received := received + amount;
                received_days := received_days + amount * day;
            end if;
        end loop;
    end loop;
    if not is_near then
        return null;
    end if;
    -- one sign change, one root; otherwise it has to be proved
    if last_paid < first_received or finance._is_only_root(flows, u, false) then
        return array[u, first_day, last_day, greatest(last_day, last_zero)];
    end if;
    return null;
end
$$;

comment on function finance._single_root(double precision []) is
'Internal. The only root u = ln(1+rate) of flows given as amount, day, amount, day … in any order, with the first and the last '
'day of a flow and the last day given; null where this short way cannot prove that there is exactly one root.';
