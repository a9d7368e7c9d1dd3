-- The common case: one root, found in one sweep for moments and two or three for present value, over the flows as they came,
-- and proved to be the only one. Everything else goes to 22. A sweep is a loop of few and short statements: each costs
-- some 40 ns a flow, which is what this file's time consists of.

drop function if exists finance._is_only_root(double precision [], double precision, boolean);

-- Soper 1959: when the balance of payments and receipts, discounted at the root, keeps the sign of the first flow until the
-- last, there is no other root. Proof by Laguerre's rule: the partial sums change sign nowhere, so no root lies above; the
-- sums from the other end are their opposites, so none lies below. Flows of one day may be taken in any order.

create or replace function finance._is_only_root_by_periods(
    flows double precision [], u double precision, first_day double precision, last_day double precision
) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    -- No sorting: the horizon is cut into periods, and inside each of them all receipts are taken to come first.
    x constant double precision := -u / 365;
    periods constant integer := 32;
    per_day constant double precision := (periods - 1) / (last_day - first_day);
    paid double precision [] := array_fill(0::double precision, array[periods]);
    received double precision [] := paid;
    paid_before double precision;
    received_by_then double precision := 0;
    pv double precision;
    period integer;
begin
    for i in 1..cardinality(flows) - 1 by 2 loop
        pv := flows[i] * exp(flows[i + 1] * x);
        if pv < 0 then
            period := 1 + ((flows[i + 1] - first_day) * per_day)::integer;
            paid[period] := paid[period] - pv;
        elsif pv > 0 then
            period := 1 + ((flows[i + 1] - first_day) * per_day)::integer;
            received[period] := received[period] + pv;
        end if;
    end loop;
    if received[1] <> 0 or paid[periods] <> 0 then
        return false;
    end if;
    paid_before := paid[1];
    for k in 2..periods - 1 loop
        received_by_then := received_by_then + received[k];
        if received_by_then >= paid_before * (1 - 2e-9) then
            return false;
        end if;
        paid_before := paid_before + paid[k];
    end loop;
    return abs(received_by_then + received[periods] - paid_before) < 2e-12 * paid_before;
end
$$;

comment on function finance._is_only_root_by_periods(double precision [], double precision, double precision, double precision) is
'Internal. Whether u = ln(1+rate) is a root of flows (amount, day, amount, day …) that open with a payment, and provably '
'the only one; false when unsure. first_day, last_day: of a flow other than zero, not the same.';

create or replace function finance._is_only_root(flows double precision [], u double precision) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
    -- Day by day, payments first: that keeps the sign of an account that opens with a payment.
    x constant double precision := -u / 365;
    present_values constant double precision [] := array(
        select flows[k] * exp((flows[k + 1] - flows[2]) * x)
        from generate_series(1, cardinality(flows) - 1, 2) as k
        where flows[k] <> 0
        order by flows[k + 1], flows[k]
    );
    opening_sign constant double precision := sign(present_values[1]);
    balance double precision := present_values[1];
    gross double precision := abs(balance);
begin
    for k in 2..cardinality(present_values) loop
        if balance * opening_sign <= 1e-9 * gross then
            return false;
        end if;
        balance := balance + present_values[k];
        gross := gross + abs(present_values[k]);
    end loop;
    return abs(balance) < 1e-12 * gross;
end
$$;

comment on function finance._is_only_root(double precision [], double precision) is
'Internal. Whether u = ln(1+rate) is a root of flows (amount, day, amount, day …) and provably the only one; false when '
'unsure.';

create or replace function finance._single_root_of_many(flows double precision []) returns double precision []
language plpgsql immutable strict parallel safe
as $$
declare
    -- flows: amount, day, amount, day … in any order, not netted: neither changes where NPV is zero; an odd element at the
    -- end is no flow. Answers with u, the first and the last day of a flow other than zero, and the last day given.
    -- y(u) = ln(received / paid), both discounted at u = ln(1 + rate), is almost a straight line with the distance between
    -- the mean dates as its slope. One sweep at an anchor takes y with two derivatives; from there on paid(u) is taken to
    -- be paid * exp(v(u)), v its Taylor polynomial of second degree, which has no influence on where y is zero and leaves
    -- only NPV to be summed. The root is u(y) at y = 0 by inverse interpolation: the parabola of the anchor and a cubic
    -- term through the points looked at since.
    n constant integer := cardinality(flows);
    fours constant integer := n / 8 * 8;  -- four flows a statement are a fifth faster than one
    amount double precision;
    day double precision;
    paid double precision;
    paid_days double precision;
    paid_squares double precision;
    received double precision;
    received_days double precision;
    received_squares double precision;
    first_day double precision := 'infinity';
    last_day double precision := '-infinity';
    first_received double precision := 'infinity';
    last_paid double precision := '-infinity';
    last_zero double precision := '-infinity';
    horizon double precision;
    farthest double precision;
    anchor double precision := 0.1;
    u double precision;
    x double precision;
    paid_mean double precision;  -- days, weighted by present value, like the variances
    received_mean double precision;
    paid_variance double precision;
    per_y double precision;  -- u = anchor + (y - y0) * per_y + (y - y0)^2 * bend + (y - y0)^3 * rest(y)
    bend double precision;
    rest double precision;
    rest_before double precision;
    y0 double precision;
    y double precision;
    y_before double precision;
    npv double precision;
    step double precision;
    step_before double precision;
    is_found boolean := false;
begin
    for anchors in 1..6 loop
        x := -anchor / 365;
        paid := 0;
        paid_days := 0;
        paid_squares := 0;
        received := 0;
        received_days := 0;
        received_squares := 0;
        for i in 1..n - 1 by 2 loop
            day := flows[i + 1];
            amount := flows[i] * exp(greatest(least(day * x, 300), -300));
            if amount < 0 then
                paid := paid - amount;
                paid_days := paid_days - amount * day;
                paid_squares := paid_squares - amount * day * day;
                if day > last_paid or day < first_day then
                    last_paid := greatest(last_paid, day);
                    first_day := least(first_day, day);
                end if;
            else
                received := received + amount;
                received_days := received_days + amount * day;
                received_squares := received_squares + amount * day * day;
                if day < first_received or day > last_day then
                    if amount = 0 then
                        last_zero := greatest(last_zero, day);
                        farthest := greatest(farthest, abs(day));
                    else
                        first_received := least(first_received, day);
                        last_day := greatest(last_day, day);
                    end if;
                end if;
            end if;
        end loop;
        -- 22 scales by the largest amount
        if paid = 0 or received = 0 or not paid + received between 1e-100 and 1e100 then
            return null;
        end if;
        if anchors = 1 then
            first_day := least(first_day, first_received);
            last_day := greatest(last_day, last_paid);
            horizon := (last_day - first_day) / 365;
            farthest := greatest(farthest, abs(first_day), abs(last_day), 7300);
        end if;
        -- a step or a date may lie where exp() overflows, which is an error that would stop the whole query: 22 copes. The
        -- bound keeps every exponent under 274, so quotients and products of two such values stay in range as well
        if not abs(anchor) * farthest < 100000 then
            return null;
        end if;
        y0 := ln(received / paid);
        paid_mean := paid_days / paid;
        received_mean := received_days / received;
        if paid_mean = received_mean or horizon = 0 then
            return null;
        end if;
        paid_variance := paid_squares / paid - paid_mean * paid_mean;
        per_y := 365 / (paid_mean - received_mean);
        bend := -per_y * per_y * per_y
            * (received_squares / received - received_mean * received_mean - paid_variance) / 266450;
        if abs(y0 * bend) > abs(per_y) / 2 then
            bend := 0;
        end if;
        step := -y0 * (per_y - y0 * bend);
        u := anchor + step;
        -- the error left is about step^3 * horizon^2
        is_found := abs(step) * horizon < 1e-5;
        rest := null;
        for looks in 1..4 loop
            -- 22 copes with what exp() cannot reach
            if not abs(u) * farthest < 100000 then
                return null;
            end if;
            exit when is_found or not abs(u - anchor) * horizon < 20;
            x := -u / 365;
            npv := 0;
            for i in 1..fours by 8 loop
                npv := npv + flows[i] * exp(flows[i + 1] * x) + flows[i + 2] * exp(flows[i + 3] * x)
                    + flows[i + 4] * exp(flows[i + 5] * x) + flows[i + 6] * exp(flows[i + 7] * x);
            end loop;
            for i in fours + 1..n - 1 by 2 loop
                npv := npv + flows[i] * exp(flows[i + 1] * x);
            end loop;
            x := x + anchor / 365;
            npv := npv / (paid * exp(x * (paid_mean + x * paid_variance / 2)));
            exit when not npv between -0.9 and 9;
            y_before := y;
            y := ln(1 + npv);
            rest_before := rest;
            exit when y = y0;
            rest := ((u - anchor) / (y - y0) - per_y - (y - y0) * bend) / ((y - y0) * (y - y0));
            step_before := step;
            step := anchor - u - y0 * (
                per_y - y0 * (bend - y0 * (rest - y * coalesce((rest - rest_before) / nullif(y - y_before, 0), 0)))
            );
            u := u + step;
            -- steps shrink by a factor that shrinks itself: what is left is less than the next of them
            -- far from the anchor what stands for paid outgrows it, and y is small where no root is
            is_found := looks > 1 and step * step < 1e-12 * least(abs(step_before), 1)
                and abs(y) * exp(x * x * paid_variance / 2) < 1e-3;
        end loop;
        exit when is_found;
        anchor := u;
    end loop;
    -- one sign change, one root; otherwise it has to be proved
    if is_found and (
        last_paid < first_received
        or finance._is_only_root_by_periods(flows, u, first_day, last_day)
        or finance._is_only_root(flows, u)
    ) then
        return array[u, first_day, last_day, greatest(last_day, last_zero)];
    end if;
    return null;
end
$$;

comment on function finance._single_root_of_many(double precision []) is
'Internal. finance._single_root for any number of flows; 21_irr_unrolled is quicker for few.';
