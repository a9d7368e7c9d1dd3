-- Every rate at which the net present value of dated flows is zero: proof of where no root can be, then refinement.
-- Statuses and the choice of the headline root belong to 23, not here.

create or replace function finance._refine_root(
    amounts double precision [], years double precision [], low double precision, high double precision
) returns double precision
language plpgsql immutable strict parallel safe
as $$
declare
    -- f(low) and f(high) differ in sign: Newton's step where it stays inside the bracket, else half of it.
    horizon constant double precision := years[cardinality(years)];
    sign_low double precision;
    u double precision := low;
    next_u double precision;
    pv double precision;
    f double precision;
    slope double precision;
    gross double precision;
    scale double precision;
begin
    for step in 0..200 loop
        f := 0;
        slope := 0;
        gross := 0;
        scale := greatest(0, -u * horizon);
        for i in 1..cardinality(amounts) loop
            pv := amounts[i] * exp(greatest(-years[i] * u - scale, -150));
            f := f + pv;
            slope := slope - pv * years[i];
            gross := gross + abs(pv);
        end loop;
        if step = 0 then
            if f = 0 then
                return u;
            end if;
            sign_low := sign(f);
            next_u := (low + high) / 2;
        else
            if f = 0 or abs(f) <= 2e-17 * gross then
                return u;
            end if;
            if sign(f) = sign_low then
                low := u;
            else
                high := u;
            end if;
            next_u := case when slope = 0 then high + 1 else u - f / slope end;
            if next_u <= low or next_u >= high then
                next_u := (low + high) / 2;
            end if;
            if abs(next_u - u) <= 1e-16 * (1 + abs(u)) or high - low <= 2e-16 * (1 + abs(u)) then
                return next_u;
            end if;
        end if;
        u := next_u;
    end loop;
    return null;
end
$$;

comment on function finance._refine_root(
    double precision [], double precision [], double precision, double precision
) is 'Internal. The root of NPV between two values of u = ln(1+rate) where it differs in sign; null if 200 steps do not settle it.';

create or replace function finance._irr_roots(
    amounts double precision [], years double precision [], low double precision, high double precision,
    out roots double precision [], out turns integer [], out is_settled boolean
)
language plpgsql immutable strict parallel safe
as $$
declare
    -- Adaptive subdivision of [low, high]. With a pivot c, g(u) = exp(c*u) * f(u) has the zeros of f, and
    -- |g''(u)| <= sum |a| exp((c-t)u) (t-c)^2 =: q(u), a convex function, so its largest value on an interval is at an end.
    --   no root:   g keeps its sign at both ends and min |g| > h*h/8 * max q   (distance of g from its chord)
    --   at most 1: g' keeps its sign at both ends and min |g'| > h/2 * max q
    -- Everything else is split in four. What is left at the finest width either changes sign (a root) or touches zero.
    finest constant double precision := 2.5e-7;
    touch constant double precision := 1e-12;
    m record;
    left_end double precision [] := '{}';
    right_end double precision [] := '{}';
    found_low double precision [] := '{}';
    found_high double precision [] := '{}';
    found_turn integer [] := '{}';
    unsettled_low double precision [] := '{}';
    unsettled_high double precision [] := '{}';
    work integer := 0;
    is_comparable boolean;
    h double precision;
    c double precision;
    k0 double precision;
    k1 double precision;
    g0 double precision;
    g1 double precision;
    d0 double precision;
    d1 double precision;
    q double precision;
    u double precision;
    v record;
    j integer;
begin
    is_settled := true;
    for i in 0..63 loop
        left_end := left_end || (low + (high - low) * i / 64);
        right_end := right_end || case when i = 63 then high else low + (high - low) * (i + 1) / 64 end;
    end loop;
    while cardinality(left_end) > 0 loop
        work := work + cardinality(left_end);
        if work > 40000 then
            is_settled := false;
            exit;
        end if;
        -- nodes alternate: left end, right end of each interval (neighbours repeat a node; that is cheaper than matching)
        select * into m
        from finance._discounted_moments(
            amounts, years, (select array_agg(e.x) from (select unnest(array[l, r]) as x from unnest(left_end, right_end) as p (l, r)) as e)
        );
        unsettled_low := '{}';
        unsettled_high := '{}';
        for i in 1..cardinality(left_end) loop
            j := 2 * i - 1;
            h := right_end[i] - left_end[i];
            c := (m.gross_years[j] / m.gross[j] + m.gross_years[j + 1] / m.gross[j + 1]) / 2;
            -- both ends on the scale of the larger; ends that are further apart than exp(150) prove nothing
            k0 := c * left_end[i] + m.log_scale[j];
            k1 := c * right_end[i] + m.log_scale[j + 1];
            q := greatest(k0, k1);
            is_comparable := least(k0, k1) - q > -150;
            k0 := exp(greatest(k0 - q, -150));
            k1 := exp(greatest(k1 - q, -150));
            g0 := m.npv[j] * k0;
            g1 := m.npv[j + 1] * k1;
            q := greatest(
                k0 * (m.gross_years_squared[j] - c * (2 * m.gross_years[j] - c * m.gross[j]) + 1e-14 * c * c * m.gross[j]),
                k1 * (
                    m.gross_years_squared[j + 1] - c * (2 * m.gross_years[j + 1] - c * m.gross[j + 1])
                    + 1e-14 * c * c * m.gross[j + 1]
                )
            );
            if is_comparable and (g0 < 0) = (g1 < 0) and least(abs(g0), abs(g1)) > h * h / 8 * q then
                continue;
            end if;
            d0 := (c * m.npv[j] - m.npv_years[j]) * k0;
            d1 := (c * m.npv[j + 1] - m.npv_years[j + 1]) * k1;
            if is_comparable and (d0 < 0) = (d1 < 0) and least(abs(d0), abs(d1)) > h / 2 * q then
                if (g0 < 0) <> (g1 < 0) then
                    found_low := found_low || left_end[i];
                    found_high := found_high || right_end[i];
                    found_turn := found_turn || sign(d0)::integer;
                end if;
                continue;
            end if;
            if h > finest then
                for s in 0..3 loop
                    unsettled_low := unsettled_low || (left_end[i] + h * s / 4);
                    unsettled_high := unsettled_high || case when s = 3 then right_end[i] else left_end[i] + h * (s + 1) / 4 end;
                end loop;
            elsif (g0 < 0) <> (g1 < 0) then
                found_low := found_low || left_end[i];
                found_high := found_high || right_end[i];
                found_turn := found_turn || sign(g1 - g0)::integer;
            elsif d0 = 0 or d1 = 0 or (d0 < 0) <> (d1 < 0) then
                u := left_end[i] + h * abs(d0) / nullif(abs(d0) + abs(d1), 0);
                select * into v from finance._discounted_moments(amounts, years, array[coalesce(u, left_end[i])]);
                if abs(v.npv[1]) <= touch * v.gross[1] then
                    found_low := found_low || coalesce(u, left_end[i]);
                    found_high := found_high || coalesce(u, left_end[i]);
                    found_turn := found_turn || 0;
                end if;
            end if;
        end loop;
        left_end := unsettled_low;
        right_end := unsettled_high;
    end loop;

    roots := '{}';
    turns := '{}';
    for v in
        select p.l, p.r, p.turn
        from unnest(found_low, found_high, found_turn) as p (l, r, turn)
        order by p.l, p.r
    loop
        u := case when v.l = v.r then v.l else finance._refine_root(amounts, years, v.l, v.r) end;
        if u is null then
            is_settled := false;
            continue;
        end if;
        j := cardinality(roots);
        if j > 0 and abs(u - roots[j]) <= 4 * finest then
            -- roots nearer than can be told apart are one: two crossings that undo each other are a touch
            turns[j] := sign(turns[j] + v.turn);
        else
            roots := roots || u;
            turns := turns || v.turn;
        end if;
    end loop;
end
$$;

comment on function finance._irr_roots(
    double precision [], double precision [], double precision, double precision
) is
'Internal. All roots of NPV in u = ln(1+rate) on [low, high], rising, each with its turn: -1 NPV falls through zero, '
'+1 it rises, 0 it touches. is_settled is false when the search was given up.';
